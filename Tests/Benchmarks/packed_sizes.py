"""What packing gives, against everything else, as ratios to the zeroth-order limit: prints markdown.

Every model of ../shared/models, pruned by magnitude over all layers to each sparsity, and one of 25 million weights
(../shared/tools/make_big_model.py). The peers get the bare float tensors, in a row, and carry neither names nor
documents; `.csrm` is the payload of the same tensors with the tables that decode them (blocks, parameters, pools), and
"file" the whole file with directory, checksums and names, documents aside. The limit is the zeroth-order entropy of
places, signs and exponents, mantissas as they are (all tensors of less than two dimensions or 512 weights taken
together); it is a yardstick and no bound. "planes" is the strongest that is easily written: a bit mask, then the byte
planes of the non-zeros, then xz or zstd, the better. Only sizes are measured, so other work on the machine does not
matter.

Peers take most of the time. With --peers-of an earlier table of this script, their figures are read from there,
row by row where the limit is the same to the byte, which is to say that the weights are.

usage: packed_sizes.py [--models NAME…] [--also FILE…] [--sparsities S…] [--big MB] [--jobs N] [--peers-of FILE]
"""
import argparse
import io
import json
import lzma
import os
import statistics
import subprocess
import sys
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import h5py
import numpy as np
import scipy.sparse

ROOT = Path(__file__).resolve().parents[2]
COPPICE = os.environ.setdefault("COPPICE", str(ROOT / ".build/release/coppice"))
SHARED = Path(os.environ.get("COPPICE_SHARED") or ROOT.parent / "shared")
SPARSITIES = [0.5, 0.8, 0.9, 0.95, 0.98, 0.99]
PEERS = ["gzip -9", "zstd -19", "xz -9e", "HDF5 deflate", "SciPy .npz", "planes"]
# Mantissa and exponent bits of floats of so many bytes.
EXPONENTS = {2: (10, 5), 4: (23, 8), 8: (52, 11)}


def coppice(*arguments):
    return subprocess.run([COPPICE, *map(str, arguments)], check=True, capture_output=True, text=True).stdout


def tensors(path):
    """The float tensors of a model file, by name."""
    data = path.read_bytes()
    if zipfile.is_zipfile(path):
        data = zipfile.ZipFile(path).read("model.weights.h5")
    found = {}
    with h5py.File(io.BytesIO(data), "r") as file:
        def visit(name, item):
            if isinstance(item, h5py.Dataset) and item.dtype.kind == "f" and item.size and item.dtype.isnative:
                found[name] = item[()]
        file.visititems(visit)
    return found


def entropy(counts):
    counts = counts[counts > 0].astype(float)
    return float(-(counts * np.log2(counts / counts.sum())).sum())


def limit_bits(words):
    mantissa, _ = EXPONENTS[words.dtype.itemsize]
    bits = words.view(f"u{words.dtype.itemsize}")
    kept = bits[bits != 0]
    if not len(kept):
        return 0.0
    places = entropy(np.array([len(kept), len(bits) - len(kept)]))
    signs = entropy(np.bincount((kept >> (8 * words.dtype.itemsize - 1)).astype(int)))
    exponents = (kept & ((1 << (8 * words.dtype.itemsize - 1)) - 1)) >> mantissa
    return places + signs + entropy(np.bincount(exponents.astype(int))) + mantissa * len(kept)


def limit(arrays):
    pooled, bits = {}, 0.0
    for array in arrays:
        if array.ndim >= 2 and array.size >= 512:
            bits += limit_bits(array.ravel())
        else:
            pooled.setdefault(array.dtype, []).append(array.ravel())
    return (bits + sum(limit_bits(np.concatenate(parts)) for parts in pooled.values())) / 8


def best_of_two(data):
    return min(len(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME)), piped(["zstd", "-19", "-q", "-c"], data))


def piped(command, data):
    return len(subprocess.run(command, input=data, check=True, capture_output=True).stdout)


def planes(arrays):
    masks, parts = [], {}
    for array in arrays:
        words = array.ravel().view(f"u{array.dtype.itemsize}")
        masks.append(np.packbits(words != 0).tobytes())
        parts.setdefault(array.dtype.itemsize, []).append(words[words != 0])
    size = best_of_two(b"".join(masks))
    for width, kept in parts.items():
        kept = np.concatenate(kept)
        if len(kept):
            columns = np.ascontiguousarray(kept.view(np.uint8).reshape(-1, width).T)
            size += sum(best_of_two(plane.tobytes()) for plane in columns)
    return size


def scipy_size(arrays):
    size = 0
    for array in arrays:
        if array.ndim < 2 or array.dtype.itemsize == 2:
            size += array.nbytes
            continue
        out = io.BytesIO()
        scipy.sparse.save_npz(out, scipy.sparse.csr_matrix(array.reshape(-1, array.shape[-1])), compressed=True)
        size += out.tell()
    return size


def deflated(arrays):
    with h5py.File(io.BytesIO(), "w") as file:
        sets = [
            file.create_dataset(str(i), data=a, compression="gzip", compression_opts=9, chunks=a.shape)
            for i, a in enumerate(arrays) if a.ndim]
        return sum(s.id.get_storage_size() for s in sets) + sum(a.nbytes for a in arrays if not a.ndim)


