#!/usr/bin/env python3
"""Searches of the whole program: one counterexample after the other, and shards that share a search out.

usage: test_search.py SHOOTDOWN SCALE.MD
"""
import json
import os
import pathlib
import random
import re
import resource
import signal
import subprocess
import sys
import textwrap

import harness
from harness import BINARY, has, objects, refused

NAME = "mremap-late-flush"
DFS = "--order dfs --seed 5"


def shard(p, i, n, words, name=NAME):
    """The result of a shard as an object; the whole output is in the file I-of-N."""
    done = p.run("--no-record", "explore", name, *words.split(), "--shard", f"{i}/{n}", "--json")
    assert done.returncode in (0, 3, 4) and not done.err, done.err
    p.file(f"{i}-of-{n}", done.out)
    return objects(done.out)[-1]


def shards(p, n, words, name=NAME):
    return [shard(p, i, n, words, name) for i in range(1, n + 1)]


def write(p, file, *results):
    return p.file(file, "".join(json.dumps(one) + "\n" for one in results))


def merged(p, *words, status=None):
    return objects(p.run("--no-record", "explore", *words, "--json", status=status).out)[-1]


def timeless(result):
    return {key: value for key, value in result.items() if not key.startswith(("seconds", "states_per"))}


def case_next_bad(p):
    done = p.plain(f"load {NAME}; explore; next-bad; next-bad; next-bad; when", status=3)
    has(done, "the way with the fewest preemptions, 45 steps and 1 preemption;", "a way found depth first")
    has(p.plain(f"load {NAME}; next-bad; when", status=3), "a shortest way to this rule, 44 steps", "at step 44 of 44")
    has(p.plain(f"load {NAME} fixed; next-bad"), "clean and complete")
    rows = objects(p.run("--json", "-c", f"load {NAME}; next-bad", status=3).out)
    assert any(one["t"] == "next-bad" and one["rule"] == "stale-leaf" and len(one["trace"]) == 44 for one in rows), rows
    refused(p, f"load {NAME}; next-bad there", "'there'")
    refused(p, f"load {NAME}; next-bad here now", "'now'")


def case_next_bad_differs(p):
    """Each is another way, and each is one: taken label by label it ends in the finding."""
    rows = objects(p.run("--json", "-c", f"load {NAME}; explore" + "; next-bad" * 5, status=3).out)
    traces = [one["trace"] for one in rows if one["t"] in ("explore", "next-bad")]
    assert len(traces) == 6 and len({tuple(trace) for trace in traces}) == 6, [len(trace) for trace in traces]
    for trace in traces:
        steps = "; ".join("do " + label for label in trace)
        has(p.plain(f"load {NAME}; {steps}", status=3), "!! finding: cpu1 breaks stale-leaf")
    # Rules come first, each once.
    rows = objects(p.run("--json", "-c", "load qi-no-wait; explore; next-bad", status=3).out)
    rules = [one["rule"] for one in rows if one["t"] in ("explore", "next-bad")]
    assert sorted(rules) == ["completion", "stale-leaf"], rules
    # The only way there is.
    has(p.plain("load fork-no-flush; explore; next-bad", status=3), "no other counterexample was found")


def case_next_bad_from(p):
    """From where the last search began, wherever you are by then; `here` is here."""
    def origins(commands):
        return [one["from"] for one in objects(p.run("--json", "-c", commands, status=3).out) if one["t"] == "next-bad"]

    assert origins(f"load {NAME}; explore; back 9; next-bad; next-bad") == [0, 0]
    assert origins(f"load {NAME}; explore; back 9; next-bad here; goto @start; next-bad; goto @start; next-bad here") == [35, 35, 0]
    assert origins(f"load {NAME}; step 5; explore; next-bad") == [5]
    # A search without an answer moves the place, too.
    assert origins(f"load {NAME}; explore; goto @start; do cpu0.step; explore --max-states 9; goto @start; next-bad") == [1]
    has(p.plain(f"load {NAME}; explore; next-bad here", status=3), "breaks a rule, from step 44 on")
    # And the way from there ends there: it is one step shorter than from the start, where no other way is as short.
    rows = objects(p.run("--json", "-c", f"load {NAME}; do cpu0.step; next-bad", status=3).out)
    assert len([one for one in rows if one["t"] == "next-bad"][0]["trace"]) == 43


