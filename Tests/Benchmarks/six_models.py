"""The six models of the engine's measurements as Keras files with random weights, and inputs for them.

    python six_models.py DIR      writes NAME.keras and NAME.npz (x0, x1, and labels y) for each

The same networks as peers/models_torch.py and peers/bench_keras.py; the transformer adds its positions by an
embedding of a second input, where those have a variable of their own.
"""
import os
import sys

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np
import keras
from keras import Input, Model, layers as L, ops


def mlp():
    x = i = Input((784,))
    for width in (300, 100):
        x = L.Dense(width, "relu")(x)
    return i, L.Dense(10)(x)


def lenet5():
    i = Input((28, 28, 1))
    x = L.MaxPooling2D()(L.Conv2D(6, 5, padding="same", activation="relu")(i))
    x = L.Flatten()(L.MaxPooling2D()(L.Conv2D(16, 5, activation="relu")(x)))
    return i, L.Dense(10)(L.Dense(84, "relu")(L.Dense(120, "relu")(x)))


def resnet20():
    def conv(x, channels, stride):
        return L.Conv2D(channels, 3, stride, padding="same", use_bias=False)(x)

    i = Input((32, 32, 3))
    x = L.ReLU()(L.BatchNormalization()(conv(i, 16, 1)))
    before = 16
    for channels, stride in ((16, 1), (32, 2), (64, 2)):
        for k in range(3):
            s = stride if k == 0 else 1
            y = L.ReLU()(L.BatchNormalization()(conv(x, channels, s)))
            y = L.BatchNormalization()(conv(y, channels, 1))
            if s != 1 or before != channels:
                d = channels // 4
                x = ops.pad(x[:, ::2, ::2, :], [[0, 0], [0, 0], [0, 0], [d, d]])
            x = L.ReLU()(L.Add()([x, y]))
            before = channels
    return i, L.Dense(10)(L.GlobalAveragePooling2D()(x))


def dwnet():
    def after(x):
        return L.ReLU()(L.BatchNormalization()(x))

    i = Input((32, 32, 3))
    x = after(L.Conv2D(32, 3, padding="same", use_bias=False)(i))
    for channels, s in ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1)):
        x = after(L.DepthwiseConv2D(3, s, padding="same", use_bias=False)(x))
        x = after(L.Conv2D(channels, 1, use_bias=False)(x))
    return i, L.Dense(10)(L.GlobalAveragePooling2D()(x))


def lstm():
    i = Input((28, 28))
    return i, L.Dense(10)(L.LSTM(128)(i))


def transformer():
    i, places = Input((64,)), Input((64,))
    x = L.Add()([L.Embedding(2000, 128)(i), L.Embedding(64, 128)(places)])
    for _ in range(2):
        x = L.LayerNormalization(epsilon=1e-6)(L.Add()([x, L.MultiHeadAttention(4, 32)(x, x)]))
        x = L.LayerNormalization(epsilon=1e-6)(L.Add()([x, L.Dense(128)(L.Dense(256, "gelu")(x))]))
    return [i, places], L.Dense(10)(L.GlobalAveragePooling1D()(x))


MODELS = {f.__name__: f for f in (mlp, lenet5, resnet20, dwnet, lstm, transformer)}
# The batch that the engine is measured at, beside 1 and 256.
BATCH = {name: 32 if name == "transformer" else 128 for name in MODELS}


def made(name):
    keras.utils.set_random_seed(0)
    return Model(*MODELS[name]())


def samples(name, rows, seed=0):
    """The model's inputs, as a list."""
    rng = np.random.default_rng(seed)
    if name == "transformer":
        places = np.tile(np.arange(64, dtype="float32"), (rows, 1))
        return [rng.integers(0, 2000, (rows, 64)).astype("float32"), places]
    shape = {"mlp": (784,), "lenet5": (28, 28, 1), "lstm": (28, 28)}.get(name, (32, 32, 3))
    return [rng.standard_normal((rows,) + shape).astype("float32")]


if __name__ == "__main__":
    rows = {"mlp": 8192, "lenet5": 8192, "lstm": 8192, "resnet20": 2048, "dwnet": 2048, "transformer": 2048}
    for name in MODELS:
        made(name).save(f"{sys.argv[1]}/{name}.keras")
        labels = np.random.default_rng(1).integers(0, 10, rows[name]).astype("uint8")
        inputs = {f"x{k}": x for k, x in enumerate(samples(name, rows[name]))}
        np.savez(f"{sys.argv[1]}/{name}.npz", y=labels, **inputs)
