"""`eval` on real models and data: the figures of ../shared/models; and its metrics against Keras's `evaluate` and
the formulas written down in NumPy."""
import functools
import json
import subprocess

import h5py
import numpy as np
import pytest

import corpora
import evaluating
import products
import tool

MODELS, DATA = corpora.SHARED / "models", corpora.SHARED / "data"
pytestmark = pytest.mark.skipif(not corpora.HAS_SHARED, reason="for want of ../shared")

# What each model of INDEX.md is run on: the data and how they are prepared.
FASHION = ("fashion-mnist/t10k-images-idx3-ubyte.gz", "--scale", "1/255")
MNIST = ("mnist/t10k-images-idx3-ubyte.gz", "--scale", "1/255")
CIFAR = ("cifar10/cifar10-20k.h5", "--scale", "1/255")
RUN_ON = {
    "trained/lenet_300_100.keras": FASHION, "trained/lenet_5.h5": FASHION, "trained/dsconv.keras": FASHION,
    "trained/row_lstm.keras": FASHION, "trained/patch_transformer.keras": FASHION,
    "trained/patch_transformer.weights.h5": FASHION, "found/cifar10_ResNet20v1_model.h5": CIFAR,
    "found/mlperf_tiny_resnet8.h5": CIFAR[:1], "found/cifar10_cnn_keras3.keras": CIFAR,
    "found/fashion_mnist_lstm.h5": FASHION, "found/mnist_mlp_98.15.h5": MNIST, "found/deepxplore_mnist_model3.h5": MNIST,
    "found/lipo_lstm.h5": ("lipophilicity/lipo.h5",),
}
# A file with the architecture of those that have none of their own.
ARCHITECTURE = {
    "trained/patch_transformer.weights.h5": MODELS / "trained/patch_transformer.keras",
    "found/mnist_mlp_98.15.h5": MODELS / "found/mnist_mlp_98.15.json",
    "found/jet_3layer_70pruned_weights.h5": MODELS / "found/jet_3layer_70pruned.json",
    "found/deepxplore_mnist_model3.h5": "deepxplore.json", "found/music_tagger_crnn_weights_tensorflow.h5": "music_tagger.json",
}
# Inputs of the expected outputs that are turned for the architecture: it has channels first.
TURNED = {"found/music_tagger_crnn_weights_tensorflow.h5": (0, 3, 1, 2)}


@functools.cache
def measured():
    """{name: record} of measured.jsonl"""
    if not corpora.HAS_SHARED:
        return {}
    records = map(json.loads, (MODELS / "measured.jsonl").read_text().splitlines())
    return {r["name"]: r for r in records}


@functools.cache
def written_architectures():
    folder = products.folder("architectures")
    subprocess.run([corpora.PYTHON["k2"], products.HERE / "architectures.py", folder], check=True, capture_output=True)
    return folder


def config_from(name):
    """The options that give a model its architecture and, without a training configuration, its loss."""
    place = ARCHITECTURE.get(name)
    if place is None:
        return []
    return ["--config-from", written_architectures() / place if isinstance(place, str) else place]


def expected(name):
    with h5py.File(MODELS / "expected" / (name.split("/")[1] + ".expected.h5")) as file:
        return {k: file[k][()] for k in file}


@pytest.mark.parametrize("name", [n for n, r in measured().items() if "data" in r])
def test_figures_are_those_of_the_index(name, tmp_path):
    file, *prepared = RUN_ON[name]
    wanted, out = measured()[name], tmp_path / "out.npy"
    report = tool.report("eval", MODELS / name, "--data", DATA / file, *prepared, *config_from(name), "--predictions", out)
    found = report["metrics"]
    assert found["total"] == report["data"]["samples"] == wanted["total"]
    if "mse" in wanted:
        assert found["mse"] == pytest.approx(wanted["mse"], abs=1e-4)
    else:
        assert abs(found["correct"] - wanted["correct"]) <= 2
        assert found["accuracy"] == found["correct"] / found["total"]
        assert found["loss"] == pytest.approx(wanted["loss"], abs=1e-4)
    reference = expected(name)["y"]
    ours = np.load(out)
    assert len(ours) == wanted["total"]
    assert evaluating.differs([ours[:len(reference)]], [reference]) is None


@pytest.mark.parametrize("name", [n for n, r in measured().items() if "data" not in r])
def test_outputs_of_models_without_data(name, tmp_path):
    given = expected(name)
    x = given["x"].transpose(TURNED[name]) if name in TURNED else given["x"]
    np.save(tmp_path / "x.npy", x)
    out = tmp_path / "y.npy"
    tool.run("eval", MODELS / name, "--data", tmp_path / "x.npy", *config_from(name), "--predictions", out, "-q")
    assert evaluating.differs([np.load(out)], [given["y"]]) is None


