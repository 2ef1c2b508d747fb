"""Accuracy against bytes: pruned with fine-tuning, packed with few-bit values. Prints markdown, writes SVG curves.

One shot, geometric and hybrid at the same budget of epochs, over a range of sparsities; each pruned model packed by
`--values` f16, int8, codebooks and rd with several weights, the codebooks' entries trained on, too, at `--level max`.
Bytes are those of the whole file, names and document included; accuracy is that of the file as read back. Half of the
test rows choose (the smallest file within half a point of the dense model), the other half is what is reported.

LeNet-300-100 trains on all of Fashion-MNIST (Debian's dataset-fashion-mnist, or COPPICE_FASHION names its folder), and,
carried over to the 10,000 test images of MNIST, on 8,000 of these; ResNet-20 on 2,000 rows of CIFAR-10.

usage: few_bits.py OUT [lenet300] [lenet300-mnist] [resnet20]       (three hours; goes on where it was cut short)
"""
import gzip
import json
import os
import struct
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import h5py
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
COPPICE = os.environ.setdefault("COPPICE", str(ROOT / ".build/release/coppice"))
SHARED = Path(os.environ.get("COPPICE_SHARED") or ROOT.parent / "shared")
FASHION = Path(os.environ.get("COPPICE_FASHION") or "/usr/share/datasets/fashion-mnist")
SCHEDULES = {"one-shot": [], "geometric": ["--steps", 5], "hybrid": []}
VALUES = ["exact", "f16", "int8", "codebook:16", "codebook:8", "codebook:4", "rd:0.02", "rd:0.05", "rd:0.1", "rd:0.2"]
TRAINED = ["codebook:8", "codebook:4", "rd:0.05", "rd:0.1"]


@dataclass
class Network:
    """A model, the rows it is tuned on, and how: sparsities are around where it begins to lose."""
    name: str
    model: Path
    train: list  # options that name the rows
    halves: list  # of the test rows: those that choose, those that are reported
    epochs: int
    sparsities: list
    tuning: list = field(default_factory=lambda: ["--lr", 0.1, "--lr-schedule", "cosine", "--weight-decay", 5e-4])
    levels: list = field(default_factory=lambda: ["--epochs", 10, "--lr", 0.01, "--lr-schedule", "cosine"])
    values: list = field(default_factory=lambda: VALUES)
    trained: list = field(default_factory=lambda: TRAINED)


