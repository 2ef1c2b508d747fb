"""Writes compiled models and what Keras's `evaluate` says of them, for test_eval_models.py.

    python metric_cases.py OUT       (Keras 3)

A case NAME is NAME.keras and NAME.h5 with their training configuration, NAME.npz (x0…, y0… in the order of inputs
and outputs; w, weights of rows), and in cases.json: "name", "outputs" (names), "loss" (of `evaluate`, sum of all
outputs), "metrics" (what Keras measured beside it), "weighted" (all of it as `evaluate` has it with `w` as
sample_weight).
"""
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ["KERAS_BACKEND"] = "tensorflow"
import numpy as np
import keras
from keras import layers as L, losses as K

ROWS = 157      # evaluated as one batch: over several Keras weighs some of its means by batches
CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def net(outputs, activation=None, inputs=6):
    return keras.Sequential([keras.Input((inputs,)), L.Dense(8, activation="tanh"), L.Dense(outputs, activation=activation)])


def numbers(random, *shape):
    return random.normal(size=(ROWS, *shape)).astype("float32")


def classes(random, count, *shape):
    return random.integers(0, count, (ROWS, *shape)).astype("int32")


def one_hot(labels, count):
    return np.eye(count, dtype="float32")[labels]


def simple(name, outputs, activation, loss, targets, metrics=(), formats=("keras", "h5")):
    """A net with one output."""
    def make(random):
        model = net(outputs, activation)
        model.compile(loss=loss() if callable(loss) else loss, metrics=[m() if callable(m) else m for m in metrics])
        return model, [numbers(random, 6)], [targets(random)]
    make.__name__ = name
    case(make)


def yes(*shape):
    return lambda r: r.integers(0, 2, (ROWS, *shape)).astype("float32")


def hot(count):
    return lambda r: one_hot(classes(r, count), count)


def sparse(count, *shape):
    return lambda r: classes(r, count, *shape)


def real(*shape, shift=0.0):
    return lambda r: numbers(r, *shape) + np.float32(shift)


def positive(*shape):
    return lambda r: np.abs(numbers(r, *shape)) + np.float32(0.1)


BINARY = ("accuracy", keras.metrics.Precision, keras.metrics.Recall, keras.metrics.AUC)
simple("binary", 1, "sigmoid", "binary_crossentropy", yes(1), BINARY)
simple("binary_smoothed", 1, "sigmoid", lambda: K.BinaryCrossentropy(label_smoothing=0.1), yes(1), BINARY)
simple("binary_logits", 1, None, lambda: K.BinaryCrossentropy(from_logits=True), yes(1))
simple("binary_focal", 1, "sigmoid", lambda: K.BinaryFocalCrossentropy(gamma=1.5, alpha=0.3, apply_class_balancing=True), yes(1))
simple("hinge", 1, "tanh", "hinge", yes(1))
simple("squared_hinge", 1, "tanh", "squared_hinge", lambda r: yes(1)(r) * 2 - 1)
simple("multi_label", 4, "sigmoid", "binary_crossentropy", yes(4), ("binary_accuracy",))
simple("categories", 12, "softmax", "categorical_crossentropy", hot(12), ("accuracy", "top_k_categorical_accuracy"))
simple("categories_smoothed", 5, "softmax", lambda: K.CategoricalCrossentropy(label_smoothing=0.2), hot(5), ("accuracy",))
simple("categories_logits", 5, None, lambda: K.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1), hot(5), ("accuracy",))
simple("categories_focal", 5, "softmax", lambda: K.CategoricalFocalCrossentropy(alpha=0.4, gamma=1.5), hot(5), ("accuracy",))
simple("categorical_hinge", 5, "softmax", "categorical_hinge", hot(5), ("accuracy",))
simple("divergence", 5, "softmax", "kl_divergence", hot(5))
simple("sparse", 12, "softmax", "sparse_categorical_crossentropy", sparse(12), ("accuracy", lambda: keras.metrics.SparseTopKCategoricalAccuracy(5)))
simple("sparse_logits", 5, None, lambda: K.SparseCategoricalCrossentropy(from_logits=True), sparse(5), ("accuracy",))
simple("sparse_ignored", 5, "softmax", lambda: K.SparseCategoricalCrossentropy(ignore_class=2), sparse(5))
simple("sparse_column", 5, "softmax", "sparse_categorical_crossentropy", sparse(5, 1), ("accuracy",))
simple("two_classes", 2, "softmax", "sparse_categorical_crossentropy", sparse(2), ("accuracy",))
for _loss in ("mse", "mae", "mean_squared_error", "log_cosh", "cosine_similarity"):
    simple(f"regression_{_loss}", 3, None, _loss, real(3), ("mae", "mse", "r2_score"))
