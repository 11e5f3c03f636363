#!/usr/bin/env python3
"""The command verify: rows, and the outcomes that a scenario expects.

usage: test_verify.py SHOOTDOWN
"""
import sys

import harness
from harness import has, objects

NAME = "mremap-late-flush"
SCENARIO = harness.TWO_STORES + "variant  plain\n"


def case_verify(p):
    done = p.run("verify", NAME, status=0)
    rows = [line for line in done.out.splitlines() if line.startswith(NAME)]
    assert len(rows) == 2 and all("  ok " in row for row in rows), done.out
    p.file("wrong.scn", SCENARIO + "expect plain stale-leaf\n")
    done = p.run("verify", "wrong.scn", "--json", status=1)
    assert objects(done.out)[0]["ok"] is False
    p.run("verify", "nowhere", status=2)


def case_outcomes(p):
    """Outcomes that a scenario expects, right and wrong, and what cannot be read."""
    def verify(*lines, status=0, words=()):
        p.file("ends.scn", SCENARIO + "".join(f"expect plain {line}\n" for line in lines))
        return p.run(*words, "verify", "ends.scn", status=status)

    right = ("allowed task(two).value == 7", "allowed task(two).value == 8  # in the other order",
             "forbidden task(two).value == 9", "required task(one).result == ok", "clean",
             "allowed finished")
    has(verify(*right), "found -; expected clean", "    allowed    task(two).value == 8\n", "    required   finished\n",
        "    forbidden  task(two).value == 9\n", "1 rows, 0 wrong")
    row, = objects(verify(*right, words=["--json"]).out)
    assert row["ok"] and [one["found"] for one in row["outcomes"]] == ["allowed", "allowed", "forbidden", "required", "required"], row
    assert row["outcomes"][1] == {"ask": "task(two).value == 8", "found": "allowed", "expected": "allowed", "ok": True}, row
    for line, word in (("forbidden task(two).value == 7", "allowed    task(two).value == 7: WRONG, expected forbidden"),
                       ("allowed task(two).value == 9", "forbidden  task(two).value == 9: WRONG, expected allowed"),
                       ("required task(two).value == 8", "allowed    task(two).value == 8: WRONG, expected required"),
                       ("forbidden finished", "required   finished: WRONG, expected forbidden")):
        done = verify(line, "allowed finished", status=1)
        has(done, word, "  WRONG found -", "    required   finished\n", "1 rows, 1 wrong")
        assert not objects(verify(line, status=1, words=["--json"]).out)[0]["ok"]
    for line, word in (("allowed task(three).value == 7", "'three' is no task"), ("forbidden", "needs an expression"),
                       ("required step == 7", "an outcome is a state alone"), ("allowed 1 +", "end of the line"),
                       ("maybe finished", "'maybe' is no rule")):
        p.file("ends.scn", SCENARIO + f"expect plain clean\nexpect plain {line}\n")
        for words in (["verify", "ends.scn"], ["explore", "ends.scn"], ["--plain", "-c", "load ./ends.scn"]):
            done = p.run(*words, status=1 if words[0] == "verify" else 2)
            assert "ends.scn:10: " in done.err and word in done.err and done.err.count("\n") == 1, (words, done.err)
    # A search that goes on behind a broken rule asks there, too.
    p.file("late.scn", "machine cpus=2\nmm A\nvma A heap 0x7f0000001000 1p rw anon private\ntouch A heap+0 = 7\n"
           "warm cpu1 A heap+0\nswitch flush.targets=self\ntask one on cpu0 in A: mprotect heap+0 1p r\n"
           "task two on cpu1 in A: after 1; store heap+0 = 9\nexpect plain stale-use\nexpect plain required task(two).result == ok\n")
    has(p.run("verify", "late.scn", status=0), "violation", "    required   task(two).result == ok\n")