@functools.cache
def metric_cases():
    """({name: record}, folder) of metric_cases.py"""
    folder = products.folder("metric-cases")
    done = subprocess.run([corpora.PYTHON["k3"], products.HERE / "metric_cases.py", folder], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return {r["name"]: r for r in json.loads((folder / "cases.json").read_text())}, folder


NAMES = {       # Keras's names of metrics, less a number at the end: ours
    "accuracy": "accuracy", "binary_accuracy": "accuracy", "top_k_categorical_accuracy": "top5",
    "sparse_top_k_categorical_accuracy": "top5", "precision": "precision", "recall": "recall", "mae": "mae",
    "mse": "mse", "r2_score": "r2",
}
CASES = (
    "binary binary_smoothed binary_logits binary_focal hinge squared_hinge multi_label categories categories_smoothed "
    "categories_logits categories_focal categorical_hinge divergence sparse sparse_logits sparse_ignored sparse_column "
    "two_classes regression_mse regression_mae regression_mean_squared_error regression_log_cosh "
    "regression_cosine_similarity regression_one regression_huber regression_percentage regression_logarithmic "
    "regression_poisson several_outputs one_loss_for_all steps masked_steps pixels").split()


def test_every_metric_case_is_tested():
    assert sorted(CASES) == sorted(metric_cases()[0])


def evaluated(name, ending, *options):
    records, folder = metric_cases()
    record = records[name]
    targets = record["outputs"]
    y = [w for i, n in enumerate(targets) for w in ("--y", f"{n}=y{i}")] if len(targets) > 1 else ["--y", "y0"]
    arguments = ["eval", folder / f"{name}.{ending}", "--data", folder / f"{name}.npz", *evaluating.naming(record["inputs"]), *y]
    return record, tool.report(*arguments, *options)


@pytest.mark.parametrize("ending", ["keras", "h5"])
@pytest.mark.parametrize("name", CASES)
def test_losses_and_metrics_are_those_of_keras(name, ending):
    record, report = evaluated(name, ending)
    assert report["metrics"]["loss"] == pytest.approx(record["loss"], rel=1e-4, abs=1e-5)
    compared = 0
    for metric, value in record["metrics"].items():
        ours = NAMES.get(metric.rstrip("0123456789").rstrip("_"))
        if ours is not None:
            assert report["metrics"][ours] == pytest.approx(value, rel=1e-4, abs=1e-5), metric
            compared += 1
        elif metric.endswith("_loss"):
            own = next(o for o in report["outputs"] if o["name"] == metric.removesuffix("_loss"))
            assert own["metrics"]["loss"] == pytest.approx(value, rel=1e-4, abs=1e-5)
            compared += 1
    assert compared or not {m.rstrip("_0123456789") for m in record["metrics"]} - {"auc"}


@pytest.mark.parametrize("name", CASES)
def test_weights_of_rows_are_in_the_loss_as_in_keras(name):
    """`evaluate` weighs losses, and none of what `compile` was given as `metrics`."""
    record, report = evaluated(name, "keras", "--sample-weight", "w")
    told, plain = dict(record["weighted"]), evaluated(name, "keras")[1]
    loss = told.pop("loss")
    assert report["metrics"]["loss"] == pytest.approx(loss, rel=1e-4, abs=1e-5)
    assert abs(loss - record["loss"]) > 1e-3, "weights that change nothing test nothing"
    for metric, value in told.items():
        if metric.endswith("_loss"):
            own = next(o for o in report["outputs"] if o["name"] == metric.removesuffix("_loss"))
            assert own["metrics"]["loss"] == pytest.approx(value, rel=1e-4, abs=1e-5)
    assert {m: v for m, v in report["metrics"].items() if "loss" not in m} == {
        m: v for m, v in plain["metrics"].items() if "loss" not in m}
    assert any("'w'" in note for note in report["notes"])


def arrays(name):
    with np.load(metric_cases()[1] / f"{name}.npz") as file:
        return file["p0"].astype("f8"), file["y0"]


@pytest.mark.parametrize("name", ["binary", "binary_logits"])
def test_binary_metrics_by_their_formulas(name):
    p, y = arrays(name)
    p, y = p[:, 0], y[:, 0] > 0.5
    said = p > (0 if "logits" in name else 0.5)
    tp, fp, fn = np.sum(said & y), np.sum(said & ~y), np.sum(~said & y)
    # The probability that a yes is ranked above a no, ties counting half.
    above = np.mean((p[y][:, None] > p[~y]) + 0.5 * (p[y][:, None] == p[~y]))
    _, report = evaluated(name, "keras", "--confusion")
    found = report["metrics"]
    assert found["correct"] == np.sum(said == y) and found["total"] == len(y)
    assert found["precision"] == pytest.approx(tp / (tp + fp)) and found["recall"] == pytest.approx(tp / (tp + fn))
    assert found["f1"] == pytest.approx(2 * tp / (2 * tp + fp + fn))
    assert found["auc"] == pytest.approx(above, abs=1e-4)
    assert report["confusion"] == [[int(np.sum(~said & ~y)), int(fp)], [int(fn), int(tp)]]


@pytest.mark.parametrize("name", ["sparse", "categories", "two_classes"])
def test_classes_by_their_formulas(name):
    p, y = arrays(name)
    y = y if y.ndim == 1 else y.argmax(-1)
    count, said = p.shape[1], p.argmax(-1)
    matrix = np.zeros((count, count), int)
    np.add.at(matrix, (y, said), 1)
    _, report = evaluated(name, "h5", "--per-class", "--confusion", "--top-k", str(min(3, count)))
    assert report["confusion"] == matrix.tolist()
    assert report["metrics"]["correct"] == np.trace(matrix)
    if count > 3:
        best = np.sort(p, -1)[:, -3]
        assert report["metrics"]["top3"] == pytest.approx(np.mean(p[np.arange(len(y)), y] >= best))
    for k, one in enumerate(report["per_class"]):
        tp, told, true = matrix[k, k], matrix[:, k].sum(), matrix[k].sum()
        assert (one["class"], one["total"], one["predicted"], one["correct"]) == (str(k), true, told, tp)
        for figure, value in (("precision", tp / told if told else 0), ("recall", tp / true if true else 0),
                              ("f1", 2 * tp / (told + true) if told + true else 0)):
            assert (one[figure] or 0) == pytest.approx(value)


def test_labels_of_the_other_form_are_understood(tmp_path):
    """One-hot labels where the loss takes numbers, and numbers where it takes one-hot."""
    for name in ("sparse", "categories"):
        record, folder = metric_cases()[0][name], metric_cases()[1]
        with np.load(folder / f"{name}.npz") as file:
            x, y = file["x0"], file["y0"]
        other = np.eye(12, dtype="f4")[y] if y.ndim == 1 else y.argmax(-1)
        np.savez(tmp_path / f"{name}.npz", x=x, y=other)
        found = tool.report("eval", folder / f"{name}.keras", "--data", tmp_path / f"{name}.npz")["metrics"]
        assert found["loss"] == pytest.approx(record["loss"], rel=1e-4)
        assert found["accuracy"] == pytest.approx(record["metrics"]["accuracy"])


def test_another_loss_can_be_asked_for():
    p, y = arrays("regression_mse")
    _, report = evaluated("regression_mse", "keras", "--loss", "mean_absolute_error")
    assert report["metrics"]["loss"] == pytest.approx(np.mean(np.abs(p - y)), rel=1e-5)


def test_limit_and_requirements():
    record, report = evaluated("sparse", "keras", "--limit", "50")
    p, y = arrays("sparse")
    assert report["data"]["samples"] == report["metrics"]["total"] == 50
    assert report["metrics"]["correct"] == np.sum(p[:50].argmax(-1) == y[:50])
    folder = metric_cases()[1]
    arguments = ["eval", folder / "sparse.keras", "--data", folder / "sparse.npz", "--x", "x0", "--y", "y0", "--require"]
    assert tool.run(*arguments, "accuracy>=0.01", ok=False).returncode == 0
    assert tool.run(*arguments, "accuracy>=0.99", ok=False).returncode == 1
    assert tool.run(*arguments, f"loss<={record['loss'] - 0.1}", ok=False).returncode == 1


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_change_nothing(threads, tmp_path):
    file, *prepared = FASHION
    arguments = ["eval", MODELS / "trained/dsconv.keras", "--data", DATA / file, *prepared, "--limit", "500"]
    outs = [tmp_path / f"{n}.npy" for n in ("one", "many")]
    tool.run(*arguments, "--predictions", outs[0], "--threads", 1, "-q")
    tool.run(*arguments, "--predictions", outs[1], "--threads", threads, "--batch-size", 7 * threads, "-q")
    assert outs[0].read_bytes() == outs[1].read_bytes()