simple("regression_one", 1, None, "mse", real(1, shift=100.0), ("mae",))
simple("regression_huber", 2, None, "huber", real(2), ("mae",))
simple("regression_percentage", 2, "softplus", "mean_absolute_percentage_error", positive(2))
simple("regression_logarithmic", 2, "softplus", "mean_squared_logarithmic_error", positive(2))
simple("regression_poisson", 2, "softplus", "poisson", positive(2))


@case
def several_outputs(random):
    x = keras.Input((6,), name="left")
    z = keras.Input((3,), name="right")
    h = L.Dense(8, activation="tanh")(L.Concatenate()([x, z]))
    model = keras.Model([x, z], [L.Dense(1, name="price")(h), L.Dense(4, activation="softmax", name="kind")(h)])
    model.compile(loss={"price": "mae", "kind": "sparse_categorical_crossentropy"}, loss_weights={"price": 0.3, "kind": 2.0})
    return model, [numbers(random, 6), numbers(random, 3)], [numbers(random, 1), classes(random, 4)]


@case
def one_loss_for_all(random):
    x = keras.Input((6,))
    h = L.Dense(8, activation="tanh")(x)
    model = keras.Model(x, [L.Dense(2, name="a")(h), L.Dense(3, name="b")(h)])
    model.compile(loss="mse")
    return model, [numbers(random, 6)], [numbers(random, 2), numbers(random, 3)]


@case
def steps(random):
    """A class for every step of a sequence."""
    model = keras.Sequential([keras.Input((5, 3)), L.LSTM(4, return_sequences=True), L.Dense(4, activation="softmax")])
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model, [numbers(random, 5, 3)], [classes(random, 4, 5)]


@case
def masked_steps(random):
    """Steps of padding count for neither loss nor accuracy."""
    model = keras.Sequential([keras.Input((6,), dtype="int32"), L.Embedding(9, 4, mask_zero=True), L.GRU(4, return_sequences=True),
                              L.Dense(3, activation="softmax")])
    model.compile(loss="sparse_categorical_crossentropy", weighted_metrics=["accuracy"])
    ids = random.integers(1, 9, (ROWS, 6)).astype("int32")
    ids[np.arange(6) >= random.integers(2, 7, ROWS)[:, None]] = 0
    return model, [ids], [classes(random, 3, 6)]


@case
def pixels(random):
    model = keras.Sequential([keras.Input((4, 4, 2)), L.Conv2D(3, 3, padding="same", activation="softmax")])
    model.compile(loss="categorical_crossentropy", metrics=["accuracy"])
    return model, [numbers(random, 4, 4, 2)], [one_hot(classes(random, 3, 4, 4), 3)]


def main():
    folder = Path(sys.argv[1])
    records = []
    for name, make in CASES.items():
        keras.utils.set_random_seed(sum(name.encode()))
        random = np.random.default_rng(sum(name.encode()))
        model, xs, ys = make(random)
        for v in model.weights:
            # Small enough for probabilities above 1e-7: below, Keras on TensorFlow goes behind the softmax to its
            # logits, where its own formula, and coppice, cut off.
            v.assign(random.normal(size=v.shape) * 0.6)
        told = model.evaluate(xs if len(xs) > 1 else xs[0], ys if len(ys) > 1 else ys[0], batch_size=ROWS, verbose=0,
                              return_dict=True)
        w = np.random.default_rng(len(name)).uniform(0, 3, ROWS).astype("float32")
        w[::7] = 0
        # One number a row, whatever items there are in it.
        ws = [w.reshape(ROWS, *[1] * (len(t.shape) - 2)) for t in model.outputs]
        weighted = model.evaluate(xs if len(xs) > 1 else xs[0], ys if len(ys) > 1 else ys[0], batch_size=ROWS, verbose=0,
                                  sample_weight=ws if len(ws) > 1 else ws[0], return_dict=True)
        for ending in ("keras", "h5"):
            model.save(folder / f"{name}.{ending}")
        predicted = keras.tree.flatten(model.predict(xs if len(xs) > 1 else xs[0], verbose=0))
        np.savez(folder / f"{name}.npz", **{f"x{i}": x for i, x in enumerate(xs)}, **{f"y{i}": y for i, y in enumerate(ys)},
                 **{f"p{i}": p for i, p in enumerate(predicted)}, w=w)
        records.append({
            "name": name, "inputs": [t.name for t in model.inputs], "loss": told.pop("loss"), "metrics": told, "weighted": weighted,
            "outputs": [t._keras_history[0].name for t in model.outputs]})
    (folder / "cases.json").write_text(json.dumps(records, indent=1))


if __name__ == "__main__":
    main()
