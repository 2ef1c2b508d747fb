"""Running coppice: one file, many files in one process, and under limits."""
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from corpora import ROOT

BINARY = os.environ.get("COPPICE") or str(ROOT / ".build/release/coppice")


def run(*arguments, ok=True, **options):
    """One run; with `ok` it must end with 0."""
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, **options)
    if ok:
        assert done.returncode == 0, f"exit {done.returncode}: {done.args}\n{done.stderr.decode(errors='replace')}"
    return done


def report(*arguments, **options):
    return json.loads(run(*arguments, "--json", **options).stdout)


@dataclass
class Outcome:
    """What a batch said of one file: its report, or its complaint."""
    report: dict | None
    complaint: str | None

    def good(self):
        assert self.report is not None, self.complaint
        return self.report

    @property
    def output(self):
        return Path(self.good()["output"]["file"])


def batch(command, cases, *options, into=None):
    """{case id: Outcome} of one command on many files, one process for the files of one folder and ending.
    Outputs land under `into`, a folder for each of those groups."""
    outcomes = {}
    groups = {}
    for case in cases:
        groups.setdefault((case.group, "".join(case.path.suffixes[-2:])), []).append(case)
    for number, members in enumerate(groups.values()):
        arguments = [command, *map(str, options), "--json"]
        if into is not None:
            folder = Path(into) / f"{number}"
            folder.mkdir(parents=True, exist_ok=True)
            arguments += ["--output-dir", str(folder)]
        done = run(*arguments, *[c.path for c in members], ok=False)
        reports = {file_of(r): r for r in objects(done.stdout.decode())}
        complaints = done.stderr.decode(errors="replace").splitlines()
        for case in members:
            said = reports.get(str(case.path))
            lines = [l for l in complaints if str(case.path) in l] or complaints[-3:]
            outcomes[case.id] = Outcome(said, None if said else f"exit {done.returncode}: " + " | ".join(lines)[:600])
    return outcomes


def file_of(one):
    return one["input"]["file"] if "input" in one else one["file"]


def objects(text):
    """The JSON objects in `text`, one after the other."""
    decoder, at, found = json.JSONDecoder(), 0, []
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        value, at = decoder.raw_decode(text, at)
        found.append(value)
    return found


@dataclass
class Bounded:
    code: int
    out: bytes
    err: bytes
    rss_mb: float | None
    seconds: float


def bounded(arguments, seconds, folder):
    """A run with its peak memory (by GNU time, whose own children count no pages of this process)."""
    measure = Path(folder) / "rss"
    measure.unlink(missing_ok=True)
    timer = shutil.which("time")
    command = [timer, "-q", "-f", "%M %e", "-o", str(measure)] if timer else []
    try:
        done = subprocess.run(
            [*command, BINARY, *map(str, arguments)], capture_output=True, timeout=seconds + 5, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired as late:
        return Bounded(-1, late.stdout or b"", late.stderr or b"", None, seconds + 5)
    if not timer:
        return Bounded(done.returncode, done.stdout, done.stderr, None, 0)
    rss, elapsed = measure.read_text().split()[-2:]
    return Bounded(done.returncode, done.stdout, done.stderr, float(rss) / 1024, float(elapsed))
