"""Accuracy against bytes: pruned with fine-tuning, packed with few-bit values. Prints markdown, writes SVG curves.

One shot, geometric and hybrid at the same budget of epochs, over a range of sparsities; each pruned model packed by
`--values` f16, int8, codebooks and rd with several weights, the codebooks' entries trained on, too, at `--level max`.
Bytes are those of the whole file, names and document included; accuracy is that of the file as read back. Half of the
test rows choose (the smallest file within half a point of the dense model), the other half is what is reported.

usage: few_bits.py OUT [lenet300] [resnet20]       (some ten minutes; goes on where it was cut short)
"""
import gzip
import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
COPPICE = os.environ.setdefault("COPPICE", str(ROOT / ".build/release/coppice"))
SHARED = Path(os.environ.get("COPPICE_SHARED") or ROOT.parent / "shared")
SCHEDULES = {"one-shot": [], "geometric": ["--steps", 5], "hybrid": []}
# Where each network begins to lose; ResNet-20, tuned on 2,000 rows, does so early.
SPARSITIES = {"lenet300": [0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.94, 0.96, 0.97, 0.98, 0.985, 0.99], "resnet20": [0.3, 0.5, 0.7, 0.8, 0.9]}
VALUES = ["exact", "f16", "int8", "codebook:16", "codebook:8", "codebook:4", "rd:0.05", "rd:0.15", "rd:0.3"]
TRAINED = ["codebook:8", "codebook:4"]


