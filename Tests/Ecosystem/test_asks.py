"""What users of other tools asked for in public threads, each as something coppice answers. The threads are
named in the README's table. That Keras opens what is written is judged in test_keras; training has test_training
beside what is here."""
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess

import h5py
import numpy as np
import pytest

import tool
import tree
from corpora import ROOT

MODELS = ROOT / "fixtures/models"
WITH_OPTIMIZER = MODELS / "row_lstm.keras"
DENSE = MODELS / "lenet_300_100.keras"
LEGACY = MODELS / "str_ww_ref_model.h5"
IMAGES = ("--data", ROOT / "fixtures/data/fashion-mnist-t10k-500-images-idx3-ubyte.gz", "--scale", "1/255")


def inspect(path, *options):
    return tool.report("inspect", path, *options)


def test_model_optimization_760_a_pruned_h5_is_smaller_and_sizes_stand_side_by_side(tmp_path):
    out = tmp_path / "out.h5"
    done = tool.run("prune", LEGACY, "--sparsity", 0.9, "--store", "deflate", "-o", out)
    assert out.stat().st_size < LEGACY.stat().st_size
    tool.run("prune", LEGACY, "--sparsity", 0.9, "-o", tmp_path / "plain.h5")
    assert out.stat().st_size < 0.8 * (tmp_path / "plain.h5").stat().st_size
    # It loads as what it was: a legacy HDF5 file of the same groups and arrays, with filters that every HDF5 has.
    deflated, plain = tree.arrays(out), tree.arrays(tmp_path / "plain.h5")
    assert {n: a.tobytes() for n, a in deflated.items()} == {n: a.tobytes() for n, a in plain.items()}
    report = tool.report("prune", LEGACY, "--sparsity", 0.9, "-o", tmp_path / "out.csrm")
    sizes = report["sizes"]
    assert sizes["input"] == LEGACY.stat().st_size and sizes["output"] == (tmp_path / "out.csrm").stat().st_size
    assert sizes["output"] < sizes["pruned_gzip9"] * 1.1 and sizes["pruned_gzip9"] < sizes["input_gzip9"]
    assert b"gzip" in done.stdout.lower()


def test_model_optimization_1141_keras_3_is_read_and_named():
    report = inspect(DENSE)
    assert report["keras_version"].startswith("3.") and report["container"] == "keras-archive"
    assert inspect(LEGACY)["keras_version"].startswith("2.")


def test_pytorch_36214_zeros_cost_nothing_and_dense_stays_dense(tmp_path):
    dense = tool.report("pack", DENSE, "--level", "fast", "-o", tmp_path / "dense.csrm")
    sparse = tool.report("prune", DENSE, "--sparsity", 0.95, "--level", "fast", "-o", tmp_path / "sparse.csrm")
    assert {t["encoding"] for t in dense["tensors"] if len(t["shape"]) == 2} == {"raw"}
    assert all(t["encoding"] != "raw" for t in sparse["tensors"] if t["sparsity"] > 0.9)
    assert sparse["output"]["bytes"] < dense["output"]["bytes"] / 6
    estimate = inspect(DENSE, "--estimate", 0.95)["estimate"]
    assert estimate, "the estimate answers from which sparsity it pays, without doing it"


def test_llm_compressor_790_no_masks_are_left_and_the_optimizer_is_told_apart(tmp_path):
    report = inspect(WITH_OPTIMIZER)
    assert report["other_bytes"]["optimizer"] > 400_000
    whole = tool.report("prune", WITH_OPTIMIZER, "--sparsity", 0.5, "-o", tmp_path / "whole.keras")
    assert whole["output"]["bytes"] <= WITH_OPTIMIZER.stat().st_size * 1.005
    rest = tool.report("prune", WITH_OPTIMIZER, "--sparsity", 0.5, "--strip-optimizer", "-o", tmp_path / "rest.keras")
    assert rest["output"]["bytes"] < WITH_OPTIMIZER.stat().st_size - 400_000
    assert whole["sizes"]["without_optimizer"] < whole["sizes"]["input"] - 400_000


def test_nncf_959_a_run_that_changes_nothing_says_so(tmp_path):
    once, twice = tmp_path / "once.keras", tmp_path / "twice.keras"
    tool.run("prune", DENSE, "--sparsity", 0.9, "-o", once)
    done = tool.run("prune", once, "--sparsity", 0.5, "-o", twice)
    assert b"nothing" in (done.stdout + done.stderr).lower()
    report = tool.report("prune", once, "--sparsity", 0.5, "-o", twice, "--force")
    assert any("nothing" in n.lower() for n in report["notes"])
    assert report["sparsity"]["achieved"] == pytest.approx(0.9, abs=1e-5)


