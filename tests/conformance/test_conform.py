#!/usr/bin/env python3
"""The command `conform`: what it echoes, what it refuses, and that `load conform` steps the same programs."""
import re
import subprocess
import sys

PROGRAM = "# cow-1 said\nA map 0 2 rw ap\nA w 0 7 | nonsense\n\nframes\n"


def run(*args, text=None, status=0):
    done = subprocess.run([sys.argv[1], "--no-record", *args], input=text, capture_output=True, text=True)
    assert done.returncode == status, (args, done.returncode, done.stdout[-2000:], done.stderr)
    return done


def transcript():
    out = run("conform", "-", text=PROGRAM).stdout
    assert out == "# cow-1 said\nA map 0 2 rw ap | ok\nA w 0 7 | ok new\n\nframes | none\n", out
    # What it prints is what it reads.
    assert run("conform", "-", text=out).stdout == out
    assert run("conform", "-", "--diff", text=out).stdout.endswith("3 / 3\n")
    out = run("conform", "-", "--diff", text=PROGRAM, status=3).stdout
    assert "want nonsense" in out and "got  ok new" in out and "all          1 /     2 programs" in out, out


def flushes():
    out = run("conform", "-", "--flushes", text="A map 0 2 rw ap\nA w 1 7\nT r 1\nA unmap 1 1\nA fork B\nB r 0\n").stdout
    assert "A unmap 1 1 | ok ! local=1 send=1" in out and "A fork B | ok ! local=all send=all" in out, out
    assert "B r 0 | 0 zero\n" in out, out


def kernels():
    text = "A map 0 2 rw ap\nA map 2 2 r ap\nA remap 0 4 4 mf 8\n"
    assert "mf 8 | ok" in run("conform", "-", text=text).stdout
    assert "mf 8 | EFAULT" in run("conform", "-", "--kernel", "6.12", text=text).stdout


def refusals():
    for text, word in [("A mop 0 2\n", "'mop'"), ("E map 0 2 rw ap\n", "'E'"), ("A map 0\n", "end of the line"),
                       ("A map x 2 rw ap\n", "'x'"), ("A map 0 2 rq ap\n", "'rq'"), ("A map 0 2 rw zz\n", "'zz'"),
                       ("A map 0 2 rw f2p@0\n", "'f2p@0'"), ("A map 0 2 rw ap hot\n", "'hot'"), ("A adv 0 1 maybe\n", "'maybe'"),
                       ("A w 0 x\n", "'x'"), ("A fork E\n", "'E'"), ("A trunc g0 1\n", "'g0'"), ("A remap 0 1 1 q\n", "'q'"),
                       ("A sync 0 1 soon\n", "'soon'"), ("A r 0 1\n", "'1'"), ("\x01\n", "a process")]:
        err = run("conform", "-", text="# x\nA map 0 1 rw ap\n" + text, status=2).stderr
        assert err.startswith("shootdown: standard input:3: ") and word in err and err.count("\n") == 1, (text, err)
    assert "--kernel" in run("conform", "-", "--colour", text="", status=2).stderr
    assert "'5.20'" in run("conform", "-", "--kernel", "5.20", text="A r 0\n", status=2).stderr
    run("conform", "/nowhere", status=2)
    run("conform", status=2)
    # A request that cannot be made of a machine is answered, as by the recorder of the answers.
    out = run("conform", "-", text="A map 15 2 rw ap\nB r 0\nA exit\nT r 0\n").stdout
    assert [line.split(" | ")[1] for line in out.strip().split("\n")] == ["bad-range", "bad-proc", "bad-proc", "bad-proc"], out


def loaded():
    """A program, run as a scenario, ends with the mappings that conform reports."""
    names = re.findall(r"^# (\S+)", open(sys.argv[2]).read(), re.M)
    stepped = 0
    for name in names[::10]:
        done = subprocess.run([sys.argv[1], "--no-record", "--plain", "-c", f"load conform {sys.argv[2]} {name}; run"],
                              capture_output=True, text=True)
        if "is forked a second time" in done.stderr:
            continue
        assert done.returncode == 0 and "the end: every program has run" in done.stdout, (name, done.stdout[-800:], done.stderr)
        stepped += 1
    assert stepped > len(names) / 20, stepped
    assert "holds no program 'nobody'" in run("-c", f"load conform {sys.argv[2]} nobody", status=2).stderr


for case in (transcript, flushes, kernels, refusals, loaded):
    case()
    print("ok", case.__name__)
