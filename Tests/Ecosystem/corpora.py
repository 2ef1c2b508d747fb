r"""The files the tests run on, one Case each: fixtures, ../shared/models, and both Keras corpora.

The corpora are made fresh by ../shared/tools in the environments of `setup`, once a session. COPPICE_SHARED
names another place for ../shared, COPPICE_CORPORA a folder in which made corpora are kept and found again,
COPPICE_CASES a regular expression that picks cases by id (keras3/dense_.*\.h5), COPPICE_LAYER_TIMES how many times as
many cases of layers to draw (1).
"""
import atexit
import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("COPPICE_SHARED") or ROOT.parent / "shared")
HAS_SHARED = (SHARED / "models" / "INDEX.md").exists() and (SHARED / "tools").is_dir()
PYTHON = {"k3": ROOT / ".venv-k3/bin/python", "k2": ROOT / ".venv-k2/bin/python"}


@dataclass(frozen=True)
class Case:
    path: Path
    judge: str | None = None         # the environment whose Keras opens it; None: no Keras of today does
    architecture: Path | None = None  # for weights-only files: a model file, or JSON, of the same network
    inputs: Path | None = None        # an .npz with x0, x1, …; None: seeded inputs of the model's shape
    loads: bool = True                # False: its own Keras refuses to load it (each with its reason below)
    runs: bool = True                 # False: Keras on TensorFlow's CPU cannot compute it
    group: str = field(default="models")

    @property
    def id(self):
        return f"{self.group}/{self.path.name}"

    @property
    def has_config(self):
        """A whole model; the others are ranked as plain tensors."""
        return self.architecture is None and not self.path.name.startswith(WEIGHTS_ONLY)


WEIGHTS_ONLY = ("mnist_mlp_98.15", "deepxplore_mnist_model3", "music_tagger", "jet_3layer")


def scratch():
    """The folder of what this session makes, removed at its end; COPPICE_CORPORA, which stays."""
    return Path(os.environ.get("COPPICE_CORPORA") or _session_folder())


@functools.cache
def _session_folder():
    made = tempfile.mkdtemp(prefix="coppice-corpora.")
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def make():
    """Makes both Keras corpora and the bad files, where they are not there yet."""
    if not HAS_SHARED:
        return
    tools, place = SHARED / "tools", scratch()
    wanted = [
        (place / "keras3-steps" / "manifest.json", "k3", "make_keras_corpus.py", place / "keras3-steps", ["--no-f64"]),
        (place / "keras2" / "2.15.0" / "manifest.json", "k2", "make_keras_old.py", place / "keras2", []),
        (place / "bad" / "manifest.json", "k3", "make_bad_files.py", place / "bad", []),
    ]
    running = []
    for proof, environment, tool, target, options in wanted:
        if not proof.exists():
            target.mkdir(parents=True, exist_ok=True)
            log = open(place / f"{tool}.log", "w")
            command = [PYTHON[environment], tools / tool, target, *options]
            running.append((tool, subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT), log.name))
    for tool, process, log in running:
        if process.wait() != 0:
            sys.exit(f"{tool} failed:\n" + Path(log).read_text()[-2000:])


@functools.cache
def layer_cases():
    """[(folder, records)] of layer_cases.py, one folder for each Keras; made where they are not there yet."""
    here = Path(__file__).parent
    sources = [here / "layer_cases.py", *sorted((here / "families").glob("*.py"))]
    times = os.environ.get("COPPICE_LAYER_TIMES", "1")
    version = times + "-" + hashlib.sha256(b"".join(s.read_bytes() for s in sources)).hexdigest()[:8]
    folders = [("k3", scratch() / f"keras3-layers-{version}", 2), ("k2", scratch() / f"keras2-layers-{version}", 1)]
    running = []
    for environment, folder, parts in folders:
        folder.mkdir(parents=True, exist_ok=True)
        for part in range(1, parts + 1):
            if (folder / f"cases-{part}.json").exists():
                continue
            log = open(folder / f"log-{part}", "w")
            command = [PYTHON[environment], here / "layer_cases.py", folder, "--part", f"{part}/{parts}", "--times", times]
            running.append((subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT), log.name))
    for process, log in running:
        if process.wait() != 0:
            sys.exit("layer_cases.py failed:\n" + Path(log).read_text()[-2000:])
    return [(f, [r for n in range(1, parts + 1) for r in json.loads((f / f"cases-{n}.json").read_text())])
            for _, f, parts in folders]


@functools.cache
def cases():
    """All good files, in a fixed order."""
    make()
    if HAS_SHARED:
        found = [*shared_cases(), *old_fixture_cases(), *keras3_cases(), *keras2_cases()]
    else:
        found = [*fixture_cases(), *old_fixture_cases()]
    return [c for c in found if re.search(os.environ.get("COPPICE_CASES", ""), c.id)]


