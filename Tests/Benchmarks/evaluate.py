"""Evaluation against Keras, PyTorch and ONNX Runtime on the six models of the engine: prints markdown.

    .venv-peers/bin/python Tests/Benchmarks/evaluate.py [--only MODEL…] [--rounds N]

Every peer runs in one process that stays; all of them and coppice take turns, and medians are shown. coppice
is a new process each time and says its own rate (samples_per_second of eval --json: the forward passes). The
peers' scripts are ../shared/peers (or COPPICE_SHARED). Needs keras, tensorflow, torch, onnx, onnxruntime.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COPPICE = os.environ.setdefault("COPPICE", str(ROOT / ".build/release/coppice"))
SHARED = Path(os.environ.get("COPPICE_SHARED") or ROOT.parent / "shared")
HERE = Path(__file__).resolve().parent

from measure import machine, once, table

NAMES = ["mlp", "lenet5", "resnet20", "dwnet", "lstm", "transformer"]
SIZES = {name: 32 if name == "transformer" else 128 for name in NAMES}


class Peer:
    def __init__(self, command, cwd=None):
        self.process = subprocess.Popen(
            list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True, cwd=cwd)
        while True:
            line = self.process.stdout.readline()
            if not line:
                raise SystemExit(f"a peer ended early: {command}")
            if line.startswith("ready"):
                break

    def rate(self):
        self.process.stdin.write("r\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def peak(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            return next(int(l.split()[1]) * 1024 for l in file if l.startswith("VmHWM"))

    def close(self):
        self.process.kill()
        self.process.wait()


class Ours:
    def __init__(self, model, data, batch, limit):
        inputs = ["x0", "x1"] if "transformer" in str(model) else ["x0"]
        options = [o for name in inputs for o in ("--x", name)]
        self.command = [COPPICE, "eval", model, "--data", data, *options, "--y", "y", "--batch-size", batch, "--limit", limit,
                        "--json"]
        self.most = 0

    def rate(self):
        run = once(self.command)
        self.most = max(self.most, run.peak)
        return json.loads(run.out)["samples_per_second"]

    def peak(self):
        return self.most

    def close(self):
        pass


def peers(name, batch, folder):
    python = sys.executable
    model, data = folder / f"{name}.keras", folder / f"{name}.npz"
    found = {"coppice": Ours(model, data, batch, 512 if batch == 1 else 8192)}
    found["Keras"] = Peer([python, HERE / "keras_peer.py", model, data, batch])
    found["Keras, XLA"] = Peer([python, HERE / "keras_peer.py", model, data, batch, "--jit"])
    found["Keras predict"] = Peer([python, HERE / "keras_peer.py", model, data, batch, "--predict"])
    # The peers' scripts know the models' own batch and 1.
    if batch in (1, SIZES[name]):
        mode = "infer1" if batch == 1 else "infer"
        wide = ["--cl"] if name in ("lenet5", "resnet20", "dwnet") else []
        found["PyTorch"] = Peer([python, "bench_torch.py", name, mode, *wide], cwd=SHARED / "peers")
        found["ONNX Runtime"] = Peer([python, "bench_ort.py", name, mode], cwd=SHARED / "peers")
    return found


def rates(options, folder):
    columns = ["coppice", "Keras", "Keras, XLA", "Keras predict", "PyTorch", "ONNX Runtime"]
    rows, memory = [], []
    for name in options.only:
        for batch in options.batches or [1, SIZES[name], 256]:
            found = peers(name, batch, folder)
            measured = {who: [] for who in found}
            for number in range(options.rounds + 1):
                for who, peer in found.items():
                    rate = peer.rate()
                    if number:
                        measured[who].append(rate)
            middle = {who: statistics.median(r) for who, r in measured.items()}
            best = max(middle[w] for w in middle if w.startswith("Keras"))
            rows.append([name, batch] + [f"{middle[w]:,.0f}" if w in middle else "–" for w in columns]
                        + [f"{middle['coppice'] / best:.2f}×"])
            memory.append([name, batch] + [f"{found[w].peak() / 1e6:,.0f} MB" if w in found else "–" for w in columns])
            for peer in found.values():
                peer.close()
            print(rows[-1], file=sys.stderr, flush=True)
    print("### Samples a second\n")
    table(["model", "batch", *columns, "coppice ÷ best of Keras"], rows)
    print("### Peak memory of the whole process\n")
    table(["model", "batch", *columns], memory)


WHOLE = """
import gzip, sys
import numpy as np
import keras
def idx(path, skip):
    return np.frombuffer(gzip.open(path).read(), np.uint8, offset=skip)
x = idx(sys.argv[2] + "/t10k-images-idx3-ubyte.gz", 16).reshape(-1, 28, 28, 1) / np.float32(255)
y = idx(sys.argv[2] + "/t10k-labels-idx1-ubyte.gz", 8)
model = keras.models.load_model(sys.argv[1], compile=False)
p = model.predict(x, batch_size=256, verbose=0)
print(int((p.argmax(1) == y).sum()))
"""


def whole(options):
    print("### A whole process: LeNet-5 on 10,000 images of Fashion-MNIST, from files to accuracy\n")
    model, data = SHARED / "models/trained/lenet_5.h5", SHARED / "data/fashion-mnist"
    ours = [COPPICE, "eval", model, "--data", data / "t10k-images-idx3-ubyte.gz", "--scale", "1/255", "--json"]
    theirs = [sys.executable, "-c", WHOLE, model, data]
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    runs = {"coppice": [], "Python": []}
    for _ in range(options.rounds):
        runs["coppice"].append(once(ours))
        runs["Python"].append(once(theirs))
    correct = json.loads(runs["coppice"][0].out)["metrics"]["correct"]
    assert abs(correct - int(runs["Python"][0].out.split()[-1])) <= 2
    middle = {who: statistics.median(r.seconds for r in found) for who, found in runs.items()}
    table(["", "seconds", "peak memory"], [
        [who, f"{middle[who]:.2f}", f"{max(r.peak for r in found) / 1e6:,.0f} MB"] for who, found in runs.items()])
    print(f"coppice is {middle['Python'] / middle['coppice']:.1f}× as fast.\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=NAMES, choices=NAMES)
    parser.add_argument("--batches", nargs="*", type=int)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print(", ".join(f"{k}: {v}" for k, v in machine().items()) + "\n")
    whole(options)
    with tempfile.TemporaryDirectory() as work:
        subprocess.run([sys.executable, HERE / "six_models.py", work], check=True)
        rates(options, Path(work))


if __name__ == "__main__":
    main()