def coppice(*arguments):
    done = subprocess.run([COPPICE, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"coppice {' '.join(map(str, arguments))}: {done.stderr}")
    return done.stdout


def idx(path, array):
    """Writes rows of bytes as IDX."""
    head = struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(gzip.compress(head + array.tobytes(), 1))


def lenet300(out):
    data = SHARED / "data/fashion-mnist"
    raw = gzip.decompress((data / "t10k-images-idx3-ubyte.gz").read_bytes())
    images = np.frombuffer(raw, np.uint8, offset=16).reshape(-1, 28, 28)
    labels = np.frombuffer(gzip.decompress((data / "t10k-labels-idx1-ubyte.gz").read_bytes()), np.uint8, offset=8)
    halves = []
    for name, rows in (("choosing", slice(0, 5000)), ("reported", slice(5000, None))):
        halves.append(out / f"{name}-images-idx3-ubyte.gz")
        idx(halves[-1], images[rows])
        idx(out / f"{name}-labels-idx1-ubyte.gz", labels[rows])
    train = ["--data", data / "train12k-images-idx3-ubyte.gz", "--test-data", halves[0], "--scale", "1/255"]
    return SHARED / "models/trained/lenet_300_100.keras", train, halves, 40


def resnet20(out):
    halves = []
    with h5py.File(SHARED / "data/cifar10/cifar10-20k.h5") as data:
        parts = {name: (data[f"x_{name}"][()], data[f"y_{name}"][()]) for name in ("train", "test")}
    halves = [out / f"{name}.h5" for name in ("choosing", "reported")]
    middle = len(parts["test"][0]) // 2
    for path, rows in zip(halves, (slice(0, middle), slice(middle, None))):
        with h5py.File(path, "w") as file:
            file["x_test"], file["y_test"] = (a[rows] for a in parts["test"])
    with h5py.File(out / "train.h5", "w") as file:
        file["x_train"], file["y_train"] = (a[:2000] for a in parts["train"])
        file["x_test"], file["y_test"] = (a[:middle] for a in parts["test"])
    train = ["--data", out / "train.h5", "--scale", "1/255"]
    return SHARED / "models/found/cifar10_ResNet20v1_model.h5", train, halves, 22


def accuracy(model, data):
    return json.loads(coppice("eval", model, "--data", data, "--scale", "1/255", "--json"))["metrics"]["accuracy"]


def point(path, halves, **facts):
    return {"bytes": path.stat().st_size, "choosing": accuracy(path, halves[0]), "reported": accuracy(path, halves[1]), **facts}


def points(name, out):
    """Every file that was made: schedule, sparsity, values, bytes and accuracies."""
    out.mkdir(parents=True, exist_ok=True)
    model, train, halves, epochs = globals()[name](out)
    record = out / "points.jsonl"
    found = [json.loads(line) for line in record.read_text().splitlines()] if record.exists() else []
    done = {(p["schedule"], p["sparsity"], p["values"]) for p in found}

    def keep(point):
        found.append(point)
        with record.open("a") as file:
            file.write(json.dumps(point) + "\n")

    if not done:
        dense = out / "dense.csrm"
        coppice("pack", model, "--strip-optimizer", "-o", dense, "--force", "-q")
        keep(point(dense, halves, schedule="dense", sparsity=0, values="exact"))
    for schedule, options in SCHEDULES.items():
        for sparsity in SPARSITIES[name]:
            pruned = out / f"{schedule}-{sparsity}.csrm"
            if not pruned.exists():
                coppice("prune", model, "--sparsity", sparsity, "--schedule", schedule, *options, "--total-epochs",
                        epochs, "--seed", 0, *train, "--strip-optimizer", "--level", "max", "-o", pruned, "--force", "-q")
            for values in VALUES:
                packed = out / f"{schedule}-{sparsity}-{values.replace(':', '-')}.csrm"
                facts = {"schedule": schedule, "sparsity": sparsity}
                if (schedule, sparsity, values) not in done:
                    coppice("convert", pruned, "--values", values, *(train if values.startswith("rd") else []), "--level",
                            "max", "-o", packed, "--force", "-q")
                    keep(point(packed, halves, values=values, **facts))
                if values in TRAINED and (schedule, sparsity, f"{values}, trained") not in done:
                    tuned = packed.with_stem(packed.stem + "-trained")
                    coppice("finetune", packed, *train, "--epochs", 5, "--lr", 0.001, "--strip-optimizer", "--level", "max",
                            "-o", tuned, "--force", "-q")
                    keep(point(tuned, halves, values=f"{values}, trained", **facts))
    return model, found


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
    for name in names or ["lenet300", "resnet20"]:
        model, found = points(name, Path(out) / name)
        dense = next(p for p in found if p["schedule"] == "dense")
        with_weights = 4 * json.loads(coppice("inspect", model, "--json"))["parameters"]
        print(f"{model.name}: {with_weights:,} bytes of float32 weights, dense accuracy {dense['reported']:.2%} on the rows reported\n")
        print("| schedule | smallest within 0.5 points | sparsity | values | bytes | float32 ÷ bytes | accuracy |")
        print("| --- | --- | ---: | --- | ---: | ---: | ---: |")
        for schedule in SCHEDULES:
            fit = [p for p in found if p["schedule"] == schedule and p["choosing"] >= dense["choosing"] - 0.005]
            if not fit:
                print(f"| {schedule} | none | | | | | |")
                continue
            p = min(fit, key=lambda p: p["bytes"])
            print(f"| {schedule} | on the rows that choose | {p['sparsity']:.1%} | {p['values']} | {p['bytes']:,} | "
                  f"{with_weights / p['bytes']:.1f}× | {p['reported']:.2%} |")
        print("\n| schedule | sparsity | " + " | ".join(VALUES) + " |\n| --- | ---: |" + " ---: |" * len(VALUES))
        for schedule in SCHEDULES:
            for sparsity in SPARSITIES[name]:
                row = {p["values"]: p for p in found if (p["schedule"], p["sparsity"]) == (schedule, sparsity)}
                print(f"| {schedule} | {sparsity:.1%} | " + " | ".join(
                    f"{row[v]['bytes']:,}, {row[v]['reported']:.2%}" for v in VALUES) + " |")
        print()
        plot(Path(out) / f"{name}-bits.svg", f"{model.name}, fine-tuned and packed with few-bit values", found, dense["reported"])


if __name__ == "__main__":
    main()
