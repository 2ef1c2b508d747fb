"""Criteria that look at gradients, against Keras's own gradients on LeNet-300-100 and a small convolutional network."""
import subprocess

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
ROWS, SPARSITY = 60, 0.8

# Scores of every kernel in the order of the model, as an .npz: what Keras's gradients make of them.
JUDGE = """
import os, sys
os.environ["KERAS_BACKEND"] = "tensorflow"
import keras, numpy as np, tensorflow as tf
model, data, out = sys.argv[1:]
m = keras.models.load_model(model)
d = np.load(data)
x, y = d["x"], d["y"]
kernels = [w for w in m.trainable_weights if len(w.shape) > 1]
values = [k.value for k in kernels]
w = [k.numpy().astype("f8") for k in kernels]
loss = keras.losses.SparseCategoricalCrossentropy()

@tf.function
def gradient(x, y):
    with tf.GradientTape() as tape:
        value = loss(y, m(x, training=False))
    return tape.gradient(value, values)

@tf.function
def of_class(x, c):
    with tf.GradientTape() as tape:
        value = tf.math.log(m(x, training=False)[0, c])
    return tape.gradient(value, values)

@tf.function
def hessian_gradient(x, y, temperature):
    # H g by two tapes, of a model without its softmax and logits divided by a temperature.
    def gradients():
        with tf.GradientTape() as tape:
            logits = m(x, training=False) / temperature
            value = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits))
        return tape.gradient(value, values)
    still = [tf.stop_gradient(g) for g in gradients()]
    with tf.GradientTape() as tape:
        product = tf.add_n([tf.reduce_sum(a * b) for a, b in zip(gradients(), still)])
    return tape.gradient(product, values)

mean = [g.numpy().astype("f8") for g in gradient(x, y)]
squares = [np.zeros(v.shape) for v in w]
newton = [np.zeros(v.shape) for v in w]
for i in range(len(x)):
    for s, g in zip(squares, gradient(x[i:i + 1], y[i:i + 1])):
        s += g.numpy().astype("f8") ** 2 / len(x)
    p = m(x[i:i + 1], training=False)[0].numpy()
    for c in range(len(p)):
        for s, g in zip(newton, of_class(x[i:i + 1], tf.constant(c))):
            s += p[c] * g.numpy().astype("f8") ** 2 / len(x)
scores = {"taylor": [abs(a * b) for a, b in zip(mean, w)],
          "fisher": [a * b * b / 2 for a, b in zip(squares, w)],
          "obd": [a * b * b / 2 for a, b in zip(newton, w)]}
scores["snip"] = scores["taylor"]
batches = [gradient(x[i:i + 64], y[i:i + 64]) for i in range(0, len(x), 64)]
shares = [len(x[i:i + 64]) / len(x) for i in range(0, len(x), 64)]
scores["taylor-square"] = [sum(s * (b[k].numpy().astype("f8") * w[k]) ** 2 for s, b in zip(shares, batches)) for k in range(len(w))]
softmax, m.layers[-1].activation = m.layers[-1].activation, keras.activations.linear
for name, temperature in [("grasp-1", 1.0), ("grasp-200", 200.0)]:
    product = hessian_gradient(x, tf.constant(y.astype("i4")), tf.constant(temperature))
    # The largest of -w Hg go first.
    scores[name] = [a * b.numpy().astype("f8") for a, b in zip(w, product)]
m.layers[-1].activation = softmax
total = lambda s: sum(a.sum() for a in s)
t, mag = scores["taylor"], [abs(a) for a in w]
scores["taylor*0.5+magnitude*0.5"] = [a / total(t) / 2 + b / total(mag) / 2 for a, b in zip(t, mag)]
np.savez(out, **{f"{k}:{i}": a for k, s in scores.items() for i, a in enumerate(s)})
"""

SMALL = """
import os, sys
os.environ["KERAS_BACKEND"] = "tensorflow"
import keras, numpy as np
keras.utils.set_random_seed(3)
r = np.random.default_rng(1)
L = keras.layers
i = keras.Input((8, 8, 3))
t = L.ReLU()(L.BatchNormalization()(L.Conv2D(6, 3, padding="same", use_bias=False)(i)))
u = L.BatchNormalization()(L.Conv2D(6, 3, padding="same", activation="tanh")(t))
t = L.Dropout(0.3)(L.MaxPooling2D()(L.ReLU()(L.Add()([t, u]))))
m = keras.Model(i, L.Dense(3, activation="softmax")(L.GlobalAveragePooling2D()(t)))
for l in m.layers:
    if isinstance(l, L.BatchNormalization):
        g = l.get_weights()[0].shape
        l.set_weights([r.random(g) + .5, r.normal(size=g) * .1, r.normal(size=g) * .1, r.random(g) + .5])
m.compile("sgd", "sparse_categorical_crossentropy")
m.save(sys.argv[1])
np.savez(sys.argv[2], x=r.random((60, 8, 8, 3)).astype("f4"), y=r.integers(0, 3, 60))
"""


def images(name):
    return (idx.read(FASHION / f"{name}-images-idx3-ubyte.gz").reshape(-1, 28, 28, 1) / 255).astype("f4")


def labels(name):
    return idx.read(FASHION / f"{name}-labels-idx1-ubyte.gz")


