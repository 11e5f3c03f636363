#!/usr/bin/env python3
"""Random programs, answered by the kernel that runs and by the model of its release, must agree.

usage: live.py SHOOTDOWN KERN-ORACLE GENERATOR [SEED [COUNT]]
Skipped (exit 77) with a word where the kernel is none that is modelled, or does not show what is compared.
"""
import os
import re
import subprocess
import sys

RELEASES = ["6.1", "6.12", "6.18", "7.2"]


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def answers(oracle, programs):
    return subprocess.run([oracle], input=programs, capture_output=True, text=True, timeout=500).stdout


def main():
    shootdown, oracle, generator = sys.argv[1:4]
    seed = sys.argv[4] if len(sys.argv) > 4 else "2611"
    count = sys.argv[5] if len(sys.argv) > 5 else "60"
    release = re.match(r"(\d+\.\d+)\b", os.uname().release)
    if not release or release.group(1) not in RELEASES or os.uname().machine != "x86_64":
        skip(f"the kernel that runs is {os.uname().release} on {os.uname().machine}, modelled are {', '.join(RELEASES)}")
    probe = answers(oracle, "A map 0 2 rw ap\nA w 0 7\nA pin 0 1\nA dma 0 9\nA lock 1 1\n")
    if probe.split("\n")[:5] != ["A map 0 2 rw ap | ok", "A w 0 7 | ok new", "A pin 0 1 | ok", "A dma 0 9 | ok", "A lock 1 1 | ok"]:
        skip("this kernel does not show page frames, or does not let memory be pinned or locked (it takes root)")
    programs = subprocess.run([sys.executable, generator, seed, count], capture_output=True, text=True, check=True).stdout
    done = subprocess.run([shootdown, "--no-record", "conform", "-", "--diff", "--kernel", release.group(1)],
                          input=answers(oracle, programs), capture_output=True, text=True)
    print(done.stdout[-6000:], done.stderr)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