def case_shard_words(p):
    for words, word in (("--order breadth --shard 1/2", "'breadth'"), ("--order preemption --shard 1/2", "'preemption'"),
                        ("--shard 1/2", "'breadth'"), ("--order dfs --shard 3/2", "'3/2'"), ("--shard 0/2", "'0/2'"),
                        ("--shard 2", "'2'"), ("--shard x/2", "'x/2'"), ("--shard 1/2/3", "'1/2/3'"), ("--shard", "end of the line"),
                        ("--shard 1/65537", "65536"), ("--shard 1/18446744073709551617", "'1/1844"), ("--order sideways", "dfs"),
                        ("--order random --walks 3 --shard 1/4", "3 walks"), ("--order random --shard 1/1001", "1000 walks"),
                        ("--walks 18446744073709551615", "9007199254740992")):
        refused(p, f"load {NAME}; step; explore {NAME} {words}", word)
    # What is refused has loaded nothing.
    has(p.run("--plain", lines=f"step\nexplore {NAME} --shard 1/2\nwhen\n", status=2), "at step 1 of 1")
    has(p.plain(f"explore {NAME} {DFS} --shard 2/2", status=3), "shard 2 of 2, drawn from seed 5", "the way found first")
    # A search that is no shard says nothing of shards, after one too.
    rows = objects(p.run("--json", "-c", f"explore {NAME} {DFS} --shard 2/2; explore {NAME}", status=3).out)
    assert ["shard" in one and "coverage" in one for one in rows if one["t"] == "explore"] == [True, False]


def case_same_again(p):
    for words in (DFS, DFS + " --max-states 300", "--order random --seed 5 --walks 40 --max-depth 70"):
        first = shards(p, 3, words)
        assert [timeless(one) for one in first] == [timeless(one) for one in shards(p, 3, words)]
        assert first[0]["shard"]["i"] == 1 and first[0]["shard"]["seed"] == "5"
        # They dig in different places, and the seed moves them all.
        other = shards(p, 3, words.replace("5", "6", 1))
        places = {json.dumps([one["transitions"], one["depth"], one["coverage"]]) for one in first + other}
        assert len(places) == 6, places
    plain = timeless(shard(p, 1, 2, "--order depth --seed 5"))
    assert plain == timeless(shard(p, 1, 2, DFS)) and plain["shard"]["order"] == "depth"


def case_seed_typed(p):
    """The seed of a search may be typed with it; else it is the setting."""
    def transitions(commands):
        return objects(p.run("--json", "-c", commands).out)[-1]["transitions"]

    typed = [transitions(f"load {NAME}; explore --order random --walks 20 --seed {seed}") for seed in (1, 2, 3)]
    assert typed == [transitions(f"load {NAME}; set seed {seed}; explore --order random --walks 20") for seed in (1, 2, 3)]
    assert len(set(typed)) > 1, typed


def case_walks_united(p):
    words = "--order random --seed 8 --walks 100 all --variant buggy"
    parts = shards(p, 3, words, "kvm-missing-seq")
    whole = shard(p, 1, 1, words, "kvm-missing-seq")
    united = merged(p, "--merge", "1-of-3", "2-of-3", "3-of-3", status=3)
    assert whole["rules"] and whole["transitions"] == sum(one["transitions"] for one in parts) == united["transitions"]
    for key in ("rules", "lints", "coverage", "finals"):
        assert united[key] == whole[key], key
    assert united["search"]["walks"] == 100 and united["bounds"] == {"walks": 3}, united


