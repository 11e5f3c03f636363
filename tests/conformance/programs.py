#!/usr/bin/env python3
"""Random conformance programs: programs.py SEED COUNT [SECTION ...] prints them; the same words, the same programs."""
import random
import sys

PAGES = 16
LETTERS = "ABCD"
ADVICE = ("normal random sequential willneed dontneed free remove dontfork dofork hugepage nohugepage "
          "dontdump dodump wipeonfork keeponfork popread popwrite").split()


class Writer:
    """Writes one program; keeps no model of the machine beyond which processes there are and where something was mapped."""

    def __init__(self, rng, section):
        self.rng, self.section = rng, section
        self.lines, self.alive, self.mapped, self.pinned = [], ["A"], [], {}

    def add(self, process, *words):
        self.lines.append(" ".join([process, *map(str, words)]))

    def span(self, most=PAGES):
        at = self.rng.randrange(PAGES)
        if self.mapped and self.rng.random() < 0.7:
            start, length = self.rng.choice(self.mapped)
            at = min(PAGES - 1, max(0, start + self.rng.randrange(-1, length + 1)))
        return at, self.rng.randint(1, min(most, PAGES - at))

    def page(self):
        return self.span()[0]

    def rights(self):
        return self.rng.choice(["rw", "rw", "rw", "rw", "r", "r", "-", "w", "rwx", "rx"])

    def source(self):
        if self.section in ("anon", "cow", "pin", "err"):
            return "ap"
        kinds = {"file": ["f0s", "f0p", "f1s", "f1p", "f0rp", "f0rs", "ap", "as"],
                 "flush": ["ap", "ap", "ap", "as", "f0s", "f0p"]}
        kind = self.rng.choice(kinds.get(self.section, ["ap", "ap", "ap", "as", "f0s", "f0p", "f1p", "f0rs"]))
        return f"{kind}@{self.rng.randrange(9)}" if kind[0] == "f" else kind

    def map(self, p):
        at, n = self.span(9)
        words = ["map", at, n, self.rights(), self.source()]
        if self.section in ("attr", "mix", "err") and self.rng.random() < 0.3:
            words.append(",".join(self.rng.sample(["noreplace", "populate", "locked", "noreserve"], self.rng.choice([1, 1, 2]))))
        self.add(p, *words)
        self.mapped.append((at, n))
        del self.mapped[:-8]

    def touch(self, p):
        where = self.page()
        if self.section in ("file", "mix") and self.rng.random() < 0.05:
            where = f"{where}+{self.rng.choice([1, 7, 4095])}"
        if self.rng.random() < 0.6:
            self.add(p, "w", where, self.rng.randrange(1, 256))
        else:
            self.add(p, "r", where)

    def remap(self, p):
        at, old = self.span(6)
        new = self.rng.choice([old, old, old, self.rng.randint(0, 6), self.rng.randint(1, 6)])
        new = min(new, PAGES - at)
        flags = self.rng.choice(["m", "m", "mf", "mf", "mf", "mdf", "md", "-", "-", "f", "mb"] if self.rng.random() < 0.3
                                else ["m", "mf", "mf", "mdf", "-"])
        if self.rng.random() < 0.05:
            old = 0
        words = ["remap", at, old, new, flags]
        if "f" in flags or ("d" in flags and self.rng.random() < 0.2):
            words.append(self.rng.randint(0, PAGES - max(new, 1)))
        self.add(p, *words)

    def bad(self, p):
        at, n = self.span(9)
        self.add(p, *self.rng.choice([
            ["map", f"{at}+8", 1, "rw", "ap"] if at < 15 else ["map", at, 0, "rw", "ap"],
            ["map", at, 0, "rw", "ap"], ["map", at, n, "rw", "bp"], ["map", at, n, "rw", "an"],
            ["map", at, n, "rw", "f0rs@0"], ["map", at, n, "rw", "ap", "noreplace"], ["map", at, n, "rw", "f0s@0+5"],
            ["unmap", at, 0], ["unmap", min(at, 14), "0+100"], ["prot", at, 0, "r"], ["prot", f"{min(at, 14)}+16", 1, "r"],
            ["adv", at, n, "bad"], ["adv", at, 0, "dontneed"], ["adv", f"{min(at, 14)}+8", 1, "free"],
            ["sync", at, n, "async,sync"], ["sync", at, n, "bad"], ["sync", at, n, self.rng.choice(["sync", "async", "inval", "-"])],
            ["incore", at, n], ["incore", f"{min(at, 14)}+3", 1], ["remap", at, 1, 0, "m"], ["remap", min(at, 14), "0+5", 1, "-"],
            ["lock", at, n], ["lock", min(at, 14), "0+5"], ["unlock", at, n], ["remap", f"{min(at, 14)}+1", 1, 1, "m"],
        ]))

    def file(self, p):
        f, n = self.rng.choice([("f0", 8), ("f1", 4)])
        where = self.rng.randrange(n + 2)
        kind = self.rng.choice(["fr", "fr", "fw", "fw", "trunc", "remove", "sync"])
        if self.rng.random() < 0.1:
            where = f"{where}+{self.rng.choice([1, 12, 100])}"
        if kind == "fr":
            self.add(p, "fr", f, where)
        elif kind == "fw":
            self.add(p, "fw", f, where, self.rng.randrange(1, 256))
        elif kind == "trunc":
            self.add(p, "trunc", f, where)
        else:
            at, length = self.span(5)
            self.add(p, *(["adv", at, length, "remove"] if kind == "remove" else ["sync", at, length, "sync"]))

    def pin(self, p):
        kind = self.rng.choice(["pin", "dma", "dma", "unpin"])
        if kind == "pin":
            self.add(p, "pin", *self.span(4))
        elif kind == "dma":
            self.add(p, "dma", self.page(), self.rng.randrange(1, 256))
        else:
            self.add(p, "unpin")

    def advise(self, p):
        self.add(p, "adv", *self.span(6), self.rng.choice(ADVICE if self.section != "flush" else ["dontneed", "dontneed", "free"]))

    def processes(self, p):
        free = [q for q in LETTERS if q not in self.alive]
        if free and self.rng.random() < 0.8:
            self.add(p, "fork", free[0])
            self.alive.append(free[0])
        elif p != "A":
            self.add(p, "exit")
            self.alive.remove(p)

    def report(self):
        for q in sorted(self.alive):
            self.add(q, self.rng.choice(["vmas", "vmas", "perms"]))
            self.add(q, "pages")
        self.lines.append("frames")

    def step(self):
        section = self.section
        p = self.rng.choice(self.alive)
        if section == "flush" and p == "A" and self.rng.random() < 0.15:
            p = "T"
            self.touch(p)
            return
        weights = {"map": 4, "unmap": 2, "prot": 3, "touch": 6}
        weights.update({"cow": {"processes": 2, "touch": 8, "advise": 1}, "file": {"file": 5, "processes": 1},
                        "remap": {"remap": 6, "processes": 0.5}, "attr": {"advise": 5, "lock": 3, "processes": 1, "incore": 1},
                        "err": {"bad": 5}, "pin": {"pin": 4, "processes": 1, "advise": 1, "remap": 1},
                        "mix": {"remap": 2, "advise": 3, "lock": 1, "processes": 1, "file": 2, "pin": 1, "bad": 0.5, "incore": 0.5},
                        "flush": {"remap": 2, "advise": 2, "processes": 0.5}}.get(section, {}))
        kind = self.rng.choices(list(weights), list(weights.values()))[0]
        if kind == "unmap":
            self.add(p, "unmap", *self.span(5))
        elif kind == "prot":
            self.add(p, "prot", *self.span(6), self.rights())
        elif kind == "lock":
            self.add(p, self.rng.choice(["lock", "lock", "unlock"]), *self.span(5))
        elif kind == "incore":
            self.add(p, "incore", *self.span(5))
        else:
            getattr(self, kind)(p)

    def program(self):
        self.map("A")
        for _ in range(self.rng.randint(15, 35)):
            self.step()
            if self.rng.random() < 0.06:
                self.add(self.rng.choice(self.alive), self.rng.choice(["vmas", "pages"]))
        self.report()
        return self.lines


SECTIONS = ["anon", "cow", "file", "remap", "attr", "err", "pin", "mix", "flush"]


def main():
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    for n in range(count):
        for section in sys.argv[3:] or SECTIONS[:-1]:
            print(f"# {section}-{n:04d} seed={seed}")
            print("\n".join(Writer(random.Random(f"{seed} {section} {n}"), section).program()))


if __name__ == "__main__":
    main()
