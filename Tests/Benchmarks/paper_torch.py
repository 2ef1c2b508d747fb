"""Pruning with fine-tuning beside PyTorch: LeNet-300-100 on Fashion-MNIST, three ratios, one-shot and geometric.

    .venv-peers/bin/python Tests/Benchmarks/paper_torch.py [--seeds N] [--epochs N]

The same start weights, optimizer (SGD 0.01, momentum 0.9), batch of 128, budget of epochs in equal parts, best
validation epoch of every step, one ranking by |w| over all kernels (torch.nn.utils.prune.global_unstructured). What
is drawn differs: each has its own generator. Prints the mean accuracy on the test part and its sample deviation
over the seeds. Needs torch, h5py; ../shared (or COPPICE_SHARED).
"""
import argparse
import copy
import gzip
import io
import json
import os
import statistics
import subprocess
import tempfile
import zipfile
from pathlib import Path

import h5py
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils import prune

from measure import machine, table

ROOT = Path(__file__).resolve().parents[2]
COPPICE = os.environ.setdefault("COPPICE", str(ROOT / ".build/release/coppice"))
SHARED = Path(os.environ.get("COPPICE_SHARED") or ROOT.parent / "shared")
MODEL = SHARED / "models/trained/lenet_300_100.keras"
DATA = SHARED / "data/fashion-mnist"
RATIOS = (0.8, 0.92, 0.98)
STEPS = {"one-shot": 1, "geometric": 5}


def images(name):
    x = np.frombuffer(gzip.open(DATA / f"{name}-images-idx3-ubyte.gz").read(), np.uint8, offset=16)
    y = np.frombuffer(gzip.open(DATA / f"{name}-labels-idx1-ubyte.gz").read(), np.uint8, offset=8)
    return torch.tensor(x.reshape(-1, 784) / np.float32(255)), torch.tensor(y.astype(np.int64))


def network():
    with zipfile.ZipFile(MODEL) as archive:
        file = h5py.File(io.BytesIO(archive.read("model.weights.h5")))
    layers = []
    for name in ("fc1", "fc2", "predictions"):
        found = [g for g in file["layers"].values() if "vars" in g and "0" in g["vars"]]
        shape = {"fc1": 300, "fc2": 100, "predictions": 10}[name]
        variables = next(g["vars"] for g in found if g["vars/1"].shape == (shape,))
        layer = nn.Linear(*variables["0"].shape)
        layer.weight.data = torch.tensor(variables["0"][()].T.copy())
        layer.bias.data = torch.tensor(variables["1"][()])
        layers.append(layer)
    return nn.Sequential(layers[0], nn.ReLU(), layers[1], nn.ReLU(), layers[2])


def accuracy(model, x, y):
    with torch.inference_mode():
        return (model(x).argmax(1) == y).float().mean().item()


def theirs(ratio, steps, epochs, seed, train, test):
    generator = torch.Generator().manual_seed(seed)
    model = network()
    kernels = [(layer, "weight") for layer in model if isinstance(layer, nn.Linear)]
    rows = torch.randperm(len(train[1]), generator=generator)
    kept, held = rows[len(rows) // 10:], rows[:len(rows) // 10]
    total = sum(layer.weight.numel() for layer, _ in kernels)
    gone = 0
    for step in range(1, steps + 1):
        wanted = int((1 - (1 - ratio) ** (step / steps)) * total + 0.5)
        prune.global_unstructured(kernels, prune.L1Unstructured, amount=wanted - gone)
        gone = wanted
        length = epochs // steps + (epochs % steps if step == steps else 0)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
        best = (accuracy(model, train[0][held], train[1][held]), copy.deepcopy(model.state_dict()))
        for _ in range(length):
            order = kept[torch.randperm(len(kept), generator=generator)]
            for batch in order.split(128):
                optimizer.zero_grad()
                F.cross_entropy(model(train[0][batch]), train[1][batch]).backward()
                optimizer.step()
            now = accuracy(model, train[0][held], train[1][held])
            if now > best[0]:
                best = (now, copy.deepcopy(model.state_dict()))
        model.load_state_dict(best[1])
    return accuracy(model, *test)


def ours(ratio, steps, epochs, seed):
    with tempfile.TemporaryDirectory() as work:
        schedule = ["--schedule", "geometric", "--steps", steps] if steps > 1 else ["--schedule", "one-shot"]
        command = [
            COPPICE, "prune", MODEL, "--sparsity", ratio, *schedule, "--total-epochs", epochs, "--seed", seed,
            "--data", DATA / "train12k-images-idx3-ubyte.gz", "--test-data", DATA / "t10k-images-idx3-ubyte.gz",
            "--scale", "1/255", "--optimizer", '{"class_name": "SGD", "config": {"momentum": 0.9}}', "--batch-size", 128,
            "--json", "-q", "-o", f"{work}/out.keras"]
        found = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True)
        return json.loads(found.stdout)["metrics"]["read_back"]["accuracy"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=20)
    options = parser.parse_args()
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    train, test = images("train12k"), images("t10k")
    print(", ".join(f"{k}: {v}" for k, v in machine().items()) + "\n")
    print(f"{options.epochs} epochs in all, {options.seeds} seeds: mean accuracy ± sample deviation\n")
    rows = []
    for ratio in RATIOS:
        for name, steps in STEPS.items():
            seeds = range(options.seeds)
            a = [ours(ratio, steps, options.epochs, seed) for seed in seeds]
            b = [theirs(ratio, steps, options.epochs, seed, train, test) for seed in seeds]
            (ma, sa), (mb, sb) = [(statistics.mean(v), statistics.stdev(v)) for v in (a, b)]
            rows.append([f"{ratio:.0%}", name, f"{ma:.2%} ± {sa:.2%}", f"{mb:.2%} ± {sb:.2%}", f"{100 * (ma - mb):+.2f}"])
    table(["sparsity", "schedule", "coppice", "PyTorch", "points"], rows)


if __name__ == "__main__":
    main()
