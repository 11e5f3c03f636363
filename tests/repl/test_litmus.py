#!/usr/bin/env python3
"""The command litmus: what it prints, its exit statuses, and tests as scenarios.

usage: test_litmus.py SHOOTDOWN SAMPLE OWN

Speaks TAP.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

BINARY, SAMPLE, OWN = (os.path.abspath(word) for word in sys.argv[1:4])
WRONG = """\
[w] a verdict that is not so
init: x=p:rw; p=1 q=2
P0: pte x q rw; ld r1 x
ask: P0.r1=2
verdict: required
"""
WIDE = """\
[many] four threads
init: x=p:rw y=q:rw z=f:rw; p=1 q=0 f=0
P0: ld r0 x; ld r1 x; ld r2 y; ld r3 z; ld r4 x
P1: ld r5 x; st y r5; pte x q rw; shoot x; st z 1; ld r6 y
P2: st x 2; ld r1 y; ld r2 z; st x 3; ld r3 x
P3: pte y p rw; shoot *; ld r2 x; pte y q ro; inv y; st y 9
ask: P0.r0=77
verdict: forbidden
"""

home = tempfile.TemporaryDirectory()


def run(*words, given="", status=None):
    keep = ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LD_PRELOAD")
    environment = {name: os.environ[name] for name in keep if name in os.environ}
    environment.update(HOME=home.name, LC_ALL="C.UTF-8", TERM="dumb", XDG_DATA_HOME=home.name + "/data")
    raw = given if isinstance(given, bytes) else given.encode()
    done = subprocess.run([BINARY, *words], input=raw, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
                          cwd=home.name, timeout=200, check=False)
    done.out, done.err = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    assert done.returncode >= 0, f"{words} died by signal {-done.returncode}: {done.err}"
    assert status is None or done.returncode == status, f"{words}: {done.returncode}: {done.out}{done.err}"
    return done


def rows(text):
    """The rows of tests, without the ways and the last line."""
    return [line.split(None, 4) for line in text.splitlines()[1:-1] if not line.startswith(" ")]


def case_sample():
    done = run("litmus", SAMPLE, status=0)
    given = [line.split()[1] for line in pathlib.Path(SAMPLE).read_text().splitlines() if line.startswith("verdict:")]
    found = rows(done.out)
    assert len(found) == len(given) == 13, found
    for row, verdict in zip(found, given):
        assert row[1] == row[2] == verdict and int(row[3]) > 0 and row[4].startswith("ok"), row
    assert done.out.endswith("13 tests, 0 differ\n") and not done.err
    assert run("litmus", "-", given=pathlib.Path(SAMPLE).read_bytes(), status=0).out == done.out


def case_own():
    done = run("litmus", OWN, status=0)
    assert len(rows(done.out)) > 50 and ", 0 differ" in done.out
    run("litmus", OWN, "--ipi", status=0)


def case_differs():
    done = run("litmus", "-", given=WRONG, status=3)
    row, = rows(done.out)
    assert row[:3] == ["w", "allowed", "required"] and row[4].startswith("DIFFERS"), row
    for words in ("a way to P0.r1=2", "a way past P0.r1=2", "P0: ld r1 x = 1", "P0: ld r1 x = 2", "1 test, 1 differs"):
        assert words in done.out, words


def case_bound():
    done = run("litmus", "-", "--max-states", "1000", given=WIDE, status=4)
    assert rows(done.out)[0][1:3] == ["no", "answer"], done.out
    run("litmus", "-", "--max-states", "1000", given=WIDE + WRONG, status=3)


def case_mistakes():
    def refused(words, *says, given=""):
        done = run("litmus", *words, given=given, status=2)
        assert done.err.count("\n") == 1 and done.err.startswith("shootdown: "), done.err
        for part in says:
            assert part in done.err, (part, done.err)
        assert not done.out, done.out
    # Nothing is decided when a later test cannot be read.
    refused(["-"], "standard input:8:", "'maybe' should be forbidden, allowed or required",
            given=WRONG + "[x]\nP0:\nverdict: maybe\nask: p=1\ninit: p=1\n")
    refused([], "needs a file")
    refused(["/nowhere"], "/nowhere: No such file")
    refused(["/"], "no regular file")
    refused(["-"], "there is no test in it")
    refused(["-"], "zero byte", given=b"[x]\0\n")
    refused(["-"], "at most", given=b"#" * (5 << 20))
    refused([SAMPLE, "e99"], "'e99' should be a test of")
    refused([SAMPLE, "--loud"], "'--loud' is not understood")
    refused([SAMPLE, "--max-states", "none"], "'none' after --max-states")
    refused([SAMPLE, "--max-states"], "the end of the line")


def case_names():
    assert [row[0] for row in rows(run("litmus", SAMPLE, "e31", "e12", status=0).out)] == ["e12", "e31"]


def case_json():
    found = [json.loads(line) for line in run("--json", "litmus", SAMPLE, status=0).out.splitlines()]
    assert len(found) == 13 and all(o["t"] == "litmus" and o["ok"] for o in found)
    by_name = {o["test"]: o for o in found}
    assert by_name["e12"]["way"] == [] and by_name["e12"]["verdict"] == "forbidden"
    assert by_name["e32"]["way"][-1] == "cpu0.step" and by_name["e32"]["ask"] == "P0.r1=1"


def case_way_is_a_schedule():
    """Each way is taken in the stepper, label by label, and the session replays."""
    for name in ("e03", "e13", "e24"):
        way = json.loads(run("--json", "litmus", SAMPLE, name, status=0).out)["way"]
        steps = "; ".join("do " + label for label in way)
        done = run("--plain", "-c", f"load litmus {SAMPLE} {name}; {steps}; show tasks; when", status=0)
        assert f"at step {len(way)} of {len(way)}" in done.out, done.out
    assert "r0=2 r1=1" in done.out, done.out
    run("replay", "last", "--verify", status=0)


def case_load():
    done = run("--plain", "-c", f"load litmus {SAMPLE} e12; variant; explore; show frames", status=0)
    for words in ("from: V MP+shoot+DMBLD", "* at-once", "raw.shoot=ipi", "clean and complete", "frame q"):
        assert words in done.out, (words, done.out)
    done = run("--plain", "-c", f"load litmus {SAMPLE} e12 ipi; explore; cover", status=0)
    assert "flush_tlb_mm_range" in done.out and "flush_smp_call_function_queue" in done.out
    for words, says in (("litmus", "needs a file and the name"), (f"litmus {SAMPLE}", "needs a file and the name"),
                        (f"litmus {SAMPLE} e99", "'e99' should be a test of"), (f"litmus {SAMPLE} e12 some", "'some'"),
                        ("litmus /nowhere e12", "/nowhere"), (f"litmus {SAMPLE} e12 ipi more", "'more'")):
        done = run("--plain", "-c", "load " + words, status=2)
        assert says in done.err and done.err.count("\n") == 1, done.err


def case_outcomes():
    """All ends of a test, told apart by registers, faults and frames."""
    done = run("--plain", "-c", f"load litmus {SAMPLE} e24; explore outcomes", status=0)
    ends = {tuple(line.split("P0 ok ")[1].split(" P2 ok, ")) for line in done.out.splitlines() if "P0 ok" in line}
    assert len(ends) == 10 and ("r0=2 r1=1, P1 ok r5=1,", "p=2, q=1") in ends, done.out
    done = run("--plain", "-c", f"load litmus {SAMPLE} e13; explore outcomes", status=0)
    assert done.out.count("SIGSEGV") == 2 and "P1 SIGSEGV, p=1, f=1" in done.out, done.out


def main():
    cases = [(name[5:], case) for name, case in globals().items() if name.startswith("case_")]
    print(f"1..{len(cases)}")
    failed = 0
    for number, (name, case) in enumerate(cases, 1):
        try:
            case()
            print(f"ok {number} - {name}", flush=True)
        except (AssertionError, subprocess.TimeoutExpired, ValueError, KeyError, IndexError) as error:
            failed += 1
            print(f"not ok {number} - {name}")
            print(f"# {type(error).__name__}: {str(error)[:1500]}".replace("\n", "\n# "), flush=True)
    return 1 if failed else 0


sys.exit(main())
