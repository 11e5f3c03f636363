#!/usr/bin/env python3
"""Drives the built program through its commands: what they print, what they refuse, what is recorded.

usage: test_commands.py SHOOTDOWN
"""
import re
import sys

import harness
from harness import has, objects, refused

NAME = "mremap-late-flush"
SCENARIO = harness.TWO_STORES + """\
say      first the store
do       cpu0.step
say      then the load
do       cpu1.step; cpu1.step
"""


def names_of(listed):
    """The commands that `help` lists."""
    return re.findall(r"^  ([\w-]+)  ", listed.split("Topics:")[0], re.M)


def case_issue_example(p):
    done = p.plain(f"load {NAME}; step 5; show tlb; back 5; show pagetable; actions")
    has(done, "    5  cpu0.step", "at step 0 of 5", "heap+0", "cpu1.step")
    assert done.err == ""


def case_moving(p):
    has(p.plain(f"load {NAME}; s 3; back 2; when"), "at step 1 of 3")
    has(p.plain(f"load {NAME}; s 3; back 2; forward 5; when"), "at step 3 of 3")
    has(p.plain(f"load {NAME}; s 3; goto 1; goto +1; goto -2; goto @end; when"), "at step 3 of 3")
    has(p.plain(f"load {NAME}; s 3; mark here; goto @start; goto @here"), "at step 3 of 3")
    refused(p, f"load {NAME}; back", "start")
    refused(p, f"load {NAME}; forward", "no future")
    refused(p, f"load {NAME}; goto 5", "'5'", "0 to 0")
    refused(p, f"load {NAME}; goto @nowhere", "'@nowhere'")
    refused(p, f"load {NAME}; step x", "'x'", "1 to")
    refused(p, f"load {NAME}; step 0", "'0'")
    refused(p, f"load {NAME}; step 1 2", "'2'", "too many")


def case_actors(p):
    has(p.plain(f"load {NAME}; stepi cpu1"), "1  cpu1.step")
    has(p.plain(f"load {NAME}; finish mover"), "cpu0.step")
    has(p.plain(f"load {NAME}; next victim; actions all"), "cpu1.step", "nothing runs there")
    refused(p, f"load {NAME}; stepi cpu3", "'cpu3'", "no actor")
    refused(p, f"load {NAME}; next victim; next victim", "cpu1 cannot go on")
    has(p.plain(f"load {NAME}; focus cpu1; step; focus off; step"), "1  cpu1.step", "2  cpu0.step")


def case_choosing(p):
    has(p.plain(f"load {NAME}; 2; do cpu0.step"), "1  cpu1.step", "2  cpu0.step")
    has(p.plain(f"load {NAME}; peek 2; when"), "would: cpu1", "every rule still holds", "at step 0 of 0")
    has(p.plain(f"load {NAME}; 1; back; 2; branch; branch 1; step"), "  1  steps to 1", "* ", "on branch 1")
    refused(p, f"load {NAME}; 77", "'77'", "1 to 3")
    refused(p, f"load {NAME}; do cpu0.dance", "cpu0.dance")
    refused(p, f"load {NAME}; do cpu0.ipi", "no interrupt is pending")


def case_stops(p):
    has(p.plain(f"load {NAME}; break move_ptes; continue"), "stopped by break 1: move_ptes")
    has(p.plain(f"load {NAME}; watch pte A heap+0; c; rc; when"), "is now none", "at step 0 of")
    has(p.plain(f"load {NAME}; break lock; c; delete 1; show stops"), "stopped by break 1", "no breaks")
    has(p.plain(f"load {NAME}; break cpu1; watch lock mmap_lock_of_A; c"), "stopped by watch 2")
    refused(p, f"load {NAME}; break nothing-there", "'nothing-there'")
    refused(p, f"load {NAME}; watch teapot 1", "teapot")
    refused(p, f"load {NAME}; watch frame 999", "999")
    refused(p, f"load {NAME}; delete 4", "4")