TABLE = """title    two dangers, two variants
column   waited  csd.async=off
column   early   csd.async=unlock-before-func
row      nmi     nmi-recycled-frame
what     nmi     an NMI reads the page
argued   nmi     waited=safe early=broken
row      own     own.scn nmi.gate=none
argued   own     waited=safe early=broken
differs  own     early   nothing reads the page
"""

OWN = """machine cpus=2
mm A
vma A heap 0x7f0000001000 1p rw anon private
touch A heap+0 = 7
warm cpu1 A heap+0
task dropper on cpu0 in A: madvise heap+0 1p dontneed
task idler on cpu1 in A: nop
"""


def case_table(p):
    p.file("own.scn", OWN)
    p.file("two.table", TABLE)
    has(p.run("verify", "two.table", status=0), "nmi      safe    broken  stale-leaf\n", "own      safe    safe*   \n",
        "* own early: argued broken, searched safe", "nothing reads the page", "4 cells, 1 otherwise than argued, 0 wrong")
    cells = objects(p.run("verify", "two.table", "--json", status=0).out)
    assert [cell["verdict"] for cell in cells] == ["safe", "broken", "safe", "safe"], cells
    assert cells[1]["found"] == "stale-leaf" and cells[3]["differs"] and all(cell["ok"] for cell in cells), cells
    p.file("two.table", TABLE.replace("own     early", "own     waited"))
    has(p.run("verify", "two.table", status=1), "WRONG own waited: argued safe, searched safe",
        "WRONG own early: argued broken, searched safe", "2 wrong")


def case_table_refused(p):
    p.file("own.scn", OWN)
    for was, now, sentence in (
            ("column   early", "column   waited", "two.table:3: 'waited' should be a new name"),
            ("what     nmi", "what     nma", "two.table:5: 'nma' should be a row"),
            ("early=broken\nrow", "early=maybe\nrow", "two.table:6: 'early=maybe' should be COLUMN=safe or COLUMN=broken"),
            ("differs  own     early", "differs  own     never", "two.table:9: 'never' should be a column"),
            ("title ", "titel ", "two.table:1: 'titel' should be title"),
            ("nmi.gate=none", "nmi.gate=some", "row own, column waited: 'nmi.gate=some' should be nmi.gate=loaded-mm"),
            ("own.scn", "nowhere", "there is no scenario 'nowhere'")):
        p.file("two.table", TABLE.replace(was, now))
        done = p.run("verify", "two.table", status=2)
        assert sentence in done.err, done.err
    p.run("verify", "absent.table", status=2)
    p.run("verify", "two.table", "own.scn", status=2)


def case_cost(p):
    """The protocols in steps: who interrupts, who waits, how long old entries last."""
    rows = {row["variant"]: row for row in objects(p.run("--json", "-c", "load protocol-munmap; cost 300", status=0).out)
            if row["t"] == "cost"}
    assert list(rows) == ["linux", "serial", "early-ack", "mach", "latr"], rows
    assert all(row["runs"] == 300 and row["broken"] == 0 for row in rows.values()), rows
    assert all(rows[name]["sent"] == 1 for name in rows if name != "latr"), rows
    assert rows["latr"]["sent"] == 0 and rows["latr"]["ticks"] == 1 and rows["latr"]["waits"] == 0, rows
    waits = [rows[name]["waits"] for name in ("early-ack", "linux", "serial")]
    assert waits == sorted(waits) and waits[0] < waits[2], waits
    assert rows["mach"]["stale"] < rows["latr"]["stale"] < rows["linux"]["stale"] < rows["early-ack"]["stale"], rows
    again = p.run("--json", "-c", "load protocol-munmap; cost 300", status=0).out
    assert objects(again)[-1] == rows["latr"], again
    broken = objects(p.run("--json", "-c", "load latr-discard; cost 100", status=0).out)
    assert [row["broken"] > 0 for row in broken if row["t"] == "cost"] == [True, False], broken
    p.plain("load protocol-munmap; cost many", status=2)


sys.exit(harness.run(globals()))