def case_merge_violation(p):
    parts = shards(p, 4, DFS)
    best = min(parts, key=lambda one: (one["depth"], one["preemptions"], one["shard"]["i"]))
    files = [f"{i}-of-4" for i in range(1, 5)]
    for order in (files, files[::-1]):
        united = merged(p, "--merge", *order, status=3)
        assert united["trace"] == best["trace"] and united["shard"] == best["shard"]["i"], united
        assert united["verdict"] == "violation" and united["rule"] == "stale-leaf" and united["rules"] == ["stale-leaf"]
        assert united["given"] == 4 and united["missing"] == united["twice"] == []
        assert united["states"] == sum(one["states"] for one in parts)
    lines = {}
    for one in parts:
        for routine, steps in one["coverage"]["lines"].items():
            lines[routine] = sorted(set(lines.get(routine, []) + steps))
    assert united["coverage"]["lines"] == lines
    done = p.run("--plain", "explore", "--merge", files[0], files[2], files[0], status=3)
    has(done, "2 of 4 shards", "missing: shard 2 4", "given more than once, counted once: shard 1", "violation of stale-leaf",
        "actions taken: step ipi switch; never: nmi dma take drain inval walk fill evict")
    # The steps are a schedule that `follow` takes, and `cover` speaks of all shards.
    steps = "\n".join(line for line in done.out.splitlines() if line.startswith("do "))
    p.file("way", steps + "\n")
    has(p.plain(f"load {NAME}; follow way; continue", status=3), "!! finding: cpu1 breaks stale-leaf")
    has(p.run("--plain", "-c", f"explore --merge {files[0]}; cover", status=3), "move_ptes                         6 of  6 steps")


def case_merge_best(p):
    """Fewest steps, then fewest preemptions, then the lowest shard; ties are made by hand."""
    one = shard(p, 1, 3, DFS)
    two, three = (dict(one, shard=dict(one["shard"], i=i)) for i in (2, 3))
    less = dict(three, preemptions=one["preemptions"] - 1)
    shorter = dict(three, trace=three["trace"][1:], depth=three["depth"] - 1, preemptions=9)
    assert merged(p, "--merge", write(p, "a", three, two, one))["shard"] == 1
    assert merged(p, "--merge", write(p, "a", one, two, less))["shard"] == 3
    assert merged(p, "--merge", write(p, "a", one, two, shorter))["shard"] == 3


def case_merge_clean(p):
    words = DFS + " --variant fixed"
    parts = shards(p, 3, words)
    assert all(one["verdict"] == "clean" for one in parts)
    stopped = shards(p, 3, words + " --max-states 200")
    assert all(one["verdict"] == "bound" and one["bound"] == "states" for one in stopped)
    united = merged(p, "--merge", write(p, "a", *stopped), status=4)
    assert united["verdict"] == "bound" and united["bounds"] == {"states": 3} and united["coverage"]["actions"], united
    has(p.run("--plain", "explore", "--merge", "a", status=4), "no answer", "covered: ")
    # One complete search is a proof, whatever the others are, or whether they are there.
    united = merged(p, "--merge", write(p, "a", parts[1]), status=0)
    assert united["verdict"] == "clean" and united["complete"] == [2] and united["missing"] == [1, 3], united
    cut = dict(parts[0], verdict="bound", bound="interrupted", states=9)
    united = merged(p, "--merge", write(p, "a", cut, parts[1]), status=0)
    assert united["bounds"] == {"interrupted": 1} and united["complete"] == [2]
    # Of a shard that is there twice the one that was not cut short counts, in either order.
    for pair in ((cut, parts[0]), (parts[0], cut)):
        united = merged(p, "--merge", write(p, "a", *pair), status=0)
        assert united["twice"] == [1] and united["states"] == parts[0]["states"] and united["complete"] == [1], united
    # A proof and a violation cannot both be true.
    bad = dict(parts[0], verdict="violation", rule="stale-leaf", rules=["stale-leaf"], depth=1, trace=["cpu0.step"])
    has(p.run("--plain", "explore", "--merge", write(p, "a", bad, parts[1]), status=3), "the shards disagree: 2 says", "1 has")
    # Walks prove nothing.
    shards(p, 2, "--order random --walks 20 --variant fixed")
    merged(p, "--merge", "1-of-2", "2-of-2", status=4)


