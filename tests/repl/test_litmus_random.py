#!/usr/bin/env python3
"""Random litmus tests: the program's verdicts against a second reading of the notation, written down literally.

usage: test_litmus_random.py SHOOTDOWN [SEED [COUNT]]

The reading here knows nothing of page walks, interrupts or reductions: page-table entries, frames, and per CPU a set of
kept translations that may grow by a present one, or lose one, at any moment. Speaks TAP.
"""
import os
import random
import subprocess
import sys

BINARY = os.path.abspath(sys.argv[1])
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 1
COUNT = int(sys.argv[3]) if len(sys.argv) > 3 else 60
MOST_STATES = 12000
RIGHTS = ("rw", "ro", "none")


class Test:
    """init: address -> (frame, rights), frame -> value; threads: lists of instructions."""

    def __init__(self, rng):
        self.addresses = ["x", "y"][:rng.choice((1, 2, 2))]
        self.frames = ["p", "q", "f"][:rng.choice((2, 3))]
        self.entry = {a: (rng.choice(self.frames), rng.choice(("rw", "rw", "ro", "none"))) for a in self.addresses}
        self.value = {f: rng.randrange(3) for f in self.frames}
        self.threads = [[self.instruction(rng) for _ in range(rng.randint(1, 3))] for _ in range(rng.choice((1, 2, 2, 3)))]

    def instruction(self, rng):
        address = rng.choice(self.addresses)
        register = rng.randrange(2)
        kind = rng.choice(("ld", "ld", "st", "pte", "pte", "inv", "shoot", "shoot", "ldpte"))
        if kind in ("ld", "ldpte"):
            return (kind, register, address)
        if kind == "st":
            return (kind, address, rng.choice((rng.randrange(1, 4), "r%d" % register)))
        if kind == "pte":
            return (kind, address, rng.choice(self.frames), rng.choice(RIGHTS))
        if kind == "shoot" and rng.random() < 0.3:
            return (kind, "*")
        return (kind, address)

    def text(self, name, ask, verdict):
        gap = " " * (1 + len(name) % 3)
        lines = ["[%s] random | seed %d" % (name, SEED),
                 "init:%s%s;%s%s" % (gap, gap.join("%s=%s:%s" % (a, *e) for a, e in self.entry.items()), gap,
                                     " ".join("%s=%d" % v for v in self.value.items()))]
        for number, thread in enumerate(self.threads):
            words = [" ".join("r%d" % w if i[0] in ("ld", "ldpte") and k == 1 else str(w) for k, w in enumerate(i))
                     for i in thread]
            lines.append("P%d:%s%s" % (number, gap, ";".join(words)))
        return "\n".join(lines + ["ask: " + " & ".join(ask), "verdict: " + verdict]) + "\n"

    # A state is (entries, values, per thread: (next instruction or None after a fault, registers, kept translations)).

    def start(self):
        return (tuple(self.entry[a] for a in self.addresses), tuple(self.value[f] for f in self.frames),
                tuple((0, (0, 0), (None,) * len(self.addresses), None) for _ in self.threads))

    def successors(self, state):
        entries, values, threads = state
        for t, (at, registers, kept, fault) in enumerate(threads):
            def with_thread(*new, entries=entries, values=values, others=threads):
                return (entries, values, others[:t] + (new,) + others[t + 1:])
            for a, entry in enumerate(entries):
                if entry[1] != "none" and kept[a] != entry:
                    yield with_thread(at, registers, kept[:a] + (entry,) + kept[a + 1:], fault)
                if kept[a]:
                    yield with_thread(at, registers, kept[:a] + (None,) + kept[a + 1:], fault)
            if fault is not None or at == len(self.threads[t]):
                continue
            kind, *words = self.threads[t][at]
            if kind in ("ld", "st"):
                a = self.addresses.index(words[1] if kind == "ld" else words[0])
                frame, rights = kept[a] or entries[a]
                f = self.frames.index(frame)
                if rights == "none" or (kind == "st" and rights == "ro"):
                    yield with_thread(at, registers, kept, a)
                elif kind == "ld":
                    new = list(registers)
                    new[words[0]] = values[f]
                    yield with_thread(at + 1, tuple(new), kept, None)
                else:
                    value = registers[int(words[1][1:])] if isinstance(words[1], str) else words[1]
                    if isinstance(value, tuple):
                        value = "entry"  # such a test is not used
                    yield with_thread(at + 1, registers, kept, None, values=values[:f] + (value,) + values[f + 1:])
            elif kind == "ldpte":
                new = list(registers)
                new[words[0]] = entries[self.addresses.index(words[1])]
                yield with_thread(at + 1, tuple(new), kept, None)
            elif kind == "pte":
                a = self.addresses.index(words[0])
                yield with_thread(at + 1, registers, kept, None,
                                  entries=entries[:a] + ((words[1], words[2]),) + entries[a + 1:])
            else:
                gone = range(len(entries)) if words[0] == "*" else (self.addresses.index(words[0]),)
                dropped = [tuple(None if a in gone else e for a, e in enumerate(k)) for _, _, k, _ in threads]
                others = threads if kind == "inv" else tuple((n, r, d, f) for (n, r, _, f), d in zip(threads, dropped))
                yield with_thread(at + 1, registers, dropped[t], None, others=others)

    def ends(self):
        """What can be seen at the end: registers, faults, frames; nothing when there is too much to look at."""
        seen, todo, ends = {self.start()}, [self.start()], set()
        while todo:
            if len(seen) > MOST_STATES:
                return set()
            state = todo.pop()
            if all(fault is not None or at == len(self.threads[t]) for t, (at, _, _, fault) in enumerate(state[2])):
                ends.add((state[1], tuple((r, fault) for _, r, _, fault in state[2])))
                continue
            for after in self.successors(state):
                if after not in seen:
                    seen.add(after)
                    todo.append(after)
        return ends

    def terms(self, end):
        """Every term that holds at this end, as (words, does it hold)."""
        values, threads = end
        for f, value in zip(self.frames, values):
            yield "%s=%d" % (f, value), lambda e, f=f, v=value: e[0][self.frames.index(f)] == v
        for t, (registers, fault) in enumerate(threads):
            for r, value in enumerate(registers):
                if any(i[0] in ("ld", "ldpte") and i[1] == r for i in self.threads[t]):
                    words = "%s:%s" % value if isinstance(value, tuple) else value
                    yield "P%d.r%d=%s" % (t, r, words), lambda e, t=t, r=r, v=value: e[1][t][0][r] == v
            for a, address in enumerate(self.addresses):
                yield ("fault(P%d,%s)" % (t, address) if fault == a else "!fault(P%d,%s)" % (t, address),
                       lambda e, t=t, a=a, h=fault == a: (e[1][t][1] == a) == h)


