#!/usr/bin/env python3
"""Looks at the sources alone: docs/model.md must have a row for each routine of the engine.

The routines and their order are those of engine/kernel/routines.h, the kernel's file is the one that
ROUTINE() names where the routine is written. The table has a heading row for each file and below it
a row for each routine: its name, what is modelled, what is left out. Prints one line, file:line:
sentence, for each offence; exits 1 when there is any.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE = "engine/kernel/routines.h"
PAGE = "docs/model.md"
HEADING = "## Function by function"
CELLS = 3


def routines():
    """The names in the ROUTINES table, in its order."""
    text = (ROOT / TABLE).read_text()
    table = re.search(r"^#define ROUTINES\(R\)((?:.*\\\n)*.*)", text, re.M)
    return re.findall(r"\bR\((\w+)\)", table.group(1)) if table else []


def kernel_files():
    """The kernel's file of each routine."""
    found = {}
    for source in (ROOT / "engine").rglob("*.c"):
        found.update(re.findall(r'^ROUTINE\((\w+),\s*"([^"]*)"\)', source.read_text(), re.M))
    return found


def table_lines():
    """The table's lines and their numbers, without its head and the rule below that."""
    lines = (ROOT / PAGE).read_text().splitlines()
    if HEADING not in lines:
        return
    head = 2
    for number in range(lines.index(HEADING) + 1, len(lines)):
        if lines[number].startswith("## "):
            return
        if not lines[number].startswith("|"):
            continue
        if head:
            head -= 1
            continue
        yield number + 1, lines[number]


def page_rows(offence):
    """Name, file and line of each routine's row; rows that are not what they should be are offences."""
    where = None
    for number, line in table_lines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        file = re.fullmatch(r"\*\*(.+)\*\*", cells[0])
        name = re.fullmatch(r"`(\w+)`", cells[0])
        if len(cells) != CELLS:
            offence(PAGE, number, f"a row has {CELLS} cells, this one has {len(cells)}")
        elif file and not any(cells[1:]):
            where = file.group(1)
        elif not name:
            offence(PAGE, number, f"{cells[0]!r} is neither a **file** alone in its row nor a `routine`")
        else:
            if not all(cells):
                offence(PAGE, number, f"{name.group(1)} has an empty cell; what is not known is said")
            yield name.group(1), where, number


def expected_order(names, files):
    """As the table has it: files as their first routine comes, routines of a file as they come."""
    first = {}
    for name in names:
        first.setdefault(files.get(name), len(first))
    return sorted(names, key=lambda name: first[files.get(name)])


def main():
    offences = []

    def offence(file, number, sentence):
        offences.append(f"{file}:{number}: {sentence}")

    names, files = routines(), kernel_files()
    if not names:
        offence(TABLE, 1, "no table of routines was found")
    for name in names:
        if name not in files:
            offence(TABLE, 1, f"no ROUTINE({name}, ...) was found in engine/")
    seen = {}
    for name, where, number in page_rows(offence):
        if name not in names:
            offence(PAGE, number, f"{name} is no routine of {TABLE}")
        elif name in seen:
            offence(PAGE, number, f"{name} has a row already, in line {seen[name]}")
        else:
            seen[name] = number
            if where != files.get(name):
                offence(PAGE, number, f"{name} belongs below {files.get(name)}, not below {where}")
    for name in names:
        if name in files and name not in seen:
            offence(PAGE, 1, f"{name}, in {files[name]}, has no row below '{HEADING}'")
    wanted = [name for name in expected_order(names, files) if name in seen]
    for name, expected in zip(seen, wanted):
        if name != expected:
            offence(PAGE, seen[name], f"{name} stands where {expected} is next in the order of {TABLE}")
            break
    for line in offences:
        print(line)
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main())