def test_neural_compressor_602_one_shot_needs_no_data_and_claims_no_accuracy(tmp_path):
    report = tool.report("prune", DENSE, "--sparsity", 0.8, "-o", tmp_path / "out.keras")
    assert not report["metrics"] or all(v is None for v in report["metrics"].values())
    assert any("Accuracy was not measured" in note for note in report["notes"])


@pytest.mark.parametrize("optimizer", ['{"class_name": "SGD", "config": {"momentum": 0.9}}', "adam"])
def test_filter_pruning_47_momentum_revives_no_pruned_weight(optimizer, tmp_path):
    """A dense model has moved for two epochs before three events of pruning, each with training behind it."""
    out = tmp_path / "out.keras"
    report = tool.report("prune", DENSE, "--sparsity", 0.9, *IMAGES, "--schedule", "geometric", "--steps", 3,
                         "--epochs", 2, "--optimizer", optimizer, "-o", out)
    kernels = [a for a in tree.arrays(out).values() if a.ndim == 2]
    zeros = sum(np.count_nonzero(a == 0) for a in kernels)
    assert zeros == report["sparsity"]["pruned"] == round(0.9 * report["sparsity"]["of"])
    assert not any(np.signbit(a[a == 0]).any() for a in kernels)
    tuned = tool.report("finetune", out, *IMAGES, "--epochs", 3, "--optimizer", optimizer, "-o", tmp_path / "tuned.keras")
    again = [a for a in tree.arrays(tmp_path / "tuned.keras").values() if a.ndim == 2]
    assert [(a == 0).tobytes() for a in again] == [(a == 0).tobytes() for a in kernels]
    assert any(a.tobytes() != b.tobytes() for a, b in zip(again, kernels)), "training changed nothing"
    assert tuned["sparsity"]["pruned"] == zeros


def test_torch_pruning_428_masks_go_to_a_file_and_come_from_one(tmp_path):
    masks, first, second = tmp_path / "masks.h5", tmp_path / "first.keras", tmp_path / "second.keras"
    tool.run("prune", DENSE, "--sparsity", 0.9, "--criterion", "random", "--seed", 4, "--mask-out", masks, "-o", first)
    with h5py.File(masks) as file:
        kept = []
        file.visititems(lambda _, node: kept.append(node[()]) if isinstance(node, h5py.Dataset) else None)
    assert {a.dtype.str for a in kept} == {"|u1"} and sum(a.sum() for a in kept) == tool.report("inspect", first)["prunable"] * 0.1
    tool.run("prune", DENSE, "--mask-in", masks, "-o", second)
    assert first.read_bytes() == second.read_bytes()


