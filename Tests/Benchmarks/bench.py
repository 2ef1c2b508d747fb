"""The figures of the README, measured again: prints markdown.

Models come from ../shared/models (or COPPICE_SHARED), large ones from ../shared/tools/make_big_model.py; the
rival is ../shared/peers/prune_pack_numpy.py. Medians of interleaved rounds, whole processes, files in cache.
COPPICE names the binary, TMPDIR where the work is done (some 5 GB for the 1 GB model).
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COPPICE = os.environ.setdefault("COPPICE", str(ROOT / ".build/release/coppice"))
SHARED = Path(os.environ.get("COPPICE_SHARED") or ROOT.parent / "shared")

from measure import interleaved, machine, median, mega, once, seconds, table, times


def big_model(work, megabytes):
    path = work / f"big{megabytes}.h5"
    if not path.exists():
        subprocess.run(
            [sys.executable, SHARED / "tools/make_big_model.py", "--mb", str(megabytes), "--out", path],
            check=True, stdout=subprocess.DEVNULL)
    warm(path)
    return path


def warm(path):
    once(["sh", "-c", 'cat "$0" >/dev/null', path])


def prune_and_pack(work, options):
    print("### Prune to 90 % and pack, whole process\n")
    rows = []
    for megabytes in options.sizes:
        model, out = big_model(work, megabytes), work / "out.csrm"
        commands = {
            "coppice": [COPPICE, "prune", model, "--sparsity", "0.9", "-o", out, "--force", "-q"],
            "copy": ["cp", model, work / "copy"],
            "copy, synced": ["dd", f"if={model}", f"of={work / 'copy'}", "bs=1M", "conv=fsync", "status=none"],
        }
        runs = interleaved(commands, options.rounds)
        peer = once([sys.executable, SHARED / "peers/prune_pack_numpy.py", model, "0.9", work / "peer.npz"])
        rival = json.loads(peer.out)
        ours = median(runs["coppice"])
        peak = max(r.peak for r in runs["coppice"])
        size = model.stat().st_size
        rows.append([
            mega(size), seconds(ours), seconds(rival["total"]), times(rival["total"] / ours),
            seconds(median(runs["copy"])), times(ours / median(runs["copy"])),
            seconds(median(runs["copy, synced"])), times(ours / median(runs["copy, synced"])),
            times(peak / size), mega(out.stat().st_size), mega(rival["bytes_out"])])
        for name in ("copy", "peer.npz", "out.csrm"):
            (work / name).unlink()
    table(["model", "coppice", "NumPy + SciPy", "faster", "cp", "coppice ÷ cp", "dd, synced", "coppice ÷ dd",
           "peak memory ÷ model", ".csrm", "its .npz"], rows)
    print("NumPy's time is its own, imports left out; its peak memory was "
          f"{times(peer.peak / size)} the model.\n")


def inspect_large(work, options):
    print("### Inspect a large file\n")
    rows = []
    for megabytes in options.sizes:
        model = big_model(work, megabytes)
        size = model.stat().st_size
        runs = interleaved({
            "coppice": [COPPICE, "inspect", model],
            "cat": ["sh", "-c", 'cat "$0" | wc -c', model],
        }, options.rounds)
        memory = once([COPPICE, "inspect", model], samples_memory=True)
        ours, cat = median(runs["coppice"]), median(runs["cat"])
        rows.append([
            mega(size), seconds(ours), f"{size / ours / 1e9:.2f} GB/s", seconds(cat),
            f"{size / cat / 1e9:.2f} GB/s", times(cat / ours), mega(memory.own), mega(memory.peak)])
    table(["file", "inspect", "rate", "cat \\| wc -c", "rate", "inspect's rate ÷ cat's", "own memory",
           "resident, with cache pages"], rows)


def inspect_small(work, options):
    print("### Inspect a small file\n")
    model = SHARED / "models/found/mmsplice_intron3.h5"
    runs = interleaved({
        "coppice": [COPPICE, "inspect", model], "h5ls": ["h5ls", "-r", model],
        "version": [COPPICE, "--version"]}, options.rounds * 8)
    ours, theirs = median(runs["coppice"]), median(runs["h5ls"])
    table(["file", "coppice inspect", "h5ls -r", "ratio", "coppice --version"], [
        [model.name, seconds(ours), seconds(theirs), times(ours / theirs), seconds(median(runs["version"]))]])


def pack_and_unpack(work, options):
    print("### Pack and unpack, against cp of the dense file\n")
    rows = []
    for megabytes in options.sizes:
        model = big_model(work, megabytes)
        pruned, packed, back = work / "pruned.h5", work / "pruned.csrm", work / "back.h5"
        once([COPPICE, "prune", model, "--sparsity", "0.9", "-o", pruned, "--force", "-q"])
        for level, name, source in [(level, *which) for level in ("fast", "default")
                                    for which in (("90 % zeros", pruned), ("dense", model))]:
            once([COPPICE, "pack", source, "--level", level, "-o", packed, "--force", "-q"])
            runs = interleaved({
                "pack": [COPPICE, "pack", source, "--level", level, "-o", work / "again.csrm", "--force", "-q"],
                "unpack": [COPPICE, "unpack", packed, "-o", back, "--force", "-q"],
                "cp": ["cp", source, work / "copy"],
            }, options.rounds)
            pack, unpack, copy = (median(runs[n]) for n in ("pack", "unpack", "cp"))
            size = source.stat().st_size
            rows.append([
                f"{mega(size)}, {name}", level, seconds(pack), f"{size / pack / 1e9:.2f}", times(pack / copy),
                seconds(unpack), f"{size / unpack / 1e9:.2f}", times(unpack / copy), seconds(copy), mega(packed.stat().st_size),
                times(max(r.peak for r in runs["pack"]) / size), times(max(r.peak for r in runs["unpack"]) / size)])
        for path in (pruned, packed, back, work / "copy", work / "again.csrm"):
            path.unlink()
    table(["file", "level", "pack", "GB/s", "÷ cp", "unpack", "GB/s", "÷ cp", "cp", ".csrm", "peak of pack ÷ file",
           "of unpack"], rows)


def sizes(work, options):
    print(f"### Sizes after pruning to {options.sparsity:.0%} by magnitude\n")
    rows = []
    for model in sorted([*(SHARED / "models/trained").iterdir(), *(SHARED / "models/found").iterdir()]):
        if model.suffix == ".json":
            continue
        pruned = work / ("pruned" + "".join(model.suffixes[-1:]))
        deflated, packed = work / ("deflated" + pruned.suffix), work / "packed.csrm"
        once([COPPICE, "prune", model, "--sparsity", options.sparsity, "-o", pruned, "--force", "-q"])
        once([COPPICE, "prune", model, "--sparsity", options.sparsity, "-o", deflated, "--store", "deflate", "--force", "-q"])
        once([COPPICE, "prune", model, "--sparsity", options.sparsity, "-o", packed, "--force", "-q"])
        found = {
            "gzip -9": compressed(["gzip", "-9", "-c", pruned]), "zstd -19": compressed(["zstd", "-19", "-q", "-c", pruned]),
            "xz -9e": compressed(["xz", "-9e", "-c", pruned]), "SciPy .npz": scipy_size(work, pruned),
            "HDF5 deflate": deflated.stat().st_size, ".csrm": packed.stat().st_size}
        least = min(found.values())
        rows.append([model.name, f"{model.stat().st_size:,}"] + [
            f"**{v:,}**" if v == least else f"{v:,}" for v in found.values()] + [
            times(model.stat().st_size / found[".csrm"])])
        pruned.unlink(), deflated.unlink(), packed.unlink()
    table(["model", "bytes", *found, "input ÷ .csrm"], rows)
    print("The optimizer's state, where a file holds it, is in every column: nothing is lost unless asked.\n")


def compressed(command):
    return len(subprocess.run(list(map(str, command)), check=True, capture_output=True).stdout)


def scipy_size(work, pruned):
    """What the rival makes of the weights that are already pruned; an archive's weights are taken out first."""
    weights = pruned
    if zipfile.is_zipfile(pruned):
        weights = work / "member.h5"
        with zipfile.ZipFile(pruned) as archive:
            weights.write_bytes(archive.read("model.weights.h5"))
    once([sys.executable, SHARED / "peers/prune_pack_numpy.py", weights, "0", work / "sizes.npz"])
    return (work / "sizes.npz").stat().st_size


SECTIONS = {f.__name__.replace("_", "-"): f for f in (
    prune_and_pack, inspect_large, inspect_small, pack_and_unpack, sizes)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the 100 MB model alone, three rounds")
    parser.add_argument("--only", action="append", choices=SECTIONS)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--sparsity", type=float, default=0.9, help="of the table of sizes")
    options = parser.parse_args()
    options.sizes = [100] if options.quick else [100, 1000]
    options.rounds = options.rounds or (3 if options.quick else 5)
    if not SHARED.is_dir():
        raise SystemExit(f"{SHARED} is not there: the benchmarks need its models, tools and peers")
    facts = machine()
    print(f"coppice {facts['coppice']}, {facts['cores']} × {facts['cpu']}, Linux {facts['kernel']}; "
          f"medians of {options.rounds} interleaved rounds, files in cache.\n", flush=True)
    work = Path(tempfile.mkdtemp(prefix="coppice-bench."))
    try:
        for name, section in SECTIONS.items():
            if not options.only or name in options.only:
                section(work, options)
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