def fixture_cases():
    return model_cases(ROOT / "fixtures/models", "fixtures")


def shared_cases():
    yield from model_cases(SHARED / "models/trained", "models")
    yield from model_cases(SHARED / "models/found", "models")


# Which Keras opens which model; a file that is not named here is opened by none of today.
OPENED_BY = {
    "cifar10_ResNet20v1_model.h5": "k2", "mlperf_tiny_resnet8.h5": "k2", "fashion_mnist_lstm.h5": "k2",
    "lipo_lstm.h5": "k2", "fer2013_mini_XCEPTION.102-0.66.hdf5": "k2", "str_ww_ref_model.h5": "k2",
    "mmsplice_intron3.h5": "k2", "jet_3layer_70pruned_weights.h5": "k2", "cifar10_cnn_keras3.keras": "k3",
    "lenet_300_100.keras": "k3", "lenet_5.h5": "k3", "dsconv.keras": "k3", "row_lstm.keras": "k3",
    "patch_transformer.keras": "k3", "patch_transformer.weights.h5": "k3",
}
ARCHITECTURE = {
    "jet_3layer_70pruned_weights.h5": "jet_3layer_70pruned.json",
    "patch_transformer.weights.h5": "patch_transformer.keras",
}


def model_cases(folder, group):
    for path in sorted(folder.iterdir()):
        if path.suffix == ".json":
            continue
        architecture = path.with_name(ARCHITECTURE[path.name]) if path.name in ARCHITECTURE else None
        has_it = architecture is None or architecture.exists()
        yield Case(path, OPENED_BY.get(path.name) if has_it else None, architecture, group=group)


# Written by Keras 3.15.1, and refused by Keras 3.15.1.
KERAS3_REFUSES = {
    # bfloat16 is an opaque type without a name in the legacy layout.
    "policy_bfloat16.legacy.h5", "policy_bfloat16.legacy_weights.h5",
    # A layer shared between two nested models: its second owner finds no variables.
    "shared_across_nested.keras", "shared_across_nested.weights.h5", "shared_across_nested.legacy_weights.h5",
    # The legacy config loses the input shape, an option's type, the module of an operation.
    "layernorm_axes.legacy.h5", "attention_dot_additive.legacy.h5", "ops_in_functional.legacy.h5",
}

# A layer shared by two nested models is written twice. coppice prunes one and lets the other follow; Keras 3
# makes two layers of them when it loads the file.
KERAS3_UNTIES = {"shared_across_nested.legacy.h5"}


def keras3_cases():
    folder = scratch() / "keras3-steps"
    manifest = json.loads((folder / "manifest.json").read_text())
    for record in manifest["cases"]:
        base = folder / "models" / record["name"]
        runs = bool(record["outputs"]) and "twin" not in record["tags"]
        for ending in ("keras", "weights.h5", "legacy.h5", "legacy_weights.h5"):
            path = Path(f"{base}.{ending}")
            if path.exists():
                yield Case(
                    path, "k3", Path(f"{base}.keras") if "weights" in ending else None, Path(f"{base}.ref.npz"),
                    loads=path.name not in KERAS3_REFUSES, runs=runs, group="keras3")
    for path in sorted((folder / "variants").iterdir()):
        if ".ref." not in path.name:
            architecture = folder / "variants/base_compiled.keras" if "weights" in path.name else None
            yield Case(path, "k3", architecture, folder / "variants/base.ref.npz", group="variants")
    for path in sorted((folder / "trained").glob("glyph_*")):
        if ".ref." not in path.name:
            architecture = path.with_name(path.name.replace(".weights.h5", ".keras"))
            yield Case(path, "k3", architecture if "weights" in path.name else None, group="glyphs")


def keras2_cases():
    yield from _old(scratch() / "keras2" / "2.15.0", "keras2.15", "k2", ".keras", set())


def old_fixture_cases():
    # 2.2.4 wrote `mlp` without its InputLayer: no later Keras builds it.
    yield from _old(ROOT / "fixtures/keras-old/2.2.4", "keras2.2.4", "k2", ".h5", {"mlp"})
    yield from _old(ROOT / "fixtures/keras-old/1.2.2", "keras1.2.2", None, ".h5", set())


def _old(folder, group, judge, whole, refused):
    for path in sorted(folder.iterdir()):
        if path.suffix not in (".h5", ".keras"):
            continue
        name = path.name.split(".")[0]
        architecture = folder / (name + whole) if "weights" in path.name else None
        yield Case(path, judge, architecture, folder / f"{name}.ref.npz", loads=name not in refused, group=group)