def case_merge_lands(p):
    files = "1-of-2 2-of-2"
    best = min(shards(p, 2, DFS), key=lambda one: one["depth"])
    done = p.plain(f"explore {NAME} --merge {files}; when; why; back; goto @bad; next-bad", status=3)
    has(done, f"at step {best['depth']} of {best['depth']}", "this is its end, @bad", "!! finding: cpu1 breaks stale-leaf",
        "was cached before the first step", "fewest preemptions")
    p.run("replay", "last", "--verify", status=0)
    # Loaded and at the start: no name is needed. Elsewhere the machine stays where it is.
    has(p.plain(f"load {NAME}; explore --merge {files}; when", status=3), f"at step {best['depth']} of {best['depth']}")
    has(p.plain(f"load {NAME}; step 3; explore --merge {files}; when", status=3), "at step 3 of 3", "do cpu")
    has(p.plain(f"load {NAME} fixed; explore --merge {files}; when", status=3), "at step 0 of 0", "do cpu")
    for words, word in (("qi-no-wait --merge", "another text"), (f"{NAME} --variant fixed --merge", "'fixed'"),
                        ("teapot --merge", "'teapot'"), (f"{NAME} --order dfs --merge", "--merge takes files"),
                        (f"{NAME} --shard 1/2 --order dfs --merge", "--merge takes files"), ("all --merge", "--merge takes files")):
        refused(p, f"load {NAME}; step; explore {words} {files}", word)
    refused(p, "explore --merge", "needs the files")
    # Shards of a search that began in the middle.
    rows = [objects(p.run("--json", "-c", f"load {NAME}; step 3; explore {DFS} --shard {i}/2").out)[-1] for i in (1, 2)]
    write(p, "middle", *rows)
    refused(p, f"explore {NAME} --merge middle", "another state")
    has(p.plain(f"load {NAME}; step 3; explore --merge middle", status=3), "this is its end, @bad")
    # A goal.
    until = "until stale(heap+0) && pending > 0"
    p.file("goal", p.run("--json", "-c", f"explore {NAME} {DFS} --shard 1/2 {until}", status=3).out)
    has(p.plain(f"explore {NAME} --merge goal; p pending; goto @goal", status=3), "goal reached: the best way", "pending = 1")
    # A trace that is not what the result says.
    wrong = write(p, "wrong", {"v": 1, "t": "text"}, dict(best, trace=best["trace"][:-1], depth=best["depth"] - 1))
    refused(p, f"explore {NAME} --merge {wrong}", "wrong:2:", "stale-leaf")
    write(p, "wrong", dict(best, trace=["cpu9.step"] * best["depth"]))
    refused(p, f"explore {NAME} --merge wrong", "wrong:1:", "'cpu9'")
    write(p, "wrong", dict(best, trace=["cpu0.ipi"] * best["depth"]))
    refused(p, f"explore {NAME} --merge wrong", "wrong:1:", "step 1", "no interrupt is pending")