def case_stops_more(p):
    # The page is freed while CPU 1 has it cached in the bad order, which is the kept future here, and in no other.
    has(p.plain(f"load {NAME}; explore; goto @start; break free if stale(heap+0); c; p stale(heap+0)", status=3),
        "stopped by break 1: free if stale(heap+0)", "stale(heap+0) = true")
    assert "stopped" not in p.plain(f"load {NAME}; break free if stale(heap+0); c").out
    done = p.plain(f"load {NAME}; break lock if step > 3; c; when")
    has(done, "stopped by break 1", "at step 5 of 5")
    has(p.plain(f"load {NAME}; tbreak lock; c; info breaks"), "stopped by tbreak 1: lock", "no breaks")
    has(p.plain(f"load {NAME}; break lock; disable 1; info breaks; enable; c; when"), "(disabled)", "at step 1 of 1")
    has(p.plain(f"load {NAME}; watch frame(5).refs; c"), "stopped by watch 1: frame(5).refs is now 1")
    has(p.plain(f"load {NAME}; rwatch pte A heap+0; c; rc; when"), "stopped by rwatch 1", "at step 0 of 2")
    has(p.plain(f"load {NAME}; awatch tlb cpu1; c", status=0), "stopped by awatch 1: tlb cpu1")
    # A read by CPU 1 of its own TLB; no read, no stop.
    has(p.plain(f"load {NAME}; rwatch tlb cpu1; do cpu0.step; do cpu1.step"), "stopped by rwatch 1")
    assert "stopped" not in p.plain(f"load {NAME}; rwatch tlb cpu1; step 3").out
    refused(p, f"load {NAME}; break free if teapot", "'teapot'")
    refused(p, f"load {NAME}; break free if", "the end of the line")
    refused(p, f"load {NAME}; break free free", "'free'", "too many")
    refused(p, f"load {NAME}; rwatch frame(5).refs", "rwatch tlb cpu1")
    refused(p, f"load {NAME}; watch frame(500).refs", "'500'", "MAX_FRAMES")
    refused(p, f"load {NAME}; disable 7", "7")
    has(p.plain(f"load {NAME}; break free; undo; info breaks"), "no breaks")


def case_expressions(p):
    done = p.plain(f"load {NAME}; p pte(A,heap+0); p tlb(cpu1,heap+0); p tlb(cpu0, 0x7f0000001000); p mm(A).cpumask;"
                   "p cpu(0).task; p task(mover).doing; p frame(pte(A,heap+0).pfn).owner == file; p 1 - 3;"
                   "p none == tlb(cpu0,heap+0) && !stale(heap+0); p 0x10 >= 16 || false; p lock(mmap_lock_of_A).held")
    has(done, "pte(A,heap+0) = pfn 5 RW A D", "tlb(cpu1,heap+0) = 5", "0x7f0000001000) = none", "0x3 (cpus 0,1)",
        ".task = mover", "doing = mremap", "== file = true", "1 - 3 = -2", "stale(heap+0) = true", "false = true",
        ".held = false")
    has(p.plain(f"load {NAME}; display step; display pending; step 2; list 3; undisplay 1; step"),
        "       1: step = 2", "behind the |: step, pending", "| 2, 0", "       2: pending = 0")
    assert "1: step = 3" not in p.plain(f"load {NAME}; display step; step 2; undisplay 1; step").out
    done = p.run("--json", "-c", f"load {NAME}; print pte(A,heap+0).write", status=0)
    assert objects(done.out)[-1]["value"] == "true"
    for text, word in (("teapot", "'teapot'"), ("pte(B,heap+0)", "'B'"), ("pte(A,teapot)", "'teapot'"),
                       ("frame(3)", "needs a field"), ("frame(3).x", "'x'"), ("1 +", "the end of the line"),
                       ("(1", "')'"), ("frame(5).owner == bar", "free, anon"), ("step = 3", "'='"),
                       ("frame(5).owner < anon", "no order"), ("", "the end of the line"), ("1 2", "'2'"),
                       ("cpu(7).task", "'7'"), ("broken(x)", "'x'"), ("(" * 99 + "1", "nested"),
                       ("1" + "+1" * 50, "EXPR_OPS"), ("1+" * 70, "EXPR_TEXT")):
        refused(p, f"load {NAME}; print {text}", word)
    refused(p, f"load {NAME}; undisplay 3", "3")