def test_torch_pruning_428_an_interrupted_run_goes_on_to_the_same_result(tmp_path):
    whole, parts, state = tmp_path / "whole.keras", tmp_path / "parts.keras", tmp_path / "state"
    command = ["prune", DENSE, "--sparsity", 0.9, *IMAGES, "--schedule", "geometric", "--steps", 3, "--epochs", 3]
    tool.run(*command, "-o", whole)
    resuming = [tool.BINARY, *map(str, command), "-o", str(parts), "--checkpoint", str(state), "--resume"]
    run = subprocess.Popen(resuming, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    epochs = 0
    for line in run.stderr:
        epochs += "epoch" in line and ", validation" in line
        if epochs == 5:  # in the second of three steps
            break
    run.send_signal(signal.SIGINT)
    run.stderr.read()
    assert run.wait() == 130 and not parts.exists() and list(state.iterdir())
    done = subprocess.run(resuming, capture_output=True, text=True)
    assert done.returncode == 0 and "goes on after epoch" in done.stderr, done.stderr
    assert parts.read_bytes() == whole.read_bytes()


def test_torch_pruning_102_layers_are_left_alone_by_name_and_place_and_the_report_says_why(tmp_path):
    names = [t["name"] for t in inspect(DENSE)["tensors"] if t["prunable"]]
    report = tool.report("prune", DENSE, "--sparsity", 0.9, "--skip-first", "--skip-last", "-o", tmp_path / "a.keras")
    assert [t["name"] for t in report["tensors"] if t["kept"] < t["count"]] == names[1:-1]
    assert {names[0], names[-1]} <= {t["name"] for t in report["left_alone"]}
    assert all(t["reason"] for t in report["left_alone"])
    layer = names[0].split("/")[0]
    report = tool.report("prune", DENSE, "--sparsity", 0.9, "--exclude", layer, "-o", tmp_path / "b.keras")
    assert [t["name"] for t in report["tensors"] if t["kept"] < t["count"]] == names[1:]
    done = tool.run("prune", DENSE, "--sparsity", 0.9, "--exclude", "conv_*", "-o", tmp_path / "c.keras", ok=False)
    assert done.returncode == 64 and b"conv_*" in done.stderr


def test_pytorch_114877_damaged_indices_do_not_pass(tmp_path):
    packed = tmp_path / "out.csrm"
    tool.run("prune", MODELS / "mmsplice_intron3.h5", "--sparsity", 0.9, "-o", packed)
    tool.run("unpack", packed, "-o", tmp_path / "good.h5")
    whole, good = bytearray(packed.read_bytes()), (tmp_path / "good.h5").read_bytes()
    for at in range(0, len(whole), max(1, len(whole) // 60)):
        damaged = bytearray(whole)
        damaged[at] ^= 0x10
        packed.write_bytes(damaged)
        done = tool.run("verify", packed, ok=False)
        assert done.returncode in (1, 65), (at, done.stdout, done.stderr)
        done = tool.run("unpack", packed, "-o", tmp_path / "out.h5", "--force", ok=False)
        if done.returncode == 0:  # a byte that nothing is read from, such as padding
            assert (tmp_path / "out.h5").read_bytes() == good, at
        else:
            assert done.returncode in (65, 69), (at, done.stderr)


@pytest.mark.parametrize("name", ["out.keras", "out.csrm"])
def test_aimet_1691_what_is_measured_is_the_file_that_was_written(name, tmp_path):
    out = tmp_path / name
    report = tool.report("prune", DENSE, "--sparsity", 0.8, *IMAGES, "-o", out)
    assert report["output"]["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    shutil.move(out, tmp_path / f"elsewhere-{name}")
    there = tool.report("eval", tmp_path / f"elsewhere-{name}", *IMAGES)["metrics"]
    assert report["metrics"]["read_back"] == there and there["correct"] < report["metrics"]["dense"]["correct"]


def test_keras_19167_inspection_takes_one_binary():
    done = tool.run("inspect", DENSE, env={"PATH": "/nonexistent"})
    assert b"266,610" in done.stdout and b"784" in done.stdout


def test_netron_73_weights_alone_are_enough_and_a_bare_json_names_the_layers(tmp_path):
    weights, config = MODELS / "mnist_mlp_98.15.h5", MODELS / "mnist_mlp_98.15.json"
    assert inspect(weights)["prunable"] == inspect(weights, "--config-from", config)["prunable"] == 118_016
    assert "Dense" in {t["class"] for t in inspect(weights, "--config-from", config)["tensors"]}
    tool.run("prune", weights, "--sparsity", 0.9, "-o", tmp_path / "out.h5")
    done = tool.run("eval", tmp_path / "out.h5", *IMAGES, ok=False)
    assert done.returncode == 65 and b"--config-from" in done.stderr
    assert tool.report("eval", tmp_path / "out.h5", "--config-from", config, *IMAGES)["metrics"]["total"] == 500


def test_keras_10417_a_file_keras_cannot_load_is_read_and_pruned(tmp_path):
    lost = ROOT / "fixtures/keras-old/2.2.4/mlp.h5"
    assert inspect(lost)["prunable"] == 7 * 6 + 6 * 3
    assert tool.report("prune", lost, "--sparsity", 0.5, "-o", tmp_path / "out.h5")["sparsity"]["kept"] == 30


def test_hdf5_rust_175_a_locked_file_on_a_read_only_place_is_read(tmp_path):
    model = tmp_path / "model.h5"
    shutil.copy(LEGACY, model)
    os.chmod(model, 0o444)
    with open(model, "rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert inspect(model)["parameters"] == inspect(LEGACY)["parameters"]


def test_google_research_392_sparsity_by_tensor_layer_and_whole_with_narrow_indices(tmp_path):
    out = tmp_path / "out.csrm"
    tool.run("prune", DENSE, "--sparsity", 0.95, "-o", out)
    report = inspect(out, "--layers")
    assert report["sparsity"] == pytest.approx(0.95, abs=1e-5)
    assert {l["layer"] for l in report["layers"]} and all("sparsity" in l for l in report["layers"])
    for tensor in report["tensors"]:
        if tensor["prunable"] and tensor["count"] > 10_000:
            # 32 bits for a value; a 64-bit index would make it 96 and more.
            assert tensor["bits_per_nonzero"] < 56, tensor


def test_reports_of_several_files_are_one_object_a_line():
    done = tool.run("inspect", "--json", DENSE, LEGACY)
    assert [json.loads(l)["file"] for l in done.stdout.splitlines()] == [str(DENSE), str(LEGACY)]