def one(rng, name):
    """A test whose outcome is a mixture of two ends, with the verdict that the literal reading gives; None when it
    is not a good one."""
    test = Test(rng)
    ends = test.ends()
    if not ends or any("entry" in end[0] for end in ends) or (len(ends) < 3 and rng.random() < 0.8):
        return None
    some = sorted(ends, key=repr)
    terms = {}
    for _ in range(rng.choice((1, 2, 2, 3))):
        asked = list(test.terms(rng.choice(some)))
        telling = [t for t in asked if not all(t[1](end) for end in ends)]
        if rng.random() < 0.2:
            words, holds = rng.choice(asked)
            words, holds = "!" + words if words[0] != "!" else words[1:], lambda e, h=holds: not h(e)
        else:
            words, holds = rng.choice(telling if telling and rng.random() < 0.9 else asked)
        terms[words] = holds
    count = sum(all(h(end) for h in terms.values()) for end in ends)
    verdict = "forbidden" if not count else "required" if count == len(ends) else "allowed"
    return verdict, test.text(name, list(terms), verdict)


def main():
    rng = random.Random(SEED)
    texts, tally = [], {"forbidden": 0, "allowed": 0, "required": 0}
    while len(texts) < COUNT:
        made = one(rng, "t%d" % len(texts))
        if made:
            tally[made[0]] += 1
            texts.append(made[1])
    failed = 0
    print("1..3")
    for number, (what, words) in enumerate((("the notation", ()), ("the kernel's own flush", ("--ipi",))), 1):
        # Flushes that overlap have very many orders.
        given = "\n".join(t for t in texts if not words or t.count("shoot") <= 2)
        done = subprocess.run([BINARY, "--no-record", "litmus", "-", *words], input=given.encode(),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode:
            failed = 1
            for line in done.stdout.decode("utf-8", "replace").splitlines():
                print("# " + line)
            print("# " + given.replace("\n", "\n# "))
        print("%s %d - %d random tests as the literal reading has them: %s" %
              ("not ok" if done.returncode else "ok", number, given.count("ask:"), what))
    varied = min(tally.values()) >= COUNT // 10
    print("%s 3 - verdicts of all kinds: %s" % ("ok" if varied else "not ok", tally))
    return failed or not varied


sys.exit(main())
