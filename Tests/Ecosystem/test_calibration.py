"""Activation-aware pruning, reconstruction and recalibration against NumPy and Keras, on real models and data."""
import subprocess

import h5py
import numpy as np
import pytest

import corpora
import idx
import tool
import tree

MODELS, DATA = corpora.SHARED / "models", corpora.SHARED / "data"
FASHION = DATA / "fashion-mnist"
pytestmark = pytest.mark.skipif(not corpora.HAS_SHARED, reason="for want of ../shared")

LENET = MODELS / "trained/lenet_300_100.keras"
LAYERS = ["fc1", "fc2", "predictions"]


def images(name):
    return (idx.read(FASHION / f"{name}-images-idx3-ubyte.gz").reshape(-1, 784) / 255).astype("f4")


def labels(name):
    return idx.read(FASHION / f"{name}-labels-idx1-ubyte.gz")


def weights(path):
    """[(kernel, bias)] of LeNet-300-100, in the order of its layers."""
    by_name = {t["name"]: t["path"] for t in tool.report("inspect", path)["tensors"]}
    arrays = tree.arrays(path)
    return [(arrays[by_name[f"{n}/kernel"]], arrays[by_name[f"{n}/bias"]]) for n in LAYERS]


def activations(layers, x):
    """What each layer is given, and what comes out before the softmax."""
    given = []
    for i, (kernel, bias) in enumerate(layers):
        given.append(x)
        x = x.astype("f8") @ kernel + bias
        if i < 2:
            x = np.maximum(x, 0)
    return given, x


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory):
    """All 500 rows of a file, so that both sides calibrate on the same."""
    place = tmp_path_factory.mktemp("calibrated")
    np.savez(place / "x.npz", x=images("train12k")[:500].reshape(-1, 28, 28, 1))
    return place


def prune(place, *options):
    out = place / f"{abs(hash(options))}.keras"
    report = tool.report("prune", LENET, *options, "--data", place / "x.npz", "-o", out, "--force")
    return report, weights(out)


@pytest.mark.parametrize("sparsity", [0.5, 0.9])
def test_wanda_within_each_output(calibrated, sparsity):
    dense = weights(LENET)
    given, _ = activations(dense, images("train12k")[:500])
    report, pruned = prune(calibrated, "--criterion", "wanda", "--sparsity", sparsity)
    assert report["metrics"] is None
    for (kernel, _), (after, _), x in zip(dense, pruned, given):
        scores = np.abs(kernel) * np.linalg.norm(x, axis=0)[:, None]
        gone = (after == 0).sum(0)
        assert np.ptp(gone) <= 1 and abs(gone.sum() - sparsity * kernel.size) < 1
        for o in range(kernel.shape[1]):
            # Norms are summed in another order there: only scores that agree to rounding may change places.
            least = np.sort(scores[:, o])[gone[o] - 1]
            assert scores[after[:, o] == 0, o].max() <= least * (1 + 1e-5)


def test_reconstruction_is_a_least_squares_fit(calibrated):
    """Of the first layer, whose inputs nothing has changed: less than zeroing by far, near what NumPy finds."""
    dense = weights(LENET)
    x = images("train12k")[:500].astype("f8")
    _, fitted = prune(calibrated, "--sparsity", 0.8, "--reconstruct")
    zeroed = dense[0][0] * (fitted[0][0] != 0), dense[0][1]
    wanted = x @ dense[0][0] + dense[0][1]
    # The zeros are those of magnitude: no kept weight of this layer is smaller than a pruned one.
    sizes = np.abs(dense[0][0])
    assert sizes[fitted[0][0] == 0].max() <= sizes[fitted[0][0] != 0].min()

    def error(layer):
        return np.mean((x @ layer[0] + layer[1] - wanted) ** 2)

    best = np.zeros_like(wanted)
    for o in range(300):
        kept = fitted[0][0][:, o] != 0
        ones = np.c_[x[:, kept], np.ones(500)]
        damping = 0.01 * np.mean(np.var(x, axis=0)) * 500
        pull = damping * np.r_[np.ones(kept.sum()), 0]
        start = np.r_[dense[0][0][kept, o], 0]
        solution = np.linalg.solve(ones.T @ ones + np.diag(pull), ones.T @ wanted[:, o] + pull * start)
        best[:, o] = ones @ solution
    assert error(fitted[0]) < 0.1 * error(zeroed)
    assert error(fitted[0]) < 1.3 * np.mean((best - wanted) ** 2)


