"""Whole processes, timed: wall time, peak resident memory, peak of its own (anonymous) memory."""
import os
import statistics
import subprocess
import time
from dataclasses import dataclass


@dataclass
class Run:
    seconds: float
    peak: int            # bytes resident at the most, mapped file pages included
    own: int | None      # bytes of anonymous memory at the most, by sampling
    out: str


def once(command, samples_memory=False):
    """Runs `command`, which must succeed; where memory is sampled, what it prints is dropped. Only the standard library is imported here, so that the pages of
    this process, which a child counts at its start, stay few."""
    read_end, write_end = os.pipe()
    devnull = os.open(os.devnull, os.O_RDWR)
    actions = [(os.POSIX_SPAWN_DUP2, devnull, 0), (os.POSIX_SPAWN_DUP2, devnull if samples_memory else write_end, 1)]
    began = time.perf_counter()
    pid = os.posix_spawnp(command[0], list(map(str, command)), os.environ, file_actions=actions)
    os.close(write_end)
    os.close(devnull)
    own = 0 if samples_memory else None
    if samples_memory:
        while True:
            info = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
            if info is not None:
                break
            own = max(own, anonymous(pid))
            time.sleep(0.002)
    with os.fdopen(read_end) as pipe:
        out = pipe.read()
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - began
    if status != 0:
        raise SystemExit(f"failed ({os.waitstatus_to_exitcode(status)}): {command}\n{out}")
    return Run(seconds, usage.ru_maxrss * 1024, own, out)


def anonymous(pid):
    try:
        with open(f"/proc/{pid}/status") as file:
            for line in file:
                if line.startswith("RssAnon"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def interleaved(commands, rounds, before=lambda name: None):
    """{name: [Run]}: every command once a round, so that a slow spell of the machine hits all of them. The
    first round warms caches and is not counted when there are others."""
    found = {name: [] for name in commands}
    for number in range(rounds + (1 if rounds > 1 else 0)):
        for name, command in commands.items():
            before(name)
            run = once(command)
            if number > 0 or rounds == 1:
                found[name].append(run)
    return found


def median(runs, key=lambda r: r.seconds):
    return statistics.median(key(r) for r in runs)


def table(heads, rows):
    """Markdown; numbers right, text left."""
    right = [all(not isinstance(r[i], str) or r[i].lstrip("*")[:1].isdigit() or r[i] in ("", "–") for r in rows) for i in range(len(heads))]
    print("| " + " | ".join(heads) + " |")
    print("|" + "|".join(" ---: " if r else " --- " for r in right) + "|")
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")
    print(flush=True)


def machine():
    names = [l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")]
    def first_line(*command):
        return subprocess.run(command, capture_output=True, text=True).stdout.splitlines()[0]
    return {
        "cpu": names[0] if names else "?", "cores": len(os.sched_getaffinity(0)),
        "kernel": os.uname().release, "coppice": first_line(os.environ["COPPICE"], "--version")}


def mega(count):
    return f"{count / 1e6:,.1f} MB"


def seconds(value):
    return f"{value * 1000:.1f} ms" if value < 1 else f"{value:.2f} s"


def times(value):
    return f"{value:.2f}×"

