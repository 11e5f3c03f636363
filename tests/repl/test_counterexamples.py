#!/usr/bin/env python3
"""What the program does with a counterexample: makes it short, follows it under the twin, says what else there is.

usage: test_counterexamples.py SHOOTDOWN
"""
import sys

import harness
from harness import has, objects, refused

NAME = "mremap-late-flush"
LIBRARY = ("kvm-missing-seq", "mremap-late-iommu", "nested-sentinel", "qi-no-wait", "fork-no-flush",
           "mremap-late-flush", "nested-madvise")


def kind(done, name):
    return [row for row in objects(done.out) if row["t"] == name]


def explore(p, name, *words, status=3):
    return kind(p.run("explore", name, *words, "--json", status=status), "explore")[-1]


def replays(p, name, trace, rule):
    """The trace is a program: taken label by label it breaks the rule with its last step."""
    steps = "; ".join("do " + label for label in trace)
    rows = kind(p.run("--json", "-c", f"load {name}; {steps}", status=3), "violation")
    assert rows and rows[0]["rule"] == rule and rows[0]["n"] == len(trace), rows


def case_explore_minimises(p):
    for name in LIBRARY:
        shortest = explore(p, name)
        long = explore(p, name, "--order", "depth", "--no-minimise")
        short = explore(p, name, "--order", "depth")
        assert "minimised_from" not in long and "minimised_from" not in shortest
        assert short["minimised_from"] == len(long["trace"]), name
        assert len(short["trace"]) == short["depth"] <= len(long["trace"]), name
        if short["rule"] == shortest["rule"]:
            assert len(short["trace"]) == len(shortest["trace"]), name
        replays(p, name, short["trace"], short["rule"])
        assert explore(p, name, "--order", "depth")["trace"] == short["trace"], name
    has(p.plain("explore nested-sentinel --order depth", status=3), "minimised from 36 steps, has 20 steps")
    # A goal, too; and a seed that is typed is the seed.
    row = explore(p, NAME, "--order", "depth", "until", "frame(5).free")
    assert row["goal"] and len(row["trace"]) == len(explore(p, NAME, "until", "frame(5).free")["trace"]), row
    seeds = {len(explore(p, "nested-sentinel", "--order", "random", "--no-minimise", "--seed", str(n))["trace"])
             for n in range(1, 7)}
    assert len(seeds) > 1, seeds


def case_minimise(p):
    for name in LIBRARY:
        done = p.run("--json", "-c", f"explore {name} --order depth --no-minimise; minimise; tree; goto @bad; when",
                     status=3)
        row = kind(done, "minimise")[-1]
        assert row["steps"] == len(row["trace"]) <= row["steps_before"], row
        assert row["better"] == (row["steps"] < row["steps_before"] or row["preemptions"] < row["preemptions_before"]
                                 or len(kind(done, "branch")) == 2), row
        assert row["complete"] and kind(done, "position")[-1]["n"] == row["steps"], done.out
        replays(p, name, row["trace"], row["rule"])
    # The long way is still there, and what is short stays.
    done = p.plain("explore nested-sentinel --order depth --no-minimise; minimise; minimise; tree; switch main; when",
                   status=3)
    has(done, "36 steps, 0 preemptions and 6 switches became 20, 1 and 4", "nothing can be left out; 20 steps",
        "no other order of these steps gets there sooner", "goes to step 20, breaks secondary-range at step 20; here",
        "at step 36 of 36")
    has(p.plain("explore nested-madvise; step 2; minimise; undo; when", status=3), "nothing can be left out; 13 steps")
    refused(p, f"load {NAME}; minimise", "explore")
    refused(p, f"load {NAME}; step 3; minimise", "no rule is broken")
    refused(p, f"load {NAME}; explore; minimise now", "'now'")
    # It is recorded as what was done.
    p.plain("explore nested-sentinel --order depth --no-minimise; minimise; save short", status=3)
    has(p.run("replay", "short", "--verify", status=0), "all agree")