def coppice(*arguments):
    done = subprocess.run([COPPICE, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"coppice {' '.join(map(str, arguments))}: {done.stderr}")
    return done.stdout


def idx(path, array):
    """Writes rows of bytes as IDX."""
    head = struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(gzip.compress(head + array.tobytes(), 1))


def read_idx(folder, part):
    """Images and labels."""
    images, labels = (gzip.decompress((folder / f"{part}-{kind}-ubyte.gz").read_bytes()) for kind in ("images-idx3", "labels-idx1"))
    return np.frombuffer(images, np.uint8, offset=16).reshape(-1, 28, 28), np.frombuffer(labels, np.uint8, offset=8)


def write_idx(out, name, images, labels):
    idx(out / f"{name}-labels-idx1-ubyte.gz", labels)
    idx(out / f"{name}-images-idx3-ubyte.gz", images)
    return out / f"{name}-images-idx3-ubyte.gz"


def lenet300(out):
    if not FASHION.exists():
        raise SystemExit(f"{FASHION} is not there: apt-get install dataset-fashion-mnist")
    images, labels = read_idx(FASHION, "t10k")
    halves = [write_idx(out, name, images[rows], labels[rows])
              for name, rows in (("choosing", slice(0, 5000)), ("reported", slice(5000, None)))]
    train = ["--data", FASHION / "train-images-idx3-ubyte.gz", "--test-data", halves[0], "--scale", "1/255"]
    return Network("lenet300", SHARED / "models/trained/lenet_300_100.keras", train, halves, 120,
                   [0.9, 0.94, 0.96, 0.97, 0.98, 0.99])


def lenet300_mnist(out):
    images, labels = read_idx(SHARED / "data/mnist", "t10k")
    # The first half is easier to read than the second (LeCun's page): every fifth row is kept back.
    order = np.argsort(np.arange(10000) % 5 != 0, kind="stable")
    parts = {name: write_idx(out, name, images[order[rows]], labels[order[rows]])
             for name, rows in (("choosing", slice(0, 2000, 2)), ("reported", slice(1, 2000, 2)), ("train", slice(2000, None)))}
    halves = [parts["choosing"], parts["reported"]]
    train = ["--data", parts["train"], "--test-data", halves[0], "--scale", "1/255"]
    adam = ["--optimizer", "adam", "--lr-schedule", "cosine", "--augment", "crop:2"]
    network = Network("lenet300-mnist", out / "lenet_300_100_mnist.keras", train, halves, 200,
                      [0.9, 0.94, 0.96, 0.97, 0.98, 0.985, 0.99], adam, ["--epochs", 20, "--lr", 0.001, *adam])
    if not network.model.exists():
        coppice("finetune", SHARED / "models/trained/lenet_300_100.keras", *train, "--epochs", 200, *network.tuning, "--seed", 0,
                "--strip-optimizer", "-o", network.model, "-q")
    return network


def resnet20(out):
    with h5py.File(SHARED / "data/cifar10/cifar10-20k.h5") as data:
        parts = {name: (data[f"x_{name}"][()], data[f"y_{name}"][()]) for name in ("train", "test")}
    halves = [out / f"{name}.h5" for name in ("choosing", "reported")]
    for path, rows in zip(halves, (slice(0, 2500), slice(2500, None))):
        with h5py.File(path, "w") as file:
            file["x_test"], file["y_test"] = (a[rows] for a in parts["test"])
    with h5py.File(out / "train.h5", "w") as file:
        file["x_train"], file["y_train"] = (a[:2000] for a in parts["train"])
        file["x_test"], file["y_test"] = (a[:2500] for a in parts["test"])
    return Network("resnet20", SHARED / "models/found/cifar10_ResNet20v1_model.h5", ["--data", out / "train.h5", "--scale", "1/255"],
                   halves, 22, [0.3, 0.5, 0.7, 0.8, 0.9], [], ["--epochs", 5, "--lr", 0.001],
                   ["exact", "f16", "int8", "codebook:16", "codebook:8", "codebook:4", "rd:0.05", "rd:0.15", "rd:0.3"],
                   ["codebook:8", "codebook:4"])


NETWORKS = {"lenet300": lenet300, "lenet300-mnist": lenet300_mnist, "resnet20": resnet20}


def accuracy(model, data):
    return json.loads(coppice("eval", model, "--data", data, "--scale", "1/255", "--json"))["metrics"]["accuracy"]


def points(network, out):
    """Every file that was made: schedule, sparsity, values, bytes and accuracies."""
    record = out / "points.jsonl"
    found = [json.loads(line) for line in record.read_text().splitlines()] if record.exists() else []
    done = {(p["schedule"], p["sparsity"], p["values"]) for p in found}
    writing = ["--strip-optimizer", "--level", "max", "--force", "-q"]

    def keep(packed, **facts):
        point = {"bytes": packed.stat().st_size, "choosing": accuracy(packed, network.halves[0]),
                 "reported": accuracy(packed, network.halves[1]), **facts}
        found.append(point)
        with record.open("a") as file:
            file.write(json.dumps(point) + "\n")

    if not done:
        dense = out / "dense.csrm"
        coppice("pack", network.model, "--strip-optimizer", "-o", dense, "--force", "-q")
        keep(dense, schedule="dense", sparsity=0, values="exact")
    for schedule, options in SCHEDULES.items():
        for sparsity in network.sparsities:
            facts = {"schedule": schedule, "sparsity": sparsity}
            pruned = out / f"{schedule}-{sparsity}.csrm"
            if not pruned.exists():
                coppice("prune", network.model, "--sparsity", sparsity, "--schedule", schedule, *options, "--total-epochs",
                        network.epochs, "--seed", 0, *network.tuning, *network.train, *writing, "-o", pruned)
            for values in network.values:
                packed = out / f"{schedule}-{sparsity}-{values.replace(':', '-')}.csrm"
                if (schedule, sparsity, values) not in done:
                    coppice("convert", pruned, "--values", values, *(network.train if values.startswith("rd") else []),
                            "--level", "max", "-o", packed, "--force", "-q")
                    keep(packed, values=values, **facts)
                if values in network.trained and (schedule, sparsity, f"{values}, trained") not in done:
                    tuned = packed.with_stem(packed.stem + "-trained")
                    coppice("finetune", packed, *network.train, *network.levels, "--seed", 0, *writing, "-o", tuned)
                    keep(tuned, values=f"{values}, trained", **facts)
    return found


def frontier(points):
    """Those to which no smaller file is as accurate, by size."""
    best, kept = -1.0, []
    for p in sorted(points, key=lambda p: (p["bytes"], -p["reported"])):
        if p["reported"] > best:
            best = p["reported"]
            kept.append(p)
    return kept


def plot(path, title, found, dense):
    width, height, left, bottom = 760, 460, 60, 50
    shown = [p for p in found if p["schedule"] != "dense" and p["reported"] > dense - 0.15]
    low, high = (np.log(f(p["bytes"] for p in shown)) for f in (min, max))
    top, floor = max(p["reported"] for p in shown) + 0.005, min(p["reported"] for p in shown) - 0.005
    x = lambda size: left + (np.log(size) - low) / (high - low) * (width - left - 20)
    y = lambda share: 20 + (top - share) / (top - floor) * (height - bottom - 20)
    colours = {"one-shot": "#1b6ca8", "geometric": "#c8553d", "hybrid": "#4b8b3b"}
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="white"/>', f'<text x="{left}" y="14">{title}</text>']
    for size in [s * 10**e for e in range(2, 8) for s in (1, 2, 5)]:
        if np.exp(low) <= size <= np.exp(high):
            text = f"{size // 1000} KB" if size >= 1000 else f"{size} B"
            lines.append(f'<line x1="{x(size):.1f}" x2="{x(size):.1f}" y1="20" y2="{height - bottom}" stroke="#ddd"/>')
            lines.append(f'<text x="{x(size):.1f}" y="{height - bottom + 16}" text-anchor="middle">{text}</text>')
    for percent in range(int(floor * 100) + 1, int(top * 100) + 1, 2):
        lines.append(f'<line x1="{left}" x2="{width - 20}" y1="{y(percent / 100):.1f}" y2="{y(percent / 100):.1f}" stroke="#ddd"/>')
        lines.append(f'<text x="{left - 6}" y="{y(percent / 100) + 4:.1f}" text-anchor="end">{percent}%</text>')
    lines.append(f'<line x1="{left}" x2="{width - 20}" y1="{y(dense):.1f}" y2="{y(dense):.1f}" stroke="#666" stroke-dasharray="5 4"/>')
    lines.append(f'<text x="{left + 4}" y="{y(dense) - 4:.1f}" fill="#666">dense</text>')
    for number, (schedule, colour) in enumerate(colours.items()):
        mine = [p for p in shown if p["schedule"] == schedule]
        for p in mine:
            lines.append(
                f'<circle cx="{x(p["bytes"]):.1f}" cy="{y(p["reported"]):.1f}" r="2.2" fill="{colour}" fill-opacity="0.45">'
                f'<title>{schedule}, {p["sparsity"]:.1%}, {p["values"]}: {p["bytes"]:,} bytes, {p["reported"]:.2%}</title></circle>')
        way = " ".join(f'{x(p["bytes"]):.1f},{y(p["reported"]):.1f}' for p in frontier(mine))
        lines.append(f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="1.8"/>')
        lines.append(f'<text x="{width - 110}" y="{height - bottom - 50 + 16 * number}" fill="{colour}">{schedule}</text>')
    lines.append(f'<text x="{width / 2}" y="{height - 12}" text-anchor="middle">bytes of the whole file</text></svg>')
    path.write_text("\n".join(lines) + "\n")


def main():
    out, *names = sys.argv[1:]
    for name in names or NETWORKS:
        folder = Path(out) / name
        folder.mkdir(parents=True, exist_ok=True)
        network = NETWORKS[name](folder)
        found = points(network, folder)
        dense = next(p for p in found if p["schedule"] == "dense")
        weights = json.loads(coppice("inspect", network.model, "--json"))["parameters"]
        title = f"{name}, {network.model.name}"
        print(f"{title}: {weights:,} weights, {4 * weights:,} bytes as float32, dense accuracy {dense['choosing']:.2%} on the rows "
              f"that choose, {dense['reported']:.2%} on those reported\n")
        print("| schedule | sparsity | values | bytes | float32 ÷ bytes | bits a weight | where it was chosen | reported | points lost |")
        print("| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
        for schedule in SCHEDULES:
            fit = [p for p in found if p["schedule"] == schedule and p["choosing"] >= dense["choosing"] - 0.005]
            if not fit:
                print(f"| {schedule} | none | | | | | | | |")
                continue
            p = min(fit, key=lambda p: p["bytes"])
            print(f"| {schedule} | {p['sparsity']:.1%} | {p['values']} | {p['bytes']:,} | {4 * weights / p['bytes']:.1f}× | "
                  f"{8 * p['bytes'] / weights:.2f} | {p['choosing']:.2%} | {p['reported']:.2%} | "
                  f"{100 * (dense['reported'] - p['reported']):.2f} |")
        columns = network.values + [f"{values}, trained" for values in network.trained]
        print("\n| schedule | sparsity | " + " | ".join(columns) + " |\n| --- | ---: |" + " ---: |" * len(columns))
        for schedule in SCHEDULES:
            for sparsity in network.sparsities:
                row = {p["values"]: p for p in found if (p["schedule"], p["sparsity"]) == (schedule, sparsity)}
                print(f"| {schedule} | {sparsity:.1%} | " + " | ".join(
                    f"{row[v]['bytes']:,}, {row[v]['reported']:.2%}" for v in columns) + " |")
        print()
        plot(Path(out) / f"{name}-bits.svg", f"{title}, fine-tuned and packed with few-bit values", found, dense["reported"])


if __name__ == "__main__":
    main()