def case_merge_hostile(p):
    good = shard(p, 1, 2, DFS)
    other = shard(p, 2, 2, DFS)

    def of_shard(**more):
        return dict(good, shard=dict(good["shard"], **more))

    def without(key):
        return {name: value for name, value in good.items() if name != key}

    lines = {
        "this is not the JSON": "{\"v\":1,\"t\":\"expl", "no line of": "[1, 2]", "of a whole search": without("shard"),
        "'states'": dict(good, states="many"), "'transitions'": dict(good, transitions=-1), "2^53": dict(good, states=2 ** 60),
        "too big integer": json.dumps(good).replace(f"\"states\": {good['states']}", "\"states\": " + "9" * 40),
        "'verdict'": dict(good, verdict=7), "'splendid'": dict(good, verdict="splendid"), "'clean' does not": dict(good, verdict="clean"),
        "'bound' does not": dict(good, verdict="bound"), "'teapot' as 'rule'": dict(good, rule="teapot"),
        "'teapot' in 'rules'": dict(good, rules=["teapot"]), "'useless-flush' in 'rules'": dict(good, rules=["useless-flush"]),
        "'' in 'lints'": dict(good, lints=[None]), "'stale-use' as": dict(good, rule="stale-use"),
        "'trace' has": dict(good, trace=["cpu0.step"]), "step 1 of 'trace'": dict(good, trace=[3] * good["depth"]),
        "depth and": dict(good, preemptions=10 ** 9), "'trace' of": dict(good, trace="all"), "'coverage'": dict(good, coverage={}),
        "'teapot' in 'coverage'": dict(good, coverage={"lines": {"teapot": [1]}, "actions": []}),
        "no step 62": dict(good, coverage={"lines": {"move_ptes": [62]}, "actions": []}),
        "no step -1": dict(good, coverage={"lines": {"move_ptes": [-1]}, "actions": []}),
        "lines of 'move_ptes'": dict(good, coverage={"lines": {"move_ptes": 1}, "actions": []}),
        "'dance' in 'actions'": dict(good, coverage={"lines": {}, "actions": ["dance"]}),
        "'shard' of": dict(good, shard=3), "'i' of": of_shard(i="one"), "shard 3 of 2": of_shard(i=3), "shard 1 of 0": of_shard(n=0),
        "1 to 65536": of_shard(n=2 ** 40), "'v' should be 1": dict(good, v=2), "no bound": dict(good, bound="x" * 99),
        "duplicate": json.dumps(good)[:-1] + ", \"goal\": false}", "another answer here than in good:1": dict(good, states=5),
        "'seed' is \"7\"": of_shard(seed="7"), "'n' is 3": of_shard(n=3), "'scenario'": dict(good, scenario="x" * 5000),
        "'variant' is \"fixed\"": dict(good, variant="fixed"), "'text' is": of_shard(text="0"), "'order'": of_shard(order="random"),
        "'max_states' is 5": of_shard(max_states=5), "'program'": of_shard(program="9"), "'all'": of_shard(all=True),
        "at most 1048575 bytes": " " * (1 << 20), "no 't'": "{}",
    }
    write(p, "good", good)
    for word, line in lines.items():
        p.file("bad", "\n{\"t\":\"step\"}\n" + (line if isinstance(line, str) else json.dumps(line)) + "\n")
        done = refused(p, "explore --merge good bad", "bad:3: ", word)
        assert done.out == "", done.out
    for name, text in (("bad", b"\xff\xfe{}\n"), ("bad", b"{\"t\":\"\0\"}\n"), ("bad", b"[" * 100000), ("bad", b"\0")):
        (p.path / name).write_bytes(text)
        refused(p, "explore --merge good bad", "bad:1: ")
    for name, text in (("empty", ""), ("blank", "\n \n"), ("others", "{\"v\":1,\"t\":\"merge\"}\n")):
        refused(p, f"explore --merge {p.file(name, text)}", name, "holds no result")
    refused(p, "explore --merge nowhere", "nowhere")
    refused(p, "explore --merge /", "regular file")
    os.mkfifo(p.path / "pipe")
    refused(p, "explore --merge pipe", "regular file")
    # A file that ends too early is refused wherever it ends, and what is changed at random never does harm.
    text = json.dumps(other)
    for end in range(1, len(text), len(text) // 40):
        p.file("bad", text[:end])
        refused(p, "explore --merge bad", "bad:1: ")
    drawn = random.Random(1)
    for _ in range(80):
        raw = bytearray(text.encode())
        for _ in range(drawn.randint(1, 3)):
            raw[drawn.randrange(len(raw))] = drawn.choice(b"0179\"{}[],:azt-. \n\xff")
        (p.path / "bad").write_bytes(bytes(raw))
        done = p.run("--plain", "explore", NAME, "--merge", "bad", "good")
        assert done.returncode in (2, 3) and done.err.count("\n") == (done.returncode == 2), (bytes(raw), done.err)


def shell(p, text, name="script", **more):
    """Runs shell text with the program in its path, as somebody who copied it would."""
    folder = p.path / "bin"
    folder.mkdir(exist_ok=True)
    if not (folder / "shootdown").exists():
        (folder / "shootdown").symlink_to(BINARY)
        for stand_in in ("srun", "sbatch"):
            (folder / stand_in).write_text('#!/bin/sh\nexec "$@"\n')
            (folder / stand_in).chmod(0o755)
    p.file(name, text)
    environment = {**p.environment, **more, "PATH": f"{folder}:{p.environment['PATH']}"}
    done = subprocess.run(["sh", name], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env=environment, cwd=p.path, timeout=240, check=False)
    done.out = done.stdout
    # GNU parallel asks lscpu, which complains where there is no /sys.
    done.err = "".join(line for line in done.stderr.splitlines(True) if not line.startswith("lscpu:"))
    return done


def case_gnu_parallel(p):
    words = f"explore {NAME} {DFS} --json --shard"
    done = shell(p, f"seq 4 | parallel --will-cite shootdown --no-record {words} {{}}/4 >all\n")
    # Four shards have found a violation, which is four jobs that did not exit 0.
    assert done.returncode == 4 and done.err == "", (done.returncode, done.err)
    found = {one["shard"]["i"]: timeless(one) for one in objects((p.path / "all").read_text()) if one["t"] == "explore"}
    assert found == {i + 1: timeless(one) for i, one in enumerate(shards(p, 4, DFS))}
    united = merged(p, NAME, "--merge", "all", status=3)
    assert united["given"] == 4 and united["verdict"] == "violation"
    united.pop("twice")
    apart = merged(p, NAME, "--merge", *(f"{i}-of-4" for i in range(1, 5)), status=3)
    assert {key: apart[key] for key in united} == united


def case_scale_page(p):
    """Every block of the page that a shell can run here is run, the batch systems' parts by what they would start."""
    with open(sys.argv[2], encoding="utf-8") as page:
        blocks = re.findall(r"^```(\w+)\n(.*?)^```$", page.read(), re.M | re.S)
    plain = [text for kind, text in blocks if kind == "sh"]
    assert len(plain) == 5, len(plain)
    first, gnu, batch, slurm, kubernetes = plain
    done = shell(p, first)
    assert done.returncode == 3 and not done.err, done.err
    has(done, "2 of 2 shards of nested-sentinel buggy", "@bad")
    done = shell(p, gnu)
    assert done.returncode == 0 and not done.err, done.err
    has(done, "8 of 8 shards", "8 clean and complete")
    n = int(re.search(r"--array=1-(\d+)", batch).group(1))
    for i in range(1, n + 1):
        done = shell(p, batch, "shards.sbatch", SLURM_ARRAY_TASK_ID=str(i))
        assert done.returncode == 0 and not done.err, done.err
        p.file(re.search(r"--output=(\S+)", batch).group(1).replace("%a", str(i)), done.out)
    done = shell(p, slurm.replace("--wait shards.sbatch", "true"))
    assert done.returncode == 0 and not done.err, done.err
    has(done, f"{n} of {n} shards", f"{n} clean and complete")
    job = [text for kind, text in blocks if kind == "yaml"][0]
    completions = int(re.search(r"completions: (\d+)", job).group(1))
    start = textwrap.dedent(job.split("- |\n")[1])
    logs = "".join(shell(p, start, JOB_COMPLETION_INDEX=str(i)).out for i in range(completions))
    p.file("shards.jsonl", logs)
    done = shell(p, kubernetes.splitlines()[-1])
    assert done.returncode == 0, done.err
    has(done, f"{completions} of {completions} shards", f"{completions} clean and complete")
    # What a batch system must not take for a failure, and what it must.
    assert shell(p, start.replace("--variant fixed", ""), JOB_COMPLETION_INDEX="0").returncode == 0
    assert shell(p, start, JOB_COMPLETION_INDEX="99").returncode == 2
    assert shell(p, batch, SLURM_ARRAY_TASK_ID="17").returncode == 2


def explored(p, *words, status=None, name="nested-madvise", variant="fixed"):
    return objects(p.run("--no-record", "explore", name, "--variant", variant, *words, "--json", status=status).out)[-1]


def case_reduced(p):
    """The same verdict over fewer states; and when something breaks, the shortest way after all."""
    whole = explored(p, "--no-reduce", status=0)
    assert (whole["verdict"], whole["reduced"], whole["shortest"]) == ("clean", "none", True), whole
    for words in "all", "ample,fuse", "whims", "fuse", "sleep", "symmetry", "counters":
        fewer = explored(p, "--reduce", words, status=0)
        assert fewer["verdict"] == "clean" and fewer["lints"] == whole["lints"] and not fewer["shortest"], fewer
        assert fewer["states"] < whole["states"] or words in ("whims", "sleep", "symmetry", "counters"), fewer
        assert words != "sleep" or (fewer["states"] == whole["states"] and fewer["transitions"] < whole["transitions"]), fewer
    assert "symmetries" not in fewer, fewer
    alike = explored(p, "--reduce", "symmetry,counters", status=0, name="racing-faults", variant="plain")
    assert alike["symmetries"] == {"start": 5, "always": 5, "late": 5} and alike["verdict"] == "clean", alike
    assert alike["states"] * 8 < explored(p, "--no-reduce", status=0, name="racing-faults", variant="plain")["states"], alike
    has(p.plain("explore racing-faults --reduce all"), "5 ways for CPUs or tasks to change places: 5 all along")
    plain = explored(p, "--no-reduce", status=3, name=NAME, variant="buggy")
    bad = explored(p, "--reduce", "all", status=3, name=NAME, variant="buggy")
    assert bad["shortest"] and bad["trace"] == plain["trace"] and bad["reduced"] == "whims, ample, fuse, symmetry, sleep, counters", bad
    rows = objects(p.run("--json", "-c", "load nested-madvise fixed; gains").out)
    rows = [one for one in rows if one["t"] == "gain"]
    assert len(rows) == 8 and all(one["verdict"] == "clean" for one in rows), rows
    assert rows[0]["states"] == whole["states"] and rows[-1]["fewer"] > 1.1, rows
    has(p.plain("load nested-madvise fixed; gains"), "nothing ", "ample, fuse ", "sleep ", "x fewer")


FOUR_MADVISE = """\
machine  cpus=4
mm       A
vma      A heap 0x7f0000001000 4p rw anon private
touch    A heap+0 = 7
touch    A heap+1 = 7
task     one   on cpu0 in A: madvise heap+0 2p dontneed
task     two   on cpu1 in A: madvise heap+0 2p dontneed
task     three on cpu2 in A: madvise heap+0 2p dontneed
task     four  on cpu3 in A: madvise heap+0 2p dontneed
"""


def case_little_memory(p):
    """A reduced search that cannot remember enough gives way to a whole one, which goes on as far as the memory reaches."""
    limit = (260_000_000, 260_000_000)
    little = lambda *words: subprocess.run(
        [BINARY, *words], capture_output=True, text=True, check=False, cwd=p.path, env=p.environment, timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, limit))
    p.file("four.scn", FOUR_MADVISE)
    if little("--version").returncode != 0:
        return  # a sanitizer's own tables are larger
    done = little("--no-record", "explore", "four.scn", "--json")
    answer = objects(done.stdout)[-1]
    assert done.returncode == 4 and answer["bound"] == "memory" and answer["reduced"] == "none", answer
    assert answer["states"] > 300_000, answer


