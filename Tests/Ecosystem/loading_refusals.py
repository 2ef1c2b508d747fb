"""Loads one packed model into models that are not it, and prints what is said: {layout: {case: complaint or null}} as
JSON on the last line. Needs Keras 3.

    python loading_refusals.py FOLDER
"""
import json
import os
import sys
from pathlib import Path

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Sources/Python"))

import h5py
import keras
import numpy as np

import csrm
import tool

FOLDER = Path(sys.argv[1])


def model(units=3, names=("first", "second"), layers=2, built=True):
    made = keras.Sequential([keras.layers.Dense(units, name=names[0]), keras.layers.BatchNormalization(name="norm")])
    for number in range(1, layers):
        made.add(keras.layers.Dense(2, name=names[1] if number == 1 else f"more_{number}"))
    if built:
        made.build((None, 4))
    return made


def complaint(target, path):
    before = [w.copy() for w in target.get_weights()]
    try:
        csrm.load_into(target, path)
    except Exception as error:
        unchanged = all(np.array_equal(a, b) for a, b in zip(before, target.get_weights()))
        return {"type": type(error).__name__, "message": str(error), "unchanged": unchanged}
    expected = {w.path: w.numpy() for w in packed.weights}
    assert [w.shape for w in target.weights] == [w.shape for w in packed.weights]
    assert all(np.array_equal(w.numpy(), v) for w, v in zip(target.weights, expected.values()))
    return None


keras.utils.set_random_seed(1)
packed = model()
packed.set_weights([np.random.default_rng(2).standard_normal(w.shape).astype("f4") for w in packed.get_weights()])
said = {}
for ending in ("h5", "keras", "weights.h5"):
    source, path = FOLDER / f"model.{ending}", FOLDER / f"model.{ending}.csrm"
    (packed.save_weights if ending == "weights.h5" else packed.save)(source)
    tool.run("pack", source, "-o", path, "-q")
    said[ending] = {
        "renumbered": complaint(model(names=("first_7", "second_12")), path),
        "renamed": complaint(model(names=("other_name", "second")), path),
        "shape": complaint(model(units=5), path),
        "more layers": complaint(model(layers=3), path),
        "fewer layers": complaint(model(layers=1), path),
        "not built": complaint(model(built=False), path),
    }
with h5py.File(FOLDER / "plain.h5", "w") as file:
    file["x"] = np.arange(5.0)
tool.run("pack", FOLDER / "plain.h5", "-o", FOLDER / "plain.csrm", "-q")
said["plain"] = complaint(model(), FOLDER / "plain.csrm")
data = bytearray((FOLDER / "model.keras.csrm").read_bytes())
data[100] ^= 1
(FOLDER / "damaged.csrm").write_bytes(data)
said["damaged"] = complaint(model(), FOLDER / "damaged.csrm")
print(json.dumps(said))