def case_twin(p):
    done = p.plain(f"explore {NAME}; twin", status=3)
    has(done, "buggy    (mremap.flush=end) breaks stale-leaf at step 44 of 44",
        "the first difference is after step 9 of buggy, cpu0.step: mover move_ptes: set the new entry",
        "next line of mover", "buggy    move_ptes: drop the lock of the new entries",
        "fixed    flush_tlb_mm_range: preemption off", ">   10  cpu0.step", "... 30 steps alike",
        "fixed    (mremap.flush=under-ptl) breaks no rule in 59 steps")
    assert len(p.plain(f"explore {NAME}; twin all", status=3).out) > len(done.out)
    for name in LIBRARY:
        done = p.run("--json", "-c", f"explore {name}; when; twin; when", status=3)
        one = kind(done, "twin")[-1]
        assert one["here"]["variant"] == "buggy" and one["here"]["rule"], one
        assert one["there"]["variant"] == "fixed" and one["there"]["rule"] is None, one
        assert one["first"] is not None, one
        steps = kind(done, "twin-step")
        for side in ("here", "there"):
            taken = [row[side]["step"] for row in steps if side in row]
            assert taken == list(range(1, one[side]["steps"] + 1)), (name, side)
        # The other side's labels are possible there, and break nothing.
        way = "; ".join("do " + row["there"]["label"] for row in steps if "there" in row)
        p.plain(f"load {name} fixed; {way}", status=0)
        assert [row["n"] for row in kind(done, "position")] == [one["here"]["steps"]] * 2, done.out
    # The other way round a step that is there alone is here alone.
    done = p.plain("load kvm-missing-seq fixed; auto; twin")
    has(done, "<   23  cpu1.step", "fixed    (kvm.end_bumps_seq=yes) breaks no rule in 45 steps",
        "buggy    (kvm.end_bumps_seq=no) breaks no rule in 44 steps")
    has(p.plain("load nested-sentinel; auto 5; twin fixed"), "no step differs", "... 5 steps alike")
    # The kept future stays.
    has(p.plain(f"explore {NAME}; back 20; twin; forward 20; when", status=3), "at step 44 of 44")
    refused(p, f"load {NAME}; twin", "no step")
    refused(p, f"load {NAME}; step; twin buggy", "buggy is the variant that is loaded")
    refused(p, f"load {NAME}; step; twin teapot", "'teapot'")
    refused(p, f"load {NAME}; step; twin fixed all fixed", "'fixed'", "too many")
    refused(p, "load shootdown-tutorial; step; twin", "one variant only")