def case_reduced_words(p):
    for words, wrong in (
        ("--reduce", "the end of the line"),
        ("--reduce asleep", "'asleep'"),
        ("--reduce all --no-reduce", "'--no-reduce'"),
        ("--reduce all --order preemption", "'--order'"),
        ("--reduce all --threads 2", "'--threads'"),
        ("--reduce all --max-states 9", "'--max-states'"),
        ("--reduce all until task(0).result == 0", "'until'"),
        ("--reduce all outcomes", "'outcomes'"),
        ("--fingerprint 96", "'96'"),
        ("--fingerprint 128 --order depth", "'--fingerprint'"),
        ("--max-seconds 0", "'0'"),
        ("--max-seconds 1 outcomes", "'--max-seconds'"),
    ):
        refused(p, f"load {NAME}; explore {words}", wrong)


def case_ranked_walks(p):
    """Walks that let one actor go on find what needs few preemptions in the right places."""
    for seed in "1", "2":
        found = explored(p, "--order", "random", "--seed", seed, "--walks", "20000", status=3, name=NAME, variant="buggy")
        assert (found["rule"], len(found["trace"])) == ("stale-leaf", 44) and found["minimised_from"] >= 44, found


def case_bounds(p):
    few = explored(p, "--max-states", "1000", status=4)
    assert (few["verdict"], few["bound"], few["states"]) == ("bound", "states", 1000), few
    wide, narrow = explored(p, "--fingerprint", "128", status=0), explored(p, status=0)
    assert wide["states"] == narrow["states"] and wide["bytes_per_state"] > narrow["bytes_per_state"], wide
    late = explored(p, "--order", "random", "--walks", "1000000000", "--max-seconds", "1", status=4)
    assert (late["verdict"], late["bound"]) == ("bound", "time") and late["states"] > 1000, late


