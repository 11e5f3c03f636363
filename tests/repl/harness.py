"""What the tests of the whole program share: a place to run it in, words to look for, TAP.

A test file names its cases case_NAME(place) and ends with sys.exit(harness.run(globals())). Its first argument is
the program. Every case has a data directory of its own, so no case sees another one's sessions.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

BINARY = os.path.abspath(sys.argv[1])

# A scenario in which nothing can go wrong; a test adds what it is about.
TWO_STORES = """\
title    two stores
machine  arch=x86 cpus=2
mm       A
vma      A heap 0x7f0000001000 1p rw anon private
touch    A heap+0 = 7
task     one on cpu0 in A: store heap+0 = 8
task     two on cpu1 in A: load heap+0
"""


class Place:
    """A home of its own, and the program in it."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name)
        keep = ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LD_PRELOAD")
        self.environment = {name: os.environ[name] for name in keep if name in os.environ}
        self.environment.update(HOME=self.folder.name, LC_ALL="C.UTF-8", TERM="dumb",
                                XDG_DATA_HOME=self.folder.name + "/data")

    def run(self, *words, lines=None, status=None, **more):
        given = "" if lines is None else lines
        raw = given if isinstance(given, bytes) else given.encode()
        done = subprocess.run([BINARY, *words], input=raw, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env={**self.environment, **more}, cwd=self.folder.name, timeout=120, check=False)
        done.out = done.stdout.decode("utf-8", "replace")
        done.err = done.stderr.decode("utf-8", "replace")
        assert done.returncode >= 0, f"{words} died by signal {-done.returncode}: {done.err}"
        if status is not None:
            assert done.returncode == status, f"{words}: status {done.returncode}, not {status}: {done.out}{done.err}"
        return done

    def plain(self, commands, status=0):
        return self.run("--plain", "-c", commands, status=status)

    def file(self, name, text):
        (self.path / name).write_text(text)
        return name


def has(done, *words):
    for word in words:
        assert word in done.out, f"'{word}' is not in {done.out!r} {done.err!r}"


def refused(place, commands, *words):
    """The last command is refused with one sentence that holds the words; the status is 2."""
    done = place.plain(commands, status=2)
    sentence = done.err.strip()
    assert "\n" not in sentence, f"more than a sentence: {sentence}"
    for word in words:
        assert word in sentence, f"'{word}' is not in '{sentence}'"
    return done


def objects(text):
    return [json.loads(line) for line in text.splitlines() if line]


def run(names):
    """Runs the cases among these names; the status for sys.exit."""
    cases = [(name[5:], case) for name, case in names.items() if name.startswith("case_")]
    print(f"1..{len(cases)}")
    failed = 0
    for number, (name, case) in enumerate(cases, 1):
        place = Place()
        try:
            case(place)
            print(f"ok {number} - {name}", flush=True)
        except (AssertionError, subprocess.TimeoutExpired, ValueError, KeyError, IndexError) as error:
            failed += 1
            print(f"not ok {number} - {name}")
            line = error.__traceback__
            while line.tb_next and line.tb_next.tb_frame.f_code.co_filename == names["__file__"]:
                line = line.tb_next
            print(f"# line {line.tb_lineno}: {type(error).__name__}: {str(error)[:1500]}".replace("\n", "\n# "), flush=True)
    return 1 if failed else 0
