#!/usr/bin/env python3
"""Kills shootdown at any moment and looks whether a command whose result was shown was lost.

usage: kill9.py SHOOTDOWN [ROUNDS [SEED]]

Every round feeds a fresh `SHOOTDOWN --plain` a list of commands through a pipe, reads what it
shows, and kills it with SIGKILL at a moment drawn from the seed: after so many results and then so
many turns of an empty loop, before the session is loaded as well as in the middle of a write. All
that came out of the pipe was shown. The session must then hold just the commands that were fed, in
order, up to the last one that was shown or further, and it must be readable and replay. All rounds
share one store, so each also reopens what the last kill left behind. Exits 1 at the first loss.
"""
import json
import os
import pathlib
import random
import select
import shutil
import sqlite3
import subprocess
import sys
import tempfile

SCENARIO = "mremap-late-flush"
TURNS = 30          # each feeds step, note, back and echo
PATIENCE = 60       # seconds without a byte before the program counts as hung
REPLAY_EVERY = 10   # rounds


class Loss(Exception):
    """What went wrong, in a sentence."""


def commands_of(number):
    """The commands of a round: texts that are recorded as they stand, most of them unique."""
    commands = []
    for turn in range(TURNS):
        tag = f"r{number}-{turn}"
        commands += ["step 1", f"note n{tag}", "back 1", f"echo e{tag}"]
    return commands


def results_of(commands):
    """Maps the line that ends the result of a command to the command's place."""
    lines = {}
    for place, command in enumerate(commands):
        verb, word = command.split(" ", 1)
        if verb == "note":
            lines[f"noted: {word}"] = place
        elif verb == "echo":
            lines[word] = place
    return lines


def shown_places(output, results):
    """The places of the commands whose result is in output; only whole lines count."""
    whole = output[: output.rfind(b"\n") + 1].decode("utf-8", "replace")
    return [results[line.strip()] for line in whole.split("\n") if line.strip() in results]


def read_some(process, output):
    ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
    if not ready:
        raise Loss(f"nothing was shown for {PATIENCE} s; so far: {output[-500:]!r}")
    data = os.read(process.stdout.fileno(), 65536)
    output += data
    return bool(data)


def run_and_kill(binary, environment, commands, chance):
    """One life of the program; returns the places of the commands whose results it showed."""
    results = results_of(commands)
    wanted = chance.randrange(len(results) * 3 // 4)
    turns = chance.randrange(300000 if wanted == 0 else 30000)
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen([binary, "--plain"], stdin=subprocess.PIPE, env=environment,
                                   stdout=subprocess.PIPE, stderr=complaints, bufsize=0)
        output = bytearray()
        try:
            # The list fits into the pipe; standard input stays open, so the program never ends.
            process.stdin.write("\n".join([f"load {SCENARIO}", *commands, ""]).encode())
            alive = True
            while alive and len(shown_places(output, results)) < wanted:
                alive = read_some(process, output)
            for _ in range(turns):
                pass
            alive = alive and process.poll() is None
        except BrokenPipeError:
            alive = False
        finally:
            process.kill()
            process.wait()
        while read_some(process, output):
            pass
        process.stdin.close()
        process.stdout.close()
        if not alive:
            complaints.seek(0)
            raise Loss(f"it ended by itself with {process.returncode}; it showed "
                       f"{bytes(output[-500:])!r} and complained {complaints.read()[-2000:]!r}")
    places = shown_places(output, results)
    if places != sorted(results.values())[: len(places)]:
        raise Loss(f"the results came out of order or with gaps: {places}")
    return places


def ask(binary, environment, *words):
    """The lines that a subcommand prints; it must end well."""
    done = subprocess.run([binary, *words], env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE,
                          check=False)
    if done.returncode:
        raise Loss(f"{' '.join(words)} ended with {done.returncode}: {done.stderr.decode()}")
    return done.stdout.decode().splitlines()


def objects_in(lines, what):
    try:
        return [json.loads(line) for line in lines if line]
    except ValueError as error:
        raise Loss(f"{what} printed what is not JSON: {error}") from error


def texts_in(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts_in(part)


def stored_commands(objects, commands):
    """The fed commands that the exported session holds: at most one for each line of it."""
    fed = set(commands)
    stored = []
    for record in objects:
        stored += [text for text in texts_in(record) if text in fed][:1]
    return stored


def check_store(binary, environment, commands, places):
    """Returns how many sessions there are."""
    sessions = objects_in(ask(binary, environment, "sessions", "--json"), "sessions --json")
    if not places:
        return len(sessions)
    lines = ask(binary, environment, "export", "last", "jsonl")
    stored = stored_commands(objects_in(lines, "export last jsonl"), commands)
    needed = places[-1] + 1
    if stored != commands[: len(stored)]:
        off = next(i for i, text in enumerate(stored) if text != commands[i])
        raise Loss(f"command {off} is stored as {stored[off]!r}, but it was {commands[off]!r}")
    if len(stored) < needed:
        raise Loss(f"{needed} commands were shown to be done, {len(stored)} are stored")
    return len(sessions)


def check_files(data):
    """Reads the store with another program's eyes; the store is what opens as a database."""
    found = 0
    for path in pathlib.Path(data).rglob("*"):
        if path.is_file() and path.open("rb").read(15) == b"SQLite format 3":
            found += 1
            with sqlite3.connect(path) as store:
                said = store.execute("PRAGMA integrity_check").fetchall()
            store.close()
            if said != [("ok",)]:
                raise Loss(f"{path.name} is damaged: {said[:3]}")
    if not found:
        raise Loss("there is no store")


def main():
    if not 2 <= len(sys.argv) <= 4:
        print(__doc__.split("\n")[2], file=sys.stderr)
        return 2
    binary = os.path.abspath(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    chance = random.Random(seed)
    home = tempfile.mkdtemp()
    environment = {name: value for name, value in os.environ.items()
                   if name in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS")}
    environment.update(HOME=home, LC_ALL="C.UTF-8", TERM="dumb", XDG_DATA_HOME=home + "/data",
                       XDG_CONFIG_HOME=home + "/config", XDG_STATE_HOME=home + "/state",
                       XDG_CACHE_HOME=home + "/cache")
    shown = acknowledged = sessions = number = 0
    try:
        for number in range(rounds):
            commands = commands_of(number)
            places = run_and_kill(binary, environment, commands, chance)
            sessions = check_store(binary, environment, commands, places)
            shown += len(places)
            acknowledged += bool(places)
            if places and number % REPLAY_EVERY == 0:
                ask(binary, environment, "replay", "last", "--verify")
        if sessions < acknowledged:
            raise Loss(f"{acknowledged} sessions showed results, {sessions} are listed")
        check_files(home + "/data")
    except (Loss, subprocess.TimeoutExpired) as loss:
        print(f"round {number} of seed {seed}: {loss}")
        return 1
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print(f"{rounds} kills in {sessions} sessions, {shown} results shown, none lost")
    return 0


sys.exit(main())