def case_speculation(p):
    """With speculation that fills every cache the library holds what it promises; such a search is recorded and replayed."""
    rows = objects(p.run("--no-record", "--json", "verify", "--spec", "saturate", status=0).out)
    rows = [r for r in rows if r["t"] == "verify"]
    assert len(rows) > 30 and all(r["ok"] for r in rows), rows
    usual, full = explored(p, status=0), explored(p, "--spec", "saturate", status=0)
    assert full["states"] > usual["states"], (usual, full)
    p.run("explore", NAME, "--spec", "saturate", status=3)
    p.run("replay", "last", "--verify", status=0)
    refused(p, "explore nested-madvise --spec most", "most", "saturate")
    refused(p, "verify nested-madvise --spec", "the end of the line", "explicit")
    refused(p, "load nested-madvise; step; explore --spec saturate", "before the first step")


def case_cut_short(p):
    """Time is over: the signal of ^C makes a shard print what it has."""
    p.file("big.scn", "machine cpus=4 spec=full\nmm A\n" + "".join(
        f"vma A v{i} 0x7f00000{i}0000 2p rw anon private\ntouch A v{i}+0\ntask t{i} on cpu{i} in A: munmap v{i}+0 1p; "
        f"store v{i}+1 = 2; madvise v{i}+1 1p dontneed; load v{i}+1\n" for i in range(4)))
    child = subprocess.Popen([BINARY, "--no-record", "explore", "big.scn", *DFS.split(), "--shard", "1/2", "--json"],
                             env=p.environment, cwd=p.path, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    # It listens once the search has begun, which by itself takes hours.
    while child.poll() is None and not int(re.search(r"SigCgt:\s*(\w+)", pathlib.Path(
            f"/proc/{child.pid}/status").read_text()).group(1), 16) & 1 << signal.SIGINT - 1:
        pass
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=100)
    assert child.returncode == 4, (child.returncode, out)
    result = objects(out)[-1]
    assert result["verdict"] == "bound" and result["bound"] == "interrupted" and result["states"] >= 1, result
    p.file("cut", out)
    merged(p, "--merge", "cut", status=4)


sys.exit(harness.run(globals()))