def case_eager(p):
    done = p.plain(f"load {NAME}; eager locks on; eager unlocks on; step; when; stepi; when")
    has(done, "at step 1 of 1", "at step 2 of 2")
    has(p.plain(f"load {NAME}; step 3; eager unlocks on; back; step; when"), "at step 5 of 5")
    refused(p, f"load {NAME}; eager teapots on", "'teapots'")
    refused(p, f"load {NAME}; eager walks maybe", "'maybe'")
    # Never into a broken rule, and never another actor's step but the only one there is.
    done = p.plain(f"load {NAME}; explore; back 1; p step; back 1; eager single on; eager walks on; eager returns on;"
                   "step; p broken(stale-leaf)", status=3)
    has(done, "broken(stale-leaf) = false")


def case_follow(p):
    has(p.plain(f"load {NAME}; follow cpu1.step cpu0.step cpu0.step; c; when"),
        "1  cpu1.step", "the schedule ends here, after 3 steps", "at step 3 of 3")
    has(p.plain(f"load {NAME}; follow cpu1.step cpu0.step; c; back 2; step; do cpu0.ipi; when", status=2), "1  cpu1.step")
    has(p.plain(f"load {NAME}; follow cpu1.step cpu0.step; do cpu0.step; step; follow"),
        "this leaves the schedule, which goes on with cpu1.step", "not on it")
    # A blocked step of a schedule stops a run and is explained; without the schedule it goes on.
    done = p.plain(f"load {NAME}; follow cpu1.step cpu1.ipi; c; follow off; step")
    has(done, "its step 2 is cpu1.ipi, not possible here: no interrupt is pending", "2  cpu0.step")
    p.plain(f"load {NAME}; explore; note bad", status=3)
    has(p.plain(f"load {NAME}; follow last; c", status=3), "a schedule of 44 steps", "!! finding: cpu1 breaks stale-leaf")
    has(p.plain(f"load {NAME} fixed; follow last; c; when"), "the schedule diverges: at its step", "now it is")
    p.file("way", "# a way\ndo cpu1.step; cpu0.step\ncpu0.step\n")
    has(p.plain(f"load {NAME}; follow way; c; when"), "a schedule of 3 steps", "at step 3 of 3")
    p.file("bad", "do cpu0.step\ndo cpu9.step\n")
    refused(p, f"load {NAME}; follow bad", "bad:2:", "'cpu9'")
    refused(p, f"load {NAME}; follow ./none", "none")
    refused(p, f"load {NAME}; follow nobody", "nobody")
    refused(p, f"load {NAME}; follow cpu0.dance", "cpu0.dance")


def case_branches(p):
    done = p.plain(f"load {NAME}; step 5; fork early; do cpu1.step; step 2; switch main; step 2; tree; switch early; when")
    has(done, "on branch main, at its end, step 5", "* main         goes to step 7; here, at step 7",
        "    early        leaves it at step 5, goes to step 8", "at step 8 of 8")
    # Choosing otherwise begins a branch without being told, and a replay knows the names.
    has(p.plain(f"load {NAME}; step 3; back 2; do cpu1.step; tree; switch b1"), "b1           leaves it at step 1")
    has(p.plain("replay 1; tree"), "early        leaves it at step 5, goes to step 8")
    refused(p, f"load {NAME}; switch teapot", "'teapot'")
    refused(p, f"load {NAME}; fork main", "main")
    refused(p, f"load {NAME}; fork b3", "b3")
    refused(p, f"load {NAME}; fork a; fork a", "branch a already")
    refused(p, f"load {NAME}; fork much-too-long-a-name")
    # The line of set-up with the same word still works.
    has(p.plain(f"load {NAME}; switch mremap.flush=end"), "built anew")


def case_find(p):
    done = p.plain(f"load {NAME}; step 9; back 9; /unlock; find; when; ?LOCK; when")
    has(done, ">    4  cpu0.step")
    assert done.out.count("at step") == 3, done.out
    has(p.plain(f"load {NAME}; explore; back 5; /stale-leaf; when", status=3), "at step 44 of 44")
    refused(p, f"load {NAME}; step; /teapot", "'teapot'")
    refused(p, f"load {NAME}; find", "needs a text")
    has(p.plain(f"load {NAME}; step 9; seq 3 9; ?"), "CPU0", "lock", "Moving:")
    refused(p, f"load {NAME}; step 9; seq 3 99", "'99'")
    refused(p, f"load {NAME}; step 9; seq 9 3", "'3'")


