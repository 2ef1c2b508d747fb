"""`coppice eval` on many models: arrays written for it, its predictions read back and held against Keras's."""
import itertools
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import tool
import tree

RELATIVE, ABSOLUTE = 1e-4, 1e-5
CORES = len(os.sched_getaffinity(0))


@dataclass
class Job:
    """One model to run: its arrays in the order of its inputs, names of inputs and outputs, what Keras says."""
    id: str
    model: Path
    inputs: list
    names: list
    outputs: list
    expected: list
    options: tuple = ()


@dataclass
class Answer:
    code: int
    said: str
    outputs: list


def answers(jobs, folder):
    """{id: Answer}, a process each, as many side by side as there are cores."""
    with ThreadPoolExecutor(CORES) as pool:
        return dict(zip([j.id for j in jobs], pool.map(lambda n: answer(jobs[n], Path(folder) / str(n)), range(len(jobs)))))


def answer(job, place):
    data, out = place.with_suffix(".data.npz"), place.with_suffix(".npy")
    np.savez(data, **{f"x{i}": x for i, x in enumerate(job.inputs)})
    done = subprocess.run([tool.BINARY, "eval", job.model, "--data", data, *naming(job.names), "--predictions", out,
                           "--threads", "1", "-q", *map(str, job.options)], capture_output=True, stdin=subprocess.DEVNULL)
    outputs = []
    if done.returncode == 0:
        outputs = [np.load(p) for p in predictions(out, job.outputs) if p.exists()]
    for path in place.parent.glob(place.name + ".*"):
        path.unlink()
    return Answer(done.returncode, done.stderr.decode(errors="replace").strip(), outputs)


def naming(names):
    """--x for arrays x0, x1, … of the inputs."""
    if len(names) == 1:
        return ["--x", "x0"]
    return [word for i, name in enumerate(names) for word in ("--x", f"{name}=x{i}")]


def input_names(path):
    """The inputs of a whole model in the order that Keras flattens them in: as they stand, dictionaries by key."""
    config = tree.config(path)["config"]
    return [name for _, name in ordered(config["input_layers"])] if "input_layers" in config else [""]


def output_names(path):
    """The outputs likewise: keys of a dictionary, else layers."""
    config = tree.config(path)["config"]
    return [key or name for key, name in ordered(config["output_layers"])] if "output_layers" in config else [""]


def ordered(ports, key=None):
    """[(key, layer)]"""
    if isinstance(ports, dict):
        return [one for k in sorted(ports) for one in ordered(ports[k], k)]
    if isinstance(ports[0], str):
        return [(key, ports[0])]
    return [one for port in ports for one in ordered(port, key)]


def predictions(out, names):
    """The files that hold the predictions: one output's is `out`, several have their names in theirs, and a name
    that comes again is numbered."""
    if len(names) == 1:
        return [out]
    unique = []
    for name in names:
        tried = (name if n == 0 else f"{name}_{n}" for n in itertools.count())
        unique.append(next(n for n in tried if n not in unique))
    return [out.with_suffix(f".{n.replace('/', '_')}.npy") for n in unique]


def differs(ours, keras, relative=RELATIVE, absolute=ABSOLUTE):
    """What is wrong with `ours`, the outputs of one model; None if nothing is."""
    if len(ours) != len(keras):
        return f"{len(ours)} outputs, not {len(keras)}"
    for i, (a, b) in enumerate(zip(ours, keras)):
        if a.shape != b.shape:
            return f"output {i}: {a.shape} instead of {b.shape}"
        a, b = a.astype("f8"), b.astype("f8")
        excess = np.abs(a - b) - (absolute + relative * np.abs(b))
        with np.errstate(invalid="ignore"):
            fine = (a == b) | (np.isnan(a) & np.isnan(b)) | (excess <= 0)
        if not fine.all():
            worst = np.unravel_index(np.argmax(np.where(fine, -1, np.nan_to_num(excess, nan=np.inf))), a.shape)
            return (f"output {i}: {np.count_nonzero(~fine)} of {fine.size} numbers off, first at "
                    f"{tuple(map(int, worst))}: {a[worst]:.8g} instead of {b[worst]:.8g}")
    return None
