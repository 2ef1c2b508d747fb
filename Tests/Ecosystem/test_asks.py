"""What users of other tools asked for in public threads, each as something coppice answers. The threads are
named in the README's table; those that need training are not here."""
import fcntl
import json
import os
import shutil

import pytest

import tool
from corpora import ROOT

MODELS = ROOT / "fixtures/models"
WITH_OPTIMIZER = MODELS / "row_lstm.keras"
DENSE = MODELS / "lenet_300_100.keras"
LEGACY = MODELS / "str_ww_ref_model.h5"


def inspect(path, *options):
    return tool.report("inspect", path, *options)


def test_model_optimization_760_a_pruned_h5_is_smaller_and_sizes_stand_side_by_side(tmp_path):
    out = tmp_path / "out.h5"
    done = tool.run("prune", LEGACY, "--sparsity", 0.9, "--store", "deflate", "-o", out)
    assert out.stat().st_size < LEGACY.stat().st_size
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
    dense = tool.report("pack", DENSE, "-o", tmp_path / "dense.csrm")
    sparse = tool.report("prune", DENSE, "--sparsity", 0.95, "-o", tmp_path / "sparse.csrm")
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


def test_aimet_1691_the_report_names_the_file_that_was_written(tmp_path):
    import hashlib
    out = tmp_path / "out.keras"
    report = tool.report("prune", DENSE, "--sparsity", 0.8, "-o", out)
    assert report["output"]["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()


def test_keras_19167_inspection_takes_one_binary():
    done = tool.run("inspect", DENSE, env={"PATH": "/nonexistent"})
    assert b"266,610" in done.stdout and b"784" in done.stdout


def test_netron_73_weights_alone_are_enough_and_a_bare_json_names_the_layers(tmp_path):
    weights, config = MODELS / "mnist_mlp_98.15.h5", MODELS / "mnist_mlp_98.15.json"
    assert inspect(weights)["prunable"] == inspect(weights, "--config-from", config)["prunable"] == 118_016
    assert "Dense" in {t["class"] for t in inspect(weights, "--config-from", config)["tensors"]}
    tool.run("prune", weights, "--sparsity", 0.9, "-o", tmp_path / "out.h5")


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
