"""Trains a network of 5.8 million weights for packed_sizes.py: 784-2048-2048-10 on all 60,000 rows of Fashion-MNIST.

No model of ../shared has a tensor of a million weights, and the goals of large ones are about trained weights. Five
epochs of Adam, then the file: some minutes on two cores. Needs keras, tensorflow and Debian's dataset-fashion-mnist.

usage: wide_mlp.py OUT.keras
"""
import gzip
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np

DATA = Path("/usr/share/datasets/fashion-mnist")


def idx(name):
    """The array in a file of the IDX format."""
    raw = gzip.decompress((DATA / name).read_bytes())
    shape = np.frombuffer(raw, ">u4", raw[3], 4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(shape.astype(int))


keras.utils.set_random_seed(0)
x, y = (idx(f"train-{name}-ubyte.gz") for name in ("images-idx3", "labels-idx1"))
test = [idx(f"t10k-{name}-ubyte.gz") for name in ("images-idx3", "labels-idx1")]
model = keras.Sequential([
    keras.layers.Input((28, 28)), keras.layers.Flatten(),
    keras.layers.Dense(2048, activation="relu"), keras.layers.Dense(2048, activation="relu"),
    keras.layers.Dense(10, activation="softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x / np.float32(255), y, batch_size=128, epochs=5, verbose=2)
print("test accuracy", model.evaluate(test[0] / np.float32(255), test[1], verbose=0)[1])
model.save(sys.argv[1])