def keras_run(place, script, *arguments):
    (place / "script.py").write_text(script)
    done = subprocess.run([corpora.PYTHON["k3"], place / "script.py", *map(str, arguments)], capture_output=True)
    assert done.returncode == 0, done.stderr.decode()[-2000:]


@pytest.fixture(scope="module", params=["lenet", "small"])
def judged(request, tmp_path_factory):
    """A model, its data, and Keras's scores of its kernels."""
    place = tmp_path_factory.mktemp(request.param)
    model, data = place / "model.keras", place / "data.npz"
    if request.param == "lenet":
        model.write_bytes(LENET.read_bytes())
        np.savez(data, x=images("train12k")[:ROWS], y=labels("train12k")[:ROWS].astype("i4"))
    else:
        keras_run(place, SMALL, model, data)
    keras_run(place, JUDGE, model, data, place / "scores.npz")
    return place, model, data, np.load(place / "scores.npz")


def kernels(path):
    arrays = tree.arrays(path)
    return [arrays[t["path"]] for t in tool.report("inspect", path)["tensors"] if t["prunable"]]


# The criterion as the judge has it, and how coppice is told.
CRITERIA = {name: ("--criterion", name) for name in ["taylor", "fisher", "obd", "snip", "taylor*0.5+magnitude*0.5"]} | {
    "taylor-square": ("--criterion", "taylor", "--taylor-form", "square"),
    "grasp-1": ("--criterion", "grasp", "--grasp-temperature", 1),
    "grasp-200": ("--criterion", "grasp"),
}


@pytest.mark.parametrize("criterion", CRITERIA)
def test_the_mask_is_that_of_keras_gradients(judged, criterion):
    place, model, data, scores = judged
    out = place / "out.keras"
    # More than there are of any class: all rows, so that both sides look at the same.
    report = tool.report("prune", model, "--sparsity", SPARSITY, *CRITERIA[criterion], "--data", data,
                         "--score-samples", 10**6, "-o", out, "--force")
    expected = [scores[f"{criterion}:{i}"] for i in range(sum(k.startswith(criterion + ":") for k in scores))]
    pruned = np.concatenate([(k == 0).ravel() for k in kernels(out)])
    dense = np.concatenate([(k == 0).ravel() for k in kernels(model)])
    flat = np.where(dense, -np.inf, np.concatenate([s.ravel() for s in expected]))
    count = int(SPARSITY * flat.size + 0.5)
    assert report["sparsity"]["pruned"] == pruned.sum() == count
    cut = np.partition(flat, count - 1)[count - 1]
    # Up to what float32 gradients leave undecided at the cut.
    scale = 1e-5 * abs(flat[~dense]).max() if criterion.startswith("grasp") else 1e-12 * flat.max()
    near = abs(flat - cut) <= 1e-4 * abs(cut) + scale
    wrong = (pruned != (flat <= cut)) & ~near
    assert wrong.sum() == 0 and near.sum() < 0.01 * flat.size + 10


def test_bn_scale_goes_by_the_gammas_as_they_were_trained(judged, tmp_path):
    """A second step after training takes the channels that it would take of the trained model."""
    place, model, data, _ = judged
    if not any(t["role"] == "gamma" for t in tool.report("inspect", model)["tensors"]):
        pytest.skip("no batch normalisation")
    common = ["--criterion", "bn-scale", "--exclude", "dense*"]
    training = ["--data", data, "--epochs", 20, "--batch-size", 10, "--lr", 0.3, "--validation", 0, "--schedule", "manual"]
    one, two = tmp_path / "one.keras", tmp_path / "two.keras"
    tool.run("prune", model, *common, *training, "--at", "0.2", "-o", one)
    tool.run("prune", model, *common, *training, "--at", "0.2,0.6", "-o", two)
    tool.run("prune", one, *common, "--sparsity", 0.6, "-o", tmp_path / "expected.keras")
    tool.run("prune", model, *common, "--sparsity", 0.6, "-o", tmp_path / "untrained.keras")
    masks = [[k == 0 for k in kernels(p)] for p in (two, tmp_path / "expected.keras", tmp_path / "untrained.keras")]
    same = [all(np.array_equal(a, b) for a, b in zip(masks[0], other)) for other in masks[1:]]
    assert same == [True, False]


def test_threads_do_not_matter(judged):
    place, model, data, _ = judged
    for criterion in ["fisher", "grasp", "synflow"]:
        masks = []
        for threads in [1, 2]:
            out = place / "threads.keras"
            tool.run("prune", model, "--sparsity", SPARSITY, "--criterion", criterion, "--data", data,
                     "--threads", threads, "-o", out, "--force")
            masks.append([k.tobytes() for k in kernels(out)])
        assert masks[0] == masks[1], criterion


def test_synflow_empties_no_layer_of_a_chain(tmp_path):
    # In a chain all layers have the same flow; a branch beside a skip connection has less, and may go.
    report = tool.report("prune", LENET, "--sparsity", 0.99, "--criterion", "synflow", "-o", tmp_path / "out.keras")
    assert all(t["kept"] > 0 for t in report["tensors"])


def test_gradients_without_data_are_a_usage_error(judged):
    place, model, _, _ = judged
    for criterion in ["taylor", "hessian", "magnitude+grasp", "obd"]:
        done = tool.run("prune", model, "--sparsity", 0.5, "--criterion", criterion, "-o", place / "no.keras", ok=False)
        assert done.returncode == 64 and b"--data" in done.stderr