def case_inv(p):
    done = p.plain(f"load {NAME}; explore; inv; inv stale-leaf; back; inv stale-leaf", status=3)
    has(done, "manifest  false since step 44", "broken at step 44", "manifest  true")
    rows = objects(p.run("--json", "-c", f"load {NAME}; inv", status=0).out)
    assert all(row["holds"] for row in rows if row["t"] == "inv") and len(rows) > 10
    refused(p, f"load {NAME}; inv teapot", "'teapot'")


def case_info(p):
    topics = re.findall(r"^  (\w+) ", p.plain("help info").out.split("Example:")[1], re.M)
    topics = [topic for topic in topics if topic not in ("iotlb",)]
    assert {"pages", "mms", "locks", "pending", "knobs", "marks", "breaks", "session"} <= set(topics), topics
    for topic in topics:
        assert p.plain(f"load {NAME}; step 9; info {topic}").out.strip(), topic
    has(p.plain("load mremap-late-iommu; info iotlb; info subs; info msgs"), "IOMMU")
    has(p.plain(f"load {NAME}; step; info locks; info mms"), "held by mover", "tlb_gen 1")


def case_until(p):
    has(p.plain(f"load {NAME}; explore until stale(heap+0) && pending > 0; p pending; goto @goal; when", status=3),
        "goal reached: the shortest way", "pending = 1")
    done = p.run("--json", "-c", f"explore {NAME} --variant fixed until stale(heap+0)", status=3)
    found = objects(done.out)[-1]
    assert found["goal"] is True and found["rule"] is None and found["verdict"] == "violation" and found["trace"], found
    done = p.run("--json", "-c", f"explore {NAME} --variant fixed until frame(5).refs == 7", status=0)
    assert objects(done.out)[-1]["goal"] is False and objects(done.out)[-1]["verdict"] == "clean"
    refused(p, f"load {NAME}; explore until step > 3", "path")
    refused(p, f"load {NAME}; explore until", "needs an expression")
    # What is refused has loaded nothing.
    done = p.run("--plain", lines=f"step\nexplore {NAME} --variant fixed until teapot\nwhen\n", status=2)
    has(done, "at step 1 of 1")


def case_examples(p):
    """Every example of the command table is accepted, typed right after the start."""
    p.plain("step 3; save mremap against truncate; step")
    p.file("repro.scn", SCENARIO)
    p.file("elt.txt", "[one] a load\ninit: x=p:rw; p=1\nP0: ld r1 x\nask: P0.r1=1\nverdict: required\n")
    p.file("programs.txt", "# cow-1\nA map 0 2 rw ap\nA w 0 7\nA fork B\nframes | A0=B0\n")
    for name in names_of(p.plain("help").out):
        about = objects(p.run("--json", "-c", f"help {name}", status=0).out)[0]
        assert about["example"].strip() and about["help"].strip() and about["syntax"].startswith(name), about
        done = p.run("--plain", "-c", about["example"])
        assert done.returncode in (0, 3, 4), f"help {name}: `{about['example']}` is refused: {done.err}"
        assert not done.err, done.err


def case_seeing(p):
    panes = re.findall(r"^show (\w+)", p.plain(f"load {NAME}; show").out, re.M)
    assert len(panes) > 12
    for pane in panes:
        done = p.run("--plain", "-c", f"load {NAME}; step 8; show {pane}")
        assert done.returncode == 0 or "has nothing for the pane" in done.err, done.err
    has(p.plain(f"load {NAME}; walk cpu1 heap+0"), "cached:  pfn 5", "tables:  PTE", "they agree")
    has(p.plain(f"load {NAME}; watch pte A heap+0; c; walk cpu1 heap+0"), "they differ")
    has(p.plain(f"load {NAME}; step 4; diff; diff 0 4; list 3"), "from step 0 to step 4", ">    4")
    has(p.plain(f"load {NAME}; show pagetable A heap+0; rules; seq"), "stale-leaf", "manifest")
    refused(p, f"load {NAME}; show teapot", "'teapot'")
    refused(p, f"load {NAME}; walk cpu1 teapot", "'teapot'")
    refused(p, f"load {NAME}; diff 3 9", "'3'")
    refused(p, f"load {NAME}; why", "no step up to here")