def case_outcomes(p):
    done = p.plain("explore nested-madvise outcomes; when", status=3)
    has(done, "   1       1     32! all     first ok, second ok read 7",
        "   2       5     49  none    first ok, second ok read 0", "complete: no order of steps ends otherwise",
        "at step 0 of 0")
    has(p.plain("explore nested-madvise outcomes --variant fixed"), "   1      19     49  none    first ok, second ok read 0")
    has(p.plain(f"explore {NAME} outcomes", status=3), "victim SIGBUS, data is empty")
    done = p.run("explore", "nested-sentinel", "outcomes", "--json", status=3)
    rows, last = kind(done, "outcome"), kind(done, "outcomes")[-1]
    assert last["complete"] and last["outcomes"] == len(rows) == 3 and last["finals"] == sum(r["finals"] for r in rows)
    two = p.run("explore", "nested-sentinel", "outcomes", "--json", "--threads", "2", status=3)
    assert two.out == done.out
    for row in rows:
        assert len(row["trace"]) == row["steps"] and row["ways_broken"] == "some", row
        steps = "; ".join("do " + label for label in row["trace"])
        done = p.run("--plain", "-c", f"load nested-sentinel; {steps}; actions", status=3 if row["way_broken"] else 0)
        has(done, "no action is possible")
    # Going there, from where the search began.
    done = p.plain("load nested-madvise; explore outcomes; outcome 2; when; outcome 1; when; tree; goto @outcome", status=3)
    has(done, "at step 49 of 49", "the end of outcome 1, 32 steps on", "at step 32 of 32", "b1")
    has(p.plain("load nested-madvise; step 3; explore outcomes; outcome 1; back 49; when", status=3), "at step 0 of 32")
    done = p.run("explore", NAME, "outcomes", "--max-states", "500", "--json", status=4)
    assert not kind(done, "outcomes")[-1]["complete"] and kind(done, "outcomes")[-1]["bound"] == "states"
    refused(p, f"load {NAME}; outcome 1", "explore outcomes")
    refused(p, f"load {NAME} fixed; explore outcomes; outcome 9", "1 to 3")
    refused(p, f"load {NAME} fixed; explore outcomes; outcome x", "'x'")
    refused(p, f"explore {NAME} fixed outcomes; variant fixed; outcome 1", "'fixed'")
    refused(p, f"load {NAME} fixed; explore outcomes; restart; step; variant buggy; outcome 1", "explore outcomes")
    refused(p, f"explore {NAME} outcomes --order depth", "--order")
    refused(p, f"explore {NAME} outcomes until step == 3", "until")


def case_cover(p):
    refused(p, f"load {NAME}; cover", "explore")
    refused(p, f"load {NAME} fixed; explore; variant buggy; cover", "explore")
    done = p.plain(f"load {NAME} fixed; explore; cover")
    has(done, "move_ptes                         6 of  6 steps", "never: ", "actions                           5 of  6 kinds",
        "never possible: cpu0.ipi", "not offered (machine spec=off)")
    assert "did not look at everything" not in done.out
    has(p.plain(f"explore {NAME}; cover", status=3), "never seen: cpu0.ipi", "ended by a broken rule")
    has(p.plain(f"explore {NAME} all; cover", status=3), "never possible: cpu0.ipi")
    # One walk does not take everything that it passes by.
    done = p.run("--json", "-c", "load mremap-late-iommu fixed; explore --order random --walks 1; cover", status=4)
    row = kind(done, "cover-actions")[-1]
    assert row["taken"] < row["kinds"] and not row["whole"] and row["stopped_by"] == "walks", row
    p.file("whims.scn", "title whims\nmachine arch=x86 cpus=1 spec=full\nmm A\nvma A heap 0x7f0000001000 1p rw anon private\n"
           "touch A heap+0 = 7\ntask one on cpu0 in A: load heap+0\n")
    has(p.plain("explore whims.scn; cover"), "4 of  5 kinds", "never possible: cpu0.ipi", "were offered (machine spec=full)")


def case_why_of_flushes(p):
    """Where the flush is that should have come: acknowledged and not done, left by its sender, or never sent."""
    has(p.plain("explore nmi-recycled-frame; why", status=3), "unlocks the csd of cpu0 and has flushed nothing yet")
    has(p.plain("explore nmi-recycled-frame; back; why blocked", status=3),
        "nobody waits for the flush of heap+0 1p that cpu0 asked for: unlocked, not flushed")
    has(p.plain("explore async-lost-right; why", status=3), "cpu1 has not run it yet: IPI pending; nobody waits for it")
    has(p.plain("explore switch-window; why", status=3), "cpu1 is skipped: no interrupt tells it to flush")


def case_why_everywhere(p):
    """Whatever breaks in the library has a reason in words."""
    names = [row["scenario"] for row in harness.objects(p.run("--json", "scenarios", status=0).out) if row["t"] == "scenario"]
    assert len(names) > 60, names
    for name in names:
        done = p.run("--plain", "--no-record", "-c", f"explore {name}; why; why blocked")
        assert done.returncode in (0, 2, 3) and "(null)" not in done.out, (name, done.out)


sys.exit(harness.run(globals()))
