"""What coppice makes of every case: each step run once a session, when the first test asks for it."""
import atexit
import functools
import hashlib
import json
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

import corpora
import numpy_pruning
import tool
import tree

SPARSITIES = (0.5, 0.8, 0.9, 0.95, 0.99)
HERE = Path(__file__).resolve().parent


@functools.cache
def folder(name):
    base = _session()
    made = Path(base) / name
    made.mkdir(parents=True, exist_ok=True)
    return made


@functools.cache
def _session():
    made = tempfile.mkdtemp(prefix="coppice-products.")
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


@functools.cache
def by_id():
    return {c.id: c for c in corpora.cases()}


@functools.cache
def inspected():
    return tool.batch("inspect", corpora.cases())


@functools.cache
def packed():
    return tool.batch("pack", corpora.cases(), into=folder("packed"))


@functools.cache
def pruned(sparsity):
    """Pruned into the container that the file is."""
    return tool.batch("prune", corpora.cases(), "--sparsity", sparsity, into=folder(f"pruned-{sparsity}"))


@functools.cache
def pruned_packed(sparsity):
    return tool.batch(
        "prune", corpora.cases(), "--sparsity", sparsity, "--to", "csrm", into=folder(f"pruned-csrm-{sparsity}"))


def unpacked(outcomes, name):
    """{case id: Outcome} of unpacking what a batch wrote."""
    made = []
    for identity, outcome in outcomes.items():
        if outcome.report is not None:
            case = by_id()[identity]
            made.append((identity, _Packed(outcome.output, case.group + "".join(case.path.suffixes[-2:]))))
    found = tool.batch("unpack", [p for _, p in made], into=folder(name))
    return {identity: found[p.id] for identity, p in made}


class _Packed:
    """A .csrm as a case of its own: files of one name from two groups stay apart."""

    def __init__(self, path, group):
        self.path, self.group = path, group

    @property
    def id(self):
        return str(self.path)


@functools.cache
def unpacked_whole():
    return unpacked(packed(), "unpacked")


@functools.cache
def unpacked_pruned(sparsity):
    return unpacked(pruned_packed(sparsity), f"unpacked-{sparsity}")


@functools.cache
def verified():
    """{case id: (of the packed file, of the packed file against the input, of the pruned and packed)}"""
    jobs = []
    for case in corpora.cases():
        one, two = packed()[case.id], pruned_packed(0.9)[case.id]
        if one.report and two.report:
            jobs.append((case, one.output, two.output))

    def check(job):
        case, plain, sparse = job
        runs = [("verify", plain), ("verify", plain, case.path), ("verify", sparse)]
        return case.id, [tool.run(*r, ok=False) for r in runs]
    with ThreadPoolExecutor(2) as pool:
        return dict(pool.map(check, jobs))


@functools.cache
def deflated():
    return tool.batch(
        "prune", corpora.cases(), "--sparsity", 0.9, "--store", "deflate", into=folder("deflated"))


@functools.cache
def stripped():
    return tool.batch(
        "prune", corpora.cases(), "--sparsity", 0.5, "--strip-optimizer", into=folder("stripped"))


@functools.lru_cache(maxsize=8)
def original(identity):
    return tree.arrays(by_id()[identity].path)


@functools.lru_cache(maxsize=8)
def kernels(identity):
    """[(path, numbers)] of the prunable tensors, in the order of the file."""
    arrays = original(identity)
    tensors = inspected()[identity].good()["tensors"]
    return [(t["path"], tree.numbers(arrays[t["path"]])) for t in tensors if t["prunable"]]


def copies(identity):
    """{path: path of the prunable tensor with the same values}: a shared layer's second writing follows its first."""
    arrays = original(identity)
    first = {judge_digest(k): p for p, k in kernels(identity)}
    found = {}
    for path, array in arrays.items():
        if tree.is_real(array) and path not in first.values():
            same = first.get(judge_digest(tree.numbers(array)))
            if same is not None:
                found[path] = same
    return found


def boundary(identity, count):
    """The largest magnitude that goes, and whether an equal one stays."""
    magnitudes = np.sort(np.concatenate([np.abs(k.astype("f8")).ravel() for _, k in kernels(identity)]))
    if count == 0:
        return -1.0, False
    return float(magnitudes[count - 1]), count < magnitudes.size and bool(magnitudes[count] == magnitudes[count - 1])


def expected(identity, count):
    """{path: numbers} of the prunable tensors with NumPy's own global magnitude mask."""
    named = kernels(identity)
    masks = numpy_pruning.magnitude([k for _, k in named], count)
    return dict(zip([p for p, _ in named], numpy_pruning.applied([k for _, k in named], masks)))


def judge_digest(array):
    """As judge.py names a tensor."""
    return hashlib.sha256(repr(array.shape).encode() + array.astype("f8").tobytes()).hexdigest()


def _job(case):
    outputs, by_value = [], bool(case.architecture) or case.path.name in corpora.KERAS3_UNTIES

    def add(outcome, is_pruned=True):
        if outcome is None or outcome.report is None:
            return
        count = outcome.report["sparsity"]["pruned"] if is_pruned else None
        threshold, tied = boundary(case.id, count) if is_pruned and count else (None, False)
        outputs.append({
            "path": str(outcome.output), "pruned": count, "tied": tied,
            "threshold": threshold if by_value else None})
    for sparsity in SPARSITIES:
        add(pruned(sparsity).get(case.id))
    add(deflated().get(case.id))
    add(stripped().get(case.id))
    add(unpacked_whole().get(case.id), is_pruned=False)
    return {
        "id": case.id, "model": str(case.path), "runs": case.runs, "outputs": outputs,
        "architecture": str(case.architecture) if case.architecture else None,
        "inputs": str(case.inputs) if case.inputs else None,
        "kernels": [judge_digest(k) for _, k in kernels(case.id)] if by_value else None}


@functools.cache
def verdicts():
    """{case id: verdict} of the Keras that wrote each file; both environments at work at once."""
    wanted = {"k3": [], "k2": []}
    for case in corpora.cases():
        if case.judge and case.loads:
            wanted[case.judge].append(_job(case))
    # Two processes for the many of Keras 3.
    parts = [("k2", wanted["k2"]), ("k3", wanted["k3"][0::2]), ("k3", wanted["k3"][1::2])]
    return judged("judge.py", parts, folder("verdicts"))


def judged(script, parts, place):
    """{case id: verdict} that the script gives of [(environment, jobs)], all of them at work at once."""
    running = []
    for number, (environment, jobs) in enumerate(parts):
        names = [place / f"{kind}-{number}.json" for kind in ("jobs", "verdicts")]
        names[0].write_text(json.dumps(jobs))
        log = open(place / f"log-{number}", "w")
        command = [corpora.PYTHON[environment], HERE / script, *names]
        running.append((subprocess.Popen(command, stdout=log, stderr=log), names[1], log.name))
    found = {}
    for process, place, log in running:
        assert process.wait() == 0, Path(log).read_text()[-3000:]
        found.update({v["id"]: v for v in json.loads(place.read_text())})
    return found