def case_explore(p):
    done = p.run("explore", NAME, "--variant", "buggy", "--json", status=3)
    found = objects(done.out)[-1]
    assert found["verdict"] == "violation" and found["rule"] == "stale-leaf", found
    keys = ("states transitions depth preemptions seconds states_per_second bytes_per_state trace lints").split()
    assert all(key in found for key in keys), found
    assert len(found["trace"]) == found["depth"] and all(isinstance(label, str) for label in found["trace"])
    done = p.run("explore", NAME, "--variant", "fixed", "--json", status=0)
    clean = objects(done.out)[-1]
    assert clean["verdict"] == "clean" and clean["rule"] is None and clean["trace"] == [], clean
    bound = p.run("explore", NAME, "--variant", "fixed", "--max-states", "10", "--json", status=4)
    assert objects(bound.out)[-1]["verdict"] == "bound"
    assert objects(bound.out)[-1]["bound"] == "states"
    # The trace is a program: taken label by label it ends in the finding.
    steps = "; ".join("do " + label for label in found["trace"])
    has(p.plain(f"load {NAME} buggy; {steps}; why", status=3), "!! finding: cpu1 breaks stale-leaf")
    has(p.plain(f"load {NAME}; explore; back 3; goto @bad; why", status=3), "was cached before the first step")
    # Steps later, what is said of the machine is said of the step it is at.
    has(p.plain(f"load {NAME}; explore; step 1; why", status=3), "  45  cpu0   the flush has not come")
    late = p.plain(f"load {NAME}; explore; step 8; why", status=3)
    has(late, "  46  cpu0   flush of heap+0 1p in A: too late")
    assert "has not come" not in late.out
    p.run("explore", "no-such-scenario", status=2)
    p.run("explore", NAME, "--variant", "none", status=2)
    p.run("explore", NAME, "--max-states", "many", status=2)
    p.run("explore", NAME, "another", status=2)


def case_pack_and_pictures(p):
    p.run("-c", f"load {NAME}; explore; export now html way.html", status=3)
    text = (p.path / "way.html").read_text()
    assert text.startswith("<!DOCTYPE html>") and "stale-leaf" in text
    p.run("pack", "last", "one.db", status=0)
    p.run("--db", "one.db", "replay", "last", "--verify", status=0)
    p.run("pack", "last", "one.db", status=2)
    one = objects(p.run("explore", NAME, "--json", status=3).out)[-1]
    two = objects(p.run("explore", NAME, "--json", "--threads", "2", status=3).out)[-1]
    for key in ("trace", "states", "transitions", "depth", "preemptions", "rule"):
        assert one[key] == two[key], key
    p.run("explore", NAME, "--threads", "3", status=2)


def case_default_play(p):
    done = p.run(lines="")
    assert done.returncode == 0
    has(done, "CPU0", "CPU1", "---- ", "!! stale-leaf", "finding: cpu1 breaks stale-leaf", "session 1")
    p.run("replay", "1", "--verify", status=0)


def case_pipe(p):
    done = p.run(lines=f"load {NAME}\n\n# a comment\nstep 2 # and more\nnonsense\nwhen\n", status=2)
    has(done, "at step 2 of 2")
    assert done.err.count("\n") == 1 and "'nonsense'" in done.err
    done = p.run("-c", f"load {NAME}; nonsense; echo after", status=2)
    assert "after" not in done.out
    has(p.run(NAME, lines="when\nquit\nwhen\n", status=0), "at step 0 of 0")


def case_recording(p):
    p.plain(f"load {NAME}; step 3; note first; back 1; do cpu1.step; branch 1; undo; redo; variant fixed; step 2;"
            "restart; mm B; step; mark m text")
    listed = objects(p.run("sessions", "--json", status=0).out)
    assert len(listed) == 1 and listed[0]["scenario"] == NAME and listed[0]["state"] == "closed", listed
    rows = objects(p.run("export", "last", "jsonl", status=0).out)
    assert rows[0]["t"] == "header" and rows[0]["v"] == 1
    texts = [row["text"] for row in rows if row["t"] == "command"]
    assert texts == ["step 3", "note first", "back 1", "do cpu1.step", "branch 1", "undo", "redo", "variant fixed",
                     "step 2", "restart", "mm B", "step 1", "mark m text"], texts
    steps = [row for row in rows if row["t"] == "step"]
    assert all(step["changes"] and step["pre"] and step["post"] for step in steps)
    has(p.run("replay", "last", "--verify", status=0), "13 commands", "all agree")
    # Looking is not worth a session; refused commands are not recorded.
    p.plain(f"load {NAME}; show tlb; actions; help")
    p.run("--plain", "-c", f"load {NAME}; back")
    p.run("--no-record", "-c", f"load {NAME}; step")
    assert len(objects(p.run("sessions", "--json").out)) == 1


