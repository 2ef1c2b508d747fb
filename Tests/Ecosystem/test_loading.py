"""Sources/Python/csrm.py: what it loads from packed files, as arrays and into models of both ages of Keras."""
import functools
import json
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

import corpora
import csrm
import products
import tool
import tree
from corpora import ROOT

HERE = Path(__file__).resolve().parent
READER = ROOT / "Sources/Python/csrm.py"
MODELS = ROOT / "fixtures/models"
TOLERANCE = 1e-6


@functools.cache
def packed():
    """Plain encodings: what is tested is where weights go, and Python takes its time over the others."""
    return tool.batch("pack", corpora.cases(), "--level", "fast", into=products.folder("loading"))


@functools.cache
def verdicts():
    """{case id: verdict} of loading.py, both environments at work at once."""
    wanted = {"k3": [], "k2": []}
    for case in corpora.cases():
        if case.judge and case.loads and packed()[case.id].report is not None:
            wanted[case.judge].append({
                "id": case.id, "model": str(case.path), "packed": str(packed()[case.id].output),
                "architecture": str(case.architecture) if case.architecture else None,
                "inputs": str(case.inputs) if case.inputs else None, "runs": case.runs})
    return products.judged("loading.py", wanted.items(), products.folder("loading"))


def test_a_model_built_anew_gets_the_packed_weights(case):
    if case.judge is None or not case.loads:
        pytest.skip("no Keras of today opens the file itself")
    verdict = verdicts()[case.id]
    assert verdict["error"] is None, verdict
    assert verdict["weights_differ"] == 0 and verdict["max_error"] <= TOLERANCE, verdict


@pytest.mark.parametrize("level", ["fast", "default", "max"])
@pytest.mark.parametrize("name", ["mmsplice_intron3.h5", "dsconv.keras", "patch_transformer.weights.h5"])
def test_arrays_are_those_of_the_file(name, level, tmp_path):
    pruned = tmp_path / name
    tool.run("prune", MODELS / name, "--sparsity", 0.9, "-o", pruned, "-q")
    tool.run("pack", pruned, "--level", level, "-o", tmp_path / "x.csrm", "-q")
    loaded, expected = csrm.load(tmp_path / "x.csrm"), tree.arrays(pruned)
    assert loaded and set(loaded) <= set(expected)
    for path, array in expected.items():
        if isinstance(array, np.ndarray) and array.dtype.kind in "fiu":
            assert loaded[path].dtype == array.dtype and np.array_equal(loaded[path], array), path
    assert all(array.flags.writeable for array in loaded.values())


@pytest.mark.parametrize("values", ["f16", "int8", "codebook:16"])
def test_few_bits_load_as_what_unpack_gives(values, tmp_path):
    tool.run("pack", MODELS / "mmsplice_intron3.h5", "--values", values, "-o", tmp_path / "x.csrm", "-q")
    tool.run("unpack", tmp_path / "x.csrm", "-o", tmp_path / "x.h5", "-q")
    loaded, expected = csrm.load(tmp_path / "x.csrm"), tree.arrays(tmp_path / "x.h5")
    assert loaded and all(np.array_equal(array, expected[path]) for path, array in loaded.items())
    assert all(array.dtype == expected[path].dtype for path, array in loaded.items())


def test_bfloat16_is_widened(tmp_path):
    """1.5, -2 and the largest finite one, in two bytes of no meaning each, as Keras 3 stores them."""
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["x"] = np.array([0x3FC0, 0xC000, 0x7F7F], "<u2").view("V2")
    tool.run("pack", tmp_path / "x.h5", "-o", tmp_path / "x.csrm", "-q")
    loaded = csrm.load(tmp_path / "x.csrm")["x"]
    assert loaded.dtype == np.float32 and loaded.tolist() == [1.5, -2.0, (2 - 2.0 ** -7) * 2.0 ** 127]


def test_models_that_do_not_fit_are_told_why(tmp_path):
    """loading_refusals.py makes them; what it says is checked here."""
    done = subprocess.run(
        [corpora.PYTHON["k3"], HERE / "loading_refusals.py", tmp_path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout.splitlines()[-1])
    for ending in ("h5", "keras", "weights.h5"):
        found = said[ending]
        assert found["renumbered"] is None, found
        for name in ("shape", "more layers", "fewer layers", "not built"):
            assert found[name]["type"] == "Mismatch", (ending, name, found[name])
            assert found[name]["message"].startswith(str(tmp_path / f"model.{ending}.csrm") + ": "), found[name]
            assert "\n" not in found[name]["message"] and found[name]["unchanged"], found[name]
        assert "[4, 3]" in found["shape"]["message"] and "[4, 5]" in found["shape"]["message"], found["shape"]
        assert "build it" in found["not built"]["message"], found["not built"]
    assert "other_name" in said["h5"]["renamed"]["message"], said
    assert said["keras"]["renamed"] is None and said["weights.h5"]["renamed"] is None, said
    assert "no model of Keras" in said["plain"]["message"], said
    assert said["damaged"]["type"] == "Refused" and said["damaged"]["unchanged"], said


def test_numpy_is_all_it_takes():
    script = ("import sys; sys.path.insert(0, sys.argv[1]); before = set(sys.modules); import csrm; "
              "print({m.partition('.')[0] for m in set(sys.modules) - before} - set(sys.stdlib_module_names) - {'csrm'})")
    done = subprocess.run([sys.executable, "-c", script, READER.parent], capture_output=True, text=True, check=True)
    assert eval(done.stdout) == {"numpy"}


def test_as_a_program(tmp_path):
    packed, cut = tmp_path / "x.csrm", tmp_path / "cut.csrm"
    tool.run("pack", MODELS / "dsconv.keras", "-o", packed, "-q")
    done = subprocess.run([sys.executable, READER, "--check", packed], capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done.stderr
    for name, array in csrm.load(packed).items():
        line = next(l for l in done.stdout.splitlines() if l.split("  ")[1:2] == [name])
        assert "×".join(map(str, array.shape)) in line or array.shape == ()
    cut.write_bytes(packed.read_bytes()[:-1])
    done = subprocess.run([sys.executable, READER, cut, packed, tmp_path / "none"], capture_output=True, text=True)
    assert done.returncode == 1 and str(packed) in done.stdout
    assert [l.partition(":")[0] for l in done.stderr.splitlines()] == ["csrm.py"] * 2, done.stderr
    assert subprocess.run([sys.executable, READER], capture_output=True).returncode == 64