def earlier(path):
    """{(model, pruned, limit): {peer: bytes}} of a table that this script printed."""
    found = {}
    for line in path.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 8 + len(PEERS) and cells[2].endswith("%"):
            limit = float(cells[3].replace(",", ""))
            found[cells[0], cells[2], cells[3]] = {p: float(c) * limit for p, c in zip(PEERS, cells[8:])}
    return found


def measured(model, sparsity, work, known):
    """{column: bytes} of a model at a sparsity, the limit among them."""
    name = f"{model.stem}-{sparsity}"
    pruned = work / (name + model.suffix)
    coppice("prune", model, "--sparsity", sparsity, "--strip-optimizer", "-o", pruned, "--force", "-q")
    named = tensors(pruned)
    arrays = list(named.values())
    found = {"weights": sum(a.size for a in arrays), "limit": limit(arrays)}
    for level in ("default", "max"):
        packed = work / f"{name}-{level}.csrm"
        report = json.loads(coppice("pack", pruned, "--level", level, "-o", packed, "--force", "--json"))
        mine = [t for t in report["tensors"] if t["dtype"].startswith("float") and t["count"]]
        if {tuple(t["shape"]) for t in mine} != {a.shape for a in arrays}:
            raise SystemExit(f"{model}: not the tensors that h5py sees")
        found[level] = round(sum(t["bits_per_weight"] * t["count"] / 8 for t in mine))
        found[f"{level} file"] = report["bytes"] - report["document_bytes"]
        packed.unlink()
    pruned.unlink()
    peers = known.get((model.name, f"{sparsity:.0%}", f"{found['limit']:,.0f}"))
    if peers:
        found |= peers
    else:
        data = b"".join(a.tobytes() for a in arrays)
        found["gzip -9"] = piped(["gzip", "-9", "-c"], data)
        found["zstd -19"] = piped(["zstd", "-19", "-q", "-c"], data)
        found["xz -9e"] = len(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME))
        found["HDF5 deflate"] = deflated(arrays)
        found["SciPy .npz"] = scipy_size(arrays)
        found["planes"] = planes(arrays)
    return found


def summary(sparsities, results):
    """Medians over the models and, of ours and the best of the peers, ranges."""
    columns = ["default", "max", "default file", "max file", *PEERS]
    print("\n| pruned | " + " | ".join(columns) + " |\n| ---: |" + " ---: |" * len(columns))
    for sparsity in sorted(set(sparsities)):
        found = [r for s, r in zip(sparsities, results) if s == sparsity]
        cells = []
        for column in columns:
            ratios = [r[column] / r["limit"] for r in found]
            text = f"{statistics.median(ratios):.3f}"
            cells.append(f"{text} ({min(ratios):.3f}–{max(ratios):.3f})" if column in ("default", "max", "planes") else text)
        print(f"| {sparsity:.0%} | " + " | ".join(cells) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="*", help="parts of names; all where none is given")
    parser.add_argument("--also", nargs="*", type=Path, default=[], help="model files of your own, wide_mlp.py's among them")
    parser.add_argument("--sparsities", nargs="*", type=float, default=SPARSITIES)
    parser.add_argument("--big", type=int, default=100, help="MB of the large model, 0 for none")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--peers-of", type=Path, help="an earlier table, for what the peers take")
    options = parser.parse_args()
    known = earlier(options.peers_of) if options.peers_of else {}
    folders = [SHARED / "models/trained", SHARED / "models/found"]
    models = [p for folder in folders for p in sorted(folder.iterdir()) if p.suffix in (".h5", ".hdf5", ".keras")]
    if options.models:
        models = [p for p in models if any(part in p.name for part in options.models)]
    models += options.also
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        if options.big:
            big = work / f"dense-{options.big}MB.h5"
            subprocess.run(
                [sys.executable, SHARED / "tools/make_big_model.py", "--mb", str(options.big), "--out", big],
                check=True, stdout=subprocess.DEVNULL)
            models.append(big)
        jobs = [(model, sparsity) for model in models for sparsity in options.sparsities]
        with ThreadPoolExecutor(options.jobs) as pool:
            results = list(pool.map(lambda job: measured(*job, work, known), jobs))
    print("| model | weights | pruned | limit, bytes | default | max | default, file | max, file | "
          + " | ".join(PEERS) + " |")
    print("| --- |" + " ---: |" * (7 + len(PEERS)))
    beaten, larger, rows = [], 0, 0
    for (model, sparsity), found in zip(jobs, results):
        cells = [model.name, f"{found['weights']:,}", f"{sparsity:.0%}", f"{found['limit']:,.0f}"]
        least = min(found[peer] for peer in PEERS)
        for column in ("default", "max", "default file", "max file", *PEERS):
            cells.append(f"{found[column] / found['limit']:.3f}")
        print("| " + " | ".join(cells) + " |")
        larger += found["weights"] >= 50_000 and found["default file"] >= least
        rows += found["weights"] >= 50_000
        for column in ("default", "max"):
            if found[column] >= least:
                beaten.append(f"{model.name} at {sparsity:.0%}, {column}")
        if found["max"] > found["default"]:
            beaten.append(f"{model.name} at {sparsity:.0%}: max over default")
    summary([sparsity for _, sparsity in jobs], results)
    print()
    print("Smaller than every peer everywhere, and `max` never over the default."
          if not beaten else "Not smaller than every peer: " + "; ".join(beaten) + ".")
    print(f"Of {rows} whole files of 50,000 weights and more, {larger} are not smaller than the best peer's bare tensors.")


if __name__ == "__main__":
    main()
