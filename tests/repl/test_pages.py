"""Every block of a page that can be typed at the prompt is typed, each in a home of its own; nothing in it is refused.

usage: test_pages.py SHOOTDOWN PAGE ...
"""
import pathlib
import re
import sys

import harness

SOURCE = pathlib.Path(__file__).resolve().parents[2]


def typed(place, text):
    """Refusals come on standard error; searches may find something (3) or end at a bound that the block sets (4)."""
    (place.path / "tests").symlink_to(SOURCE / "tests")
    (place.path / "scenarios").symlink_to(SOURCE / "scenarios")
    done = place.run("--plain", lines=text)
    assert done.returncode in (0, 3, 4) and not done.err, f"{text}{done.returncode}: {done.err}"


def cases():
    found = {"__file__": __file__}
    for page in map(pathlib.Path, sys.argv[2:]):
        text = page.read_text(encoding="utf-8")
        for block in re.finditer(r"^```shootdown\n(.*?)^```$", text, re.M | re.S):
            line = text.count("\n", 0, block.start()) + 1
            found[f"case_{page.name}_{line}"] = lambda place, words=block[1]: typed(place, words)
    assert len(found) > 30, "there are pages without blocks"
    return found


sys.exit(harness.run(cases()))
