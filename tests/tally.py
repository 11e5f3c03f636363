#!/usr/bin/env python3
"""Adds up what `meson test` found in several builds, for `./dev test`.

The one argument names a list with a line for each build: label, exit status of meson, path of its
testlog.json ("-" when the build itself failed), separated by tabs. Every cmocka case and every TAP
line counts as one test, any other test as one. Prints the output of each test that failed, a line
for each build, and as the very last line "N passed, N failed". Exits 1 if a test failed or none ran.
"""
import json
import re
import sys

LONGEST = 20000  # characters of a failing test's output that are shown


class Count:
    def __init__(self, passed=0, failed=0, skipped=0):
        self.passed, self.failed, self.skipped = passed, failed, skipped

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def __str__(self):
        text = f"{self.passed} passed, {self.failed} failed"
        return text + (f", {self.skipped} skipped" if self.skipped else "")


def cmocka_count(output):
    """The cases of a cmocka program, or None when this is no such program's output."""
    if not re.search(r"^\[=+\] .*Running \d+ test", output, re.M):
        return None

    def summed(word):
        found = re.findall(rf"\[\s*{word}\s*\] (\d+) test\(s\)", output)
        return sum(map(int, found)) if found else None

    passed = summed("PASSED")
    if passed is None:  # it died before its summary
        passed = len(re.findall(r"\[\s*OK\s*\] ", output))
    return Count(passed, summed("FAILED") or 0, summed("SKIPPED") or 0)


def tap_count(output):
    """The lines of a test that speaks TAP, or None when this one does not."""
    plan = re.search(r"^1\.\.(\d+)", output, re.M)
    if not plan:
        return None
    count = Count()
    for bad, rest in re.findall(r"^(not )?ok\b(.*)$", output, re.M):
        if re.search(r"#\s*skip", rest, re.I):
            count.skipped += 1
        elif bad:
            count.failed += 1
        else:
            count.passed += 1
    count.failed += max(0, int(plan[1]) - count.passed - count.failed - count.skipped)
    return count


def test_count(test):
    """What one entry of testlog.json amounts to; an entry that is not well always holds a failure."""
    result = test["result"]
    if result == "SKIP":
        return Count(skipped=1)
    stdout = test.get("stdout", "")
    output = stdout + "\n" + test.get("stderr", "")
    count = cmocka_count(output) or tap_count(stdout)
    if result in ("OK", "EXPECTEDFAIL"):
        return count or Count(passed=1)
    count = count or Count()
    count.failed = max(1, count.failed)
    return count


def show_failure(label, test):
    status = test.get("returncode")
    print(f"--- {test['name']} ({label}): {test['result']}, exit status {status}")
    for text in (test.get("stdout", ""), test.get("stderr", "")):
        if len(text) > LONGEST:
            print(f"[the first {len(text) - LONGEST} characters are left out]")
        if text.strip():
            print(text[-LONGEST:].rstrip())
    print()


def build_count(label, status, path):
    if path == "-":
        print(f"--- {label}: was not built\n")
        return Count(failed=1)
    try:
        with open(path, encoding="utf-8", errors="replace") as log:
            tests = [json.loads(line) for line in log]
    except (OSError, ValueError) as error:
        print(f"--- {label}: no test ran ({error})\n")
        return Count(failed=1)
    total = Count()
    for test in tests:
        count = test_count(test)
        if count.failed:
            show_failure(label, test)
        total.add(count)
    if status and not total.failed:
        print(f"--- {label}: meson ended with status {status}, yet its log holds no failure\n")
        total.failed += 1
    return total


def main():
    total, lines = Count(), []
    with open(sys.argv[1], encoding="utf-8") as results:
        for line in results:
            label, status, path = line.rstrip("\n").split("\t")
            count = build_count(label, int(status), path)
            lines.append(f"{label}: {count}")
            total.add(count)
    print("\n".join(lines))
    print(total)
    return 1 if total.failed or not total.passed else 0


sys.exit(main())