def case_replay_stepper(p):
    p.plain(f"load {NAME}; step 3; note here; step 2")
    done = p.run(lines="replay 1\nstep 4\nback\nplay\nplay all\nhistory\nstep\ndo cpu1.step\n", status=0)
    has(done, "at step 3 of 5", "> note here", "> step 2", "step 5 of 5")
    has(p.run("replay", "last", "--verify", status=0), "session 2", "all agree")
    p.run("replay", "17", status=2)
    p.run("replay", "nobody", status=2)
    p.run("replay", status=2)


def case_divergence(p):
    import sqlite3
    p.plain(f"load {NAME}; step 3")
    base = next(p.path.rglob("*.db"))
    with sqlite3.connect(base) as store:
        tables = [row[0] for row in store.execute("select name from sqlite_master where type='table'")]
        for table in tables:
            columns = [row[1] for row in store.execute(f"pragma table_info({table})")]
            if "label" in columns:
                store.execute(f"update {table} set label='cpu1.step' where seq=2")
    store.close()
    done = p.run("replay", "1", "--verify", status=1)
    assert "command 1" in done.err and "step" in done.err, done.err


def case_export(p):
    p.plain(f"load {NAME}; explore; note found it", status=3)
    has(p.run("export", "last", "race", status=0), "CPU0", "!! stale-leaf")
    race = p.run("export", "last", "race").out
    assert all(len(line) <= 75 and line.isascii() for line in race.splitlines()), race
    p.run("export", "last", "script", "again.scn", status=0)
    p.run("export", "last", "script", "again.scn", status=2)
    has(p.run("-c", "source again.scn", status=3), "!! finding: cpu1 breaks stale-leaf")
    has(p.run("-c", "load again.scn; play all", status=3), "!! finding: cpu1 breaks stale-leaf")
    has(p.plain(f"load {NAME}; step 2; export now script"), "do       cpu0.step; cpu0.step")
    has(p.plain(f"load {NAME}; step 2; export now race"), "CPU0")
    p.run("export", "last", "interpretive-dance", status=2)
    p.run("export", "9", "race", status=2)


def case_save(p):
    p.plain(f"load {NAME}; step 4; back 2; 2; save the story; step")
    p.run("replay", "the", "--verify", status=0)
    titled = [s for s in objects(p.run("sessions", "--json").out) if s["title"] == "the story"]
    assert len(titled) == 1 and titled[0]["commands"] >= 2, titled


def case_setup(p):
    p.file("s.scn", SCENARIO)
    has(p.plain("load s.scn; task three on cpu1 in A: load heap+0; store heap+0 = 3\nshow session"), "s, variant plain")
    has(p.plain("load s.scn; play; play"), "-- first the store", "-- then the load", "3  cpu1.step")
    has(p.plain("load s.scn; play all; when"), "at step 3 of 3")
    refused(p, "load s.scn; step; mm B", "restart")
    refused(p, "load s.scn; mm A", "'A'")
    refused(p, "load s.scn; run --variant none", "'none'")
    p.file("bad.scn", SCENARIO + "teapot short and stout\n")
    done = p.run("bad.scn", lines="", status=2)
    assert "bad.scn:12: " in done.err and "'teapot'" in done.err, done.err
    has(p.run(lines="machine cpus=1\nmm Z\nvma Z h 0x1000 1p rw anon private\n"
              "task t on cpu0 in Z: store h+0 = 1\nauto\n"), "the end")


def case_run(p):
    has(p.run("run", NAME, "--variant", "fixed", status=0), "the end: every program has run")
    has(p.run("run", NAME, "--seed", "3"), "cpu0")
    first, again = (p.run("-c", f"load {NAME}; set policy random; set seed 7; run").out for _ in range(2))
    assert first == again
    refused(p, f"load {NAME}; set policy chaos", "'chaos'", "stay")
    refused(p, "set teapot 1", "'teapot'")
    has(p.plain("set"), "policy", "seed")
    has(p.plain(f"load {NAME}; set verbose on; step"), "takes mmap_lock of A")


