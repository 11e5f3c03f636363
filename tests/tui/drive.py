#!/usr/bin/env python3
"""Drive the screen in tmux and look at what it shows.

    drive.py FAKE_CLIENT

No scenario waits for time to pass: a sync sequence goes in after the keys, and the program answers
it in the window title once everything before it is processed and painted.
TAP on standard output."""
import os
import shutil
import subprocess
import sys
import tempfile

PROGRAM = os.path.abspath(sys.argv[1])
TRIES = 4000
scenarios = []


class Gone(Exception):
    pass


class Terminal:
    count = 0

    def __init__(self, cols=80, rows=24, term="tmux-256color", locale="C.UTF-8", env="", args="",
                 inputrc="", shell=False):
        Terminal.count += 1
        self.socket = f"shootdown-test-{os.getpid()}-{Terminal.count}"
        self.home = tempfile.mkdtemp(prefix="shootdown-tui-")
        with open(f"{self.home}/inputrc", "w") as f:
            f.write(inputrc)
        self.errors = f"{self.home}/errors"
        program = f"{PROGRAM} --history {self.home}/history {args}"
        what = (f"sh -c 'trap : INT; {program} 2>{self.errors}; echo $? >{self.home}/status'"
                if not shell else "sh -i")
        self.program = program
        command = (f"exec env -i PATH={os.environ['PATH']} HOME={self.home} TERM={term} "
                   f"INPUTRC={self.home}/inputrc LC_ALL={locale} SHOOTDOWN_TEST=1 "
                   f"PS1='$ ' {env} {what}")
        self.syncs = 0
        self.tmux("new-session", "-d", "-x", str(cols), "-y", str(rows), "-s", "s", command)
        for option in (("remain-on-exit", "on"), ("status", "off"), ("escape-time", "0")):
            self.tmux("set", "-g", *option)
        self.resize(cols, rows)

    def tmux(self, *args):
        done = subprocess.run(["tmux", "-u", "-L", self.socket, "-f", "/dev/null", *args],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.stdout.decode("utf-8", "replace")

    def ask(self, field):
        return self.tmux("display", "-p", "-t", "s", "#{%s}" % field).rstrip("\n")

    def resize(self, cols, rows):
        """Returns when the program's terminal has the size, which tmux may put off."""
        self.tmux("resize-window", "-t", "s", "-x", str(cols), "-y", str(rows))
        with open(os.open(self.ask("pane_tty"), os.O_RDONLY | os.O_NOCTTY)) as tty:
            self.wait(lambda: self.ask("pane_width") and
                      os.get_terminal_size(tty.fileno()) == (cols, rows), "the new size")

    def type(self, text):
        self.tmux("send-keys", "-t", "s", "-l", text)

    def keys(self, *names):
        self.tmux("send-keys", "-t", "s", *names)

    def bytes(self, *values):
        self.tmux("send-keys", "-t", "s", "-H", *("%02x" % v for v in values))

    def click(self, row, col):
        for button in (0x20, 0x23):     # press, release
            self.bytes(0x1b, 0x5b, 0x4d, button, 0x21 + col, 0x21 + row)

    def paste(self, text):
        self.tmux("set-buffer", text)
        self.tmux("paste-buffer", "-p", "-t", "s")

    def wait(self, happened, what):
        for _ in range(TRIES):
            if happened():
                return
        raise Gone(f"never came: {what}\n{self.screen()}")

    def sync(self):
        self.syncs += 1
        self.type("\033[9999~")
        self.wait(lambda: self.ask("pane_title") == f"sync {self.syncs}", f"sync {self.syncs}")
        return self.screen()

    def screen(self):
        return self.tmux("capture-pane", "-p", "-t", "s")

    def line(self):
        """The last row: the prompt."""
        return self.sync().rstrip("\n").split("\n")[-1]

    def dead(self):
        """The exit status. The shell around the program notes it: tmux sometimes misses it."""
        self.wait(lambda: self.ask("pane_dead") == "1" and os.path.exists(f"{self.home}/status"),
                  "the end of the program")
        with open(f"{self.home}/status") as f:
            return f.read().strip()

    def close(self):
        self.tmux("kill-server")
        text = open(self.errors).read() if os.path.exists(self.errors) else ""
        shutil.rmtree(self.home, ignore_errors=True)
        return text


def scenario(**options):
    def keep(function):
        scenarios.append((function.__name__.replace("_", " "), function, options))
        return function
    return keep


def see(text, *wanted):
    for w in wanted:
        if w not in text:
            raise Gone(f"not on the screen: {w!r}\n{text}")


def miss(text, *unwanted):
    for u in unwanted:
        if u in text:
            raise Gone(f"should not be on the screen: {u!r}\n{text}")


@scenario()
def typing_and_editing(t):
    t.type("hello wrld")
    t.keys("Left", "Left", "Left")
    t.type("o")
    see(t.line(), "[0/40] > hello world")
    t.keys("Enter")
    see(t.sync(), "typed: <hello world>", "cpus and TLBs [*]", "F1 Help")
    t.keys("Enter")
    see(t.sync(), "typed: <>")
    t.keys("Up")
    see(t.line(), "> hello world")
    t.keys("C-a", "C-k")
    t.type("step ")
    see(t.sync(), "take N steps")


@scenario()
def search_finds_what_is_not_ascii(t):
    t.type("set name größe")
    t.keys("Enter")
    t.type("other")
    t.keys("Enter", "C-r")
    t.type("größ")
    see(t.line(), "(reverse-i-search)`größ': set name größe")
    see(t.screen(), "^G leave")
    t.keys("C-c")
    miss(t.line(), "reverse", "größe")
    t.keys("C-r")
    t.type("öß")
    t.keys("Enter")
    see(t.sync(), "typed: <set name größe>")
    t.keys("C-r")
    t.type("x")
    t.sync()
    t.keys("Escape")
    t.sync()
    miss(t.line(), "search")


@scenario()
def a_character_in_two_pieces_and_bytes_that_are_none(t):
    t.type("a")
    t.bytes(0xc3)
    t.sync()
    t.bytes(0xb6)
    t.bytes(0xff)
    t.type("b")
    t.bytes(0xe6, 0xbc)
    t.type("c漢字d")
    t.keys("Left", "BSpace")
    see(t.line(), "> aöbc漢d")


@scenario()
def resize_while_typing(t):
    t.type("0123456789" * 12)
    see(t.line(), "<")
    for cols, rows in ((1, 1), (40, 12), (3, 2), (132, 43), (20, 5), (200, 50)):
        t.resize(cols, rows)
        t.sync()
    see(t.line(), "> " + "0123456789" * 12)
    t.resize(40, 12)
    t.keys("C-r")
    t.resize(80, 24)
    see(t.line(), "reverse-i-search")
    t.keys("C-g", "Home")
    see(t.line(), "[0/40] > 0123456789", "78>")


@scenario()
def completion(t):
    t.type("st")
    t.keys("Tab")
    see(t.sync(), "3 words", "stale", "status", "step")
    t.keys("Escape")
    miss(t.sync(), "3 words")
    t.type("e")
    t.keys("Tab")
    see(t.line(), "> step")
    t.type("0x7")
    t.keys("Tab")
    shown = t.sync()
    see(shown, "0x7f0000000000")
    t.keys("C-u")
    miss(t.sync(), "0x7f0000000010")
    t.type("set se")
    t.keys("Tab")
    t.type("1")
    see(t.line(), "> set seed=1")


@scenario()
def completion_pages(t):
    t.resize(40, 12)
    t.type("step 0x")
    t.keys("Tab")
    first = t.sync()
    see(first, "more: Tab", "0x7f0000000000")
    t.keys("Tab")
    second = t.sync()
    miss(second, "0x7f0000000000")
    see(second, "0x7f00000000")


@scenario()
def interrupt(t):
    t.type("half a line")
    t.keys("C-c")
    miss(t.line(), "half")
    t.type("work")
    t.keys("Enter")
    see(t.sync(), "^C stops and keeps the results")
    t.type("while working")
    see(t.line(), "> while working")
    t.keys("F2")
    miss(t.sync(), "iommu ──────────────────────────────────────────────────────────────────────")
    t.keys("C-c")
    see(t.sync(), "> while working")
    t.keys("F2", "F2", "Enter")
    see(t.sync(), "interrupted", "typed: <while working>")


@scenario()
def pasting(t):
    t.paste("one line\n")
    see(t.line(), "> one line")
    t.keys("C-u")
    t.paste("first\nsecond\x07\nthird")
    see(t.line(), "run 3 pasted lines? (y/n)")
    t.type("y")
    see(t.sync(), "pasted: <first>", "pasted: <second?>", "pasted: <third>")
    t.paste("no\nno")
    t.type("n")
    miss(t.sync(), "<no>")


@scenario()
def two_thousand_lines_typed_at_once(t):
    t.type("".join(f"line {i}\r" for i in range(1000)))
    t.type("".join(f"line {i}\r" for i in range(1000, 2000)))
    see(t.sync(), "typed: <line 1999>")
    t.keys("Up", "Up")
    see(t.line(), "> line 1998")


@scenario()
def keys_and_panes(t):
    t.keys("F5", "M-j")
    see(t.sync(), "step 2", "[2/40]")
    t.keys("F6")
    see(t.sync(), "page tables [*]")
    t.keys("M-3")
    see(t.sync(), "iommu [*]")
    t.keys("BTab", "BTab")
    see(t.sync(), "cpus and TLBs [*]", "↓4")
    t.keys("PPage", "NPage")
    see(t.sync(), "cpu3", "↑4")
    t.keys("M-Up")
    see(t.sync(), "↑3 ↓1")
    t.keys("F2", "F2")
    full = t.sync()
    see(full, "cpu0", "cpu3")
    miss(full, "iommu ─")
    t.keys("F2")
    see(t.sync(), "cpus and TLBs [*]", " ↓4 ")
    t.bytes(0x1b, 0x5b, 0x4d, 0x61, 0x2a, 0x25)
    see(t.sync(), "↑3 ↓1")
    t.click(4, 60)
    see(t.sync(), "iommu [*]")
    t.click(22, 13)
    see(t.sync(), "step 3")
    t.keys("F9")
    t.sync()
    assert t.ask("mouse_any_flag") == "0"


@scenario()
def help_overlay(t):
    t.type("kept")
    t.keys("F1")
    see(t.sync(), "Keys and marks", "take the default step", "> kept")
    t.type("stale")
    shown = t.sync()
    see(shown, "stale~", "/stale")
    miss(shown, "take the default step")
    t.keys("BSpace", "BSpace", "BSpace", "BSpace", "BSpace", "NPage")
    see(t.sync(), "changed*", "bad!")
    t.keys("Escape")
    miss(t.sync(), "Keys and marks")
    see(t.line(), "> kept")


@scenario(cols=40, rows=12)
def small(t):
    see(t.sync(), "cpus and TLBs [*]", "[0/40] >", "F1 Help")
    t.resize(40, 20)
    see(t.sync(), " page tables ─", " log ─")
    t.resize(40, 9)
    miss(t.sync(), "F1 Help")
    t.resize(20, 5)
    see(t.sync(), "needs 30x6", "[0/40] >")


@scenario(env="LINES=24 COLUMNS=80", cols=100, rows=30)
def exported_sizes_are_not_believed(t):
    lines = t.sync().split("\n")
    assert "[0/40]" in lines[29], lines
    t.resize(60, 15)
    assert "[0/40]" in t.sync().split("\n")[14]


@scenario(locale="C")
def without_utf8(t):
    t.bytes(0xc3, 0xb6)
    t.type("plain")
    screen = t.sync()
    see(screen, "cpus and TLBs [*] =====", "> plain", "-> pfn 40"[1:], "gr??", "--+--")
    assert screen.isascii(), screen


@scenario(inputrc="set editing-mode vi\nset blink-matching-paren on\nset bell-style audible\n"
          "set enable-bracketed-paste on\nset show-mode-in-prompt on\n")
def hostile_inputrc(t):
    t.type("abc (d)")
    t.keys("Escape")
    t.sync()
    t.type("0x")
    see(t.line(), "bc (d)")
    miss(t.screen(), "2004")


@scenario()
def the_end_is_clean(t):
    t.type("x")
    t.keys("C-d")
    see(t.line(), "> x")
    t.keys("C-u", "C-d")
    assert t.dead() == "0"
    assert t.ask("alternate_on") == "0" and t.ask("mouse_any_flag") == "0"
    see(t.tmux("capture-pane", "-p", "-S", "-", "-t", "s"), "0 steps")


@scenario(shell=True)
def a_crash_gives_the_terminal_back(t):
    t.type(f"{t.program} 2>/dev/null\r")
    t.wait(lambda: "[0/40]" in t.screen(), "the prompt")
    t.sync()
    t.type("abort\r")
    t.wait(lambda: t.ask("alternate_on") == "0", "the shell")
    t.type("echo sane $((40+2))\r")
    t.wait(lambda: "sane 42" in t.screen(), "the shell's answer")
    assert t.ask("mouse_any_flag") == "0"


@scenario(shell=True)
def stop_and_continue(t):
    t.type(f"{t.program}\r")
    t.wait(lambda: "[0/40]" in t.screen(), "the prompt")
    t.type("half")
    t.sync()
    t.keys("C-z")
    t.wait(lambda: t.ask("alternate_on") == "0", "the shell")
    t.resize(100, 30)
    t.type("fg\r")
    t.wait(lambda: "> half" in t.screen(), "the prompt again")
    t.type("x")
    lines = t.sync().split("\n")
    assert "> halfx" in lines[29], lines
    t.keys("C-u", "C-d")
    t.wait(lambda: "0 steps" in t.screen(), "the end")


@scenario()
def history_is_kept(t):
    t.type("remember me\r")
    t.sync()
    with open(f"{t.home}/history") as f:
        assert f.read() == "remember me\n"


@scenario(term="dumb")
def a_dumb_terminal_gets_lines(t):
    t.type("step\r")
    t.wait(lambda: "step 1" in t.screen(), "the answer")
    t.type("abc")
    t.keys("C-c")
    t.type("d\r")
    t.wait(lambda: "typed: <d>" in t.screen(), "the answer after ^C")
    t.type("work\r")
    t.wait(lambda: "working" in t.screen(), "the work")
    t.keys("C-c")
    t.wait(lambda: "interrupted" in t.screen(), "the end of the work")
    t.keys("C-d")
    assert t.dead() == "0"


def pipe():
    def run(text):
        done = subprocess.run([PROGRAM, "--plain"], input=text, stdout=subprocess.PIPE, check=True)
        return done.stdout.decode()
    assert run(b"step\nhello\r\nlast") == "step 1\ntyped: <hello>\ntyped: <last>\n1 steps\n"
    assert run(b"") == "0 steps\n"
    out = run(b"a\0b\n" + b"x" * 70000 + b"\nquit\nnever\n")
    assert "zero byte" in out and "65536" in out and "never" not in out, out


def run_scenario(function, options):
    t = Terminal(**options)
    try:
        if options.get("shell") is None and options.get("term") != "dumb":
            t.wait(lambda: "0/40]" in t.screen(), "the prompt")
        function(t)
    except (Gone, AssertionError) as trouble:
        raise Gone(f"{trouble!r}\n{trouble}\n{t.close()}") from trouble
    errors = t.close()
    if errors:
        raise Gone(errors)


def main():
    if not shutil.which("tmux"):
        print("1..0 # SKIP no tmux")
        return
    print(f"1..{len(scenarios) + 1}")
    cases = [(name, lambda f=f, o=o: run_scenario(f, o)) for name, f, o in scenarios]
    for number, (name, case) in enumerate(cases + [("lines from a pipe", pipe)], 1):
        try:
            case()
            print(f"ok {number} - {name}", flush=True)
        except (Gone, AssertionError) as trouble:
            print(f"not ok {number} - {name}")
            print("\n".join("# " + line for line in str(trouble).split("\n")), flush=True)


main()