def test_reconstructed_model_does_in_keras_what_the_report_says(tmp_path):
    out = tmp_path / "out.keras"
    report = tool.report(
        "prune", LENET, "--sparsity", 0.9, "--data", FASHION / "train12k-images-idx3-ubyte.gz", "--test-data",
        FASHION / "t10k-images-idx3-ubyte.gz", "--scale", "1/255", "--reconstruct", "-o", out)
    metrics, calibration = report["metrics"], report["calibration"]
    assert calibration == {"samples": 512, "part": "train", "refitted": 3, "normalisations": None}
    assert metrics["pruned"]["accuracy"] > 0.85 and metrics["pruned"] == metrics["read_back"]
    code = ("import sys, numpy as np, keras; m = keras.models.load_model(sys.argv[1]); "
            "print((m.predict(np.load(sys.argv[2]), verbose=0).argmax(1) == np.load(sys.argv[3])).sum())")
    np.save(tmp_path / "x.npy", images("t10k").reshape(-1, 28, 28, 1))
    np.save(tmp_path / "y.npy", labels("t10k"))
    said = subprocess.run([corpora.PYTHON["k3"], "-c", code, out, tmp_path / "x.npy", tmp_path / "y.npy"],
                          capture_output=True, text=True, check=True)
    assert abs(int(said.stdout.split()[-1]) - metrics["pruned"]["correct"]) <= 1


def test_statistics_are_those_of_the_first_convolution(tmp_path):
    """The first normalisation of ResNet-20 is given what NumPy makes of the pruned convolution before it."""
    model, out = MODELS / "found/cifar10_ResNet20v1_model.h5", tmp_path / "out.h5"
    with h5py.File(DATA / "cifar10/cifar10-20k.h5") as f:
        x = (f["x_train"][:64] / 255).astype("f4")
    np.savez(tmp_path / "x.npz", x=x)
    tool.report("prune", model, "--sparsity", 0.7, "--data", tmp_path / "x.npz", "--bn-recalibrate", "-o", out)
    after = tree.arrays(out)
    kernel = after["model_weights/conv2d_1/conv2d_1/kernel:0"].astype("f8")
    bias = after["model_weights/conv2d_1/conv2d_1/bias:0"]
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0))).astype("f8")
    y = sum(padded[:, i:i + 32, j:j + 32] @ kernel[i, j] for i in range(3) for j in range(3)) + bias
    place = "model_weights/batch_normalization_1/batch_normalization_1/"
    assert np.allclose(after[place + "moving_mean:0"], y.mean((0, 1, 2)), rtol=1e-4, atol=1e-5)
    assert np.allclose(after[place + "moving_variance:0"], y.var((0, 1, 2)), rtol=1e-4, atol=1e-6)
    before = tree.arrays(model)
    assert np.array_equal(before[place + "gamma:0"], after[place + "gamma:0"])


def test_both_have_most_of_what_pruning_costs_back(tmp_path):
    """ResNet-20 at 80 %, without training: plain magnitude halves the accuracy."""
    found = {}
    for options in [(), ("--bn-recalibrate",), ("--reconstruct", "--bn-recalibrate")]:
        report = tool.report(
            "prune", MODELS / "found/cifar10_ResNet20v1_model.h5", "--sparsity", 0.8, "--data",
            DATA / "cifar10/cifar10-20k.h5", "--scale", "1/255", *options, "-o", tmp_path / "out.csrm", "--force")
        found[options] = report["metrics"]["read_back"]["accuracy"]
    plain, statistics, both = found.values()
    assert plain < 0.55 and statistics > 0.78 and both > 0.87