def case_source(p):
    p.file("commands", f"# a script\nload {NAME}\nstep 2\nwhen\n")
    has(p.plain("source commands; echo done"), "at step 2 of 2", "done")
    p.file("broken", f"load {NAME}\nstep 1\nteapot\necho never\n")
    done = refused(p, "source broken; echo never", "broken:3:", "'teapot'")
    assert "never" not in done.out
    p.file("loop", "source loop\n")
    refused(p, "source loop", "deep")
    refused(p, "source nowhere", "nowhere")


def case_help(p):
    listed = p.plain("help").out
    commands = names_of(listed)
    assert len(commands) > 65, listed
    for command in commands:
        done = p.plain(f"help {command}")
        assert done.out.strip(), command
    for topic in ("setup", "switches", "rules", "panes", "operations", "expressions", "info", "moving", "stopping", "touch",
                  "stale-leaf"):
        assert p.plain(f"help {topic}").out.strip()
    has(p.plain("apropos flush"), "rule", "switch")
    refused(p, "help teapot", "'teapot'")
    refused(p, "st", "step, stepi")
    has(p.run("--help", status=0), "usage:")
    has(p.run("--version", status=0), "shootdown ")


def case_json(p):
    done = p.run("--json", "-c", f"load {NAME}; step 2; actions; show tlb; back; mark x; note y; rules; diff 0 1; list; "
                 "set; history; help step; branch; sessions; variant; scenarios", status=0)
    for row in objects(done.out):
        assert row["v"] == 1 and row["t"], row
    kinds = {row["t"] for row in objects(done.out)}
    assert {"step", "action", "pane", "position", "rule", "setting", "branch", "session"} <= kinds, kinds
    done = p.run("--json", "-c", "teapot", status=2)
    assert objects(done.out)[-1]["t"] == "error"


def case_usage(p):
    p.run("--teapot", status=2)
    p.run("--color=beige", status=2)
    p.run("-c", status=2)
    p.run("--seed", "many", status=2)
    p.run("no-such-scenario", status=2)
    p.run("load", status=2)
    p.run("two", "words", status=2)
    p.run("/", lines="", status=2)
    p.run("/dev/null/x.scn", lines="", status=2)


def case_store_trouble(p):
    p.file("text.db", "this is no database\n" * 10)
    done = p.run("--db", "text.db", "-c", f"load {NAME}; step; step; echo on", status=0)
    assert done.err.count("\n") == 1 and "text.db" in done.err, done.err
    has(done, "2  cpu0.step", "on")
    p.run("--db", "text.db", "sessions", status=2)
    p.run("--db", "missing.db", "replay", "1", status=2)
    p.run("sessions", status=0)
    done = p.run("-c", f"load {NAME}; step", status=0, HOME="", XDG_DATA_HOME="")
    assert done.err.count("\n") == 1 and "recorded" in done.err, done.err
    p.run("--db", "mine.db", "-c", f"load {NAME}; step", status=0)
    p.run("--db", "mine.db", "replay", "last", "--verify", status=0)


def case_hostile(p):
    texts = ["%s%n%x", "\x1b[31m", "a" * 5000, "\\", "'", '"', '""', "é漢", ";;;;", "-", "--", "0x", "+", "@", "-1",
             "18446744073709551616", "$(id)", "\t", "#"]
    for head in names_of(p.plain("help").out):
        if head in ("quit", "verify", "explore", "next-bad"):
            continue
        lines = f"load {NAME}\n" + "".join(f"{head} {text}\n" for text in texts)
        done = p.run("--plain", lines=lines.encode("utf-8", "replace"))
        assert done.returncode in (0, 1, 2, 3), (head, done.returncode)
        assert "\x1b" not in done.out + done.err, head
    p.run("--plain", lines=b"\xff\xfe\x00\nstep\n" + b"x" * 70000 + b"\n", status=2)
    p.run("--plain", lines=b"note \xff\xfe\nexport last jsonl\nexport now jsonl\n")
    has(p.run("--json", lines=b"echo \xff\xfe\nwhen\n"), "position")


sys.exit(harness.run(globals()))
