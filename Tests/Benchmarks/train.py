"""Training against PyTorch and Keras on the six models of the engine: prints markdown.

    .venv-peers/bin/python Tests/Benchmarks/train.py [--only MODEL…] [--rounds N]

SGD with momentum 0.9, softmax cross-entropy, two threads. A peer runs in one process that stays and steps over
batches that lie ready; coppice is a new process each time and says the time of its epochs, in which it also
shuffles and gathers the rows. All take turns, and medians are shown. The peers' scripts are ../shared/peers (or
COPPICE_SHARED). Needs keras, tensorflow, torch.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from evaluate import COPPICE, HERE, NAMES, SHARED, SIZES, Peer
from measure import machine, once, table

# Epochs of a run of coppice: about half a second of training.
EPOCHS = {"mlp": 16, "lenet5": 3, "resnet20": 1, "dwnet": 1, "lstm": 2, "transformer": 1}
WIDE = ("lenet5", "resnet20", "dwnet")


class Ours:
    def __init__(self, name, folder):
        self.name, self.folder, self.most = name, folder, 0

    def rate(self):
        name, out = self.name, self.folder / "trained.keras"
        inputs = ["x0", "x1"] if name == "transformer" else ["x0"]
        run = once([
            COPPICE, "prune", self.folder / f"{name}.keras", "--sparsity", "0.1%", "--epochs", EPOCHS[name], "--validation", "0",
            "--data", self.folder / f"{name}.npz", *[o for i in inputs for o in ("--x", i)], "--y", "y",
            "--batch-size", SIZES[name], "--optimizer", '{"class_name": "SGD", "config": {"momentum": 0.9}}',
            "--json", "--force", "-q", "-o", out])
        self.most = max(self.most, run.peak)
        step = json.loads(run.out)["steps"][0]
        return step["epochs"] * self.rows() / step["seconds"]

    def rows(self):
        import numpy as np
        with np.load(self.folder / f"{self.name}.npz") as data:
            return len(data["y"])

    def peak(self):
        return self.most

    def close(self):
        pass


def peers(name, folder):
    python, scripts = sys.executable, SHARED / "peers"
    wide = ["--cl"] if name in WIDE else []
    return {
        "coppice": Ours(name, folder),
        "PyTorch": Peer(["sh", "tuned.sh", python, "bench_torch.py", name, "train", *wide], cwd=scripts),
        "PyTorch, compiled": Peer(["sh", "tuned.sh", python, "bench_torch.py", name, "train", "--compile", *wide], cwd=scripts),
        "Keras": Peer([python, "bench_keras.py", name, "train"], cwd=scripts),
        "Keras, XLA": Peer([python, "bench_keras.py", name, "train", "--jit"], cwd=scripts),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=NAMES, choices=NAMES)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print(", ".join(f"{k}: {v}" for k, v in machine().items()) + "\n")
    columns = ["coppice", "PyTorch", "PyTorch, compiled", "Keras", "Keras, XLA"]
    rows, memory = [], []
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        subprocess.run([sys.executable, HERE / "six_models.py", work], check=True)
        for name in options.only:
            found = peers(name, folder)
            measured = {who: [] for who in found}
            for number in range(options.rounds + 1):
                for who, peer in found.items():
                    rate = peer.rate()
                    if number:
                        measured[who].append(rate)
            middle = {who: statistics.median(r) for who, r in measured.items()}
            best = max(rate for who, rate in middle.items() if who != "coppice")
            rows.append([name, SIZES[name]] + [f"{middle[w]:,.0f}" for w in columns] + [f"{middle['coppice'] / best:.2f}×"])
            memory.append([name] + [f"{found[w].peak() / 1e6:,.0f} MB" for w in columns])
            for peer in found.values():
                peer.close()
            print(rows[-1], file=sys.stderr, flush=True)
    print("### Training: samples a second\n")
    table(["model", "batch", *columns, "coppice ÷ best"], rows)
    print("### Peak memory of the whole process\n")
    table(["model", *columns], memory)


if __name__ == "__main__":
    main()
