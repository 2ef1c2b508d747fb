"""Writes models of random layer options with what Keras computes with them, for test_eval_layers.py. Runs in
either environment of `setup`; families that exist in that Keras only are left out.

    python layer_cases.py OUT [--only REGEX] [--part I/N] [--times N] [--list]

--times makes N times as many cases of each family: the first ones are the same, and those among
the others that Keras refuses are left out.

Everything is seeded by names: case 7 of a family is the same whatever else there is. A case NAME is NAME.keras or
NAME.h5 (each third both), and NAME.npz with x0, x1, … in the order of the model's inputs and y0, y1, … as Keras predicts
them, flattened. cases-I.json has of each case: "name", "words" (the options drawn, as they stand in a test's
name), "inputs" and "outputs" (names), "files", "classes".

The families are in families/, one function each: it takes a Draw and returns a model, or a model and its twin, an
equal one with the same variables that TensorFlow's CPU kernels can run (channels first).
"""
import argparse
import gc
import hashlib
import json
import os
import re
import sys
import traceback
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ["KERAS_BACKEND"] = "tensorflow"
import numpy as np
import tensorflow as tf

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)
import keras

IS_KERAS_3 = keras.__version__.startswith("3")
ROWS = 3
FAMILIES = {}


def family(name, keras3=0, keras2=0, formats=("keras", "h5")):
    """Registers a family with how many cases of it are made in each Keras. `formats`: what can hold it."""
    def register(function):
        assert name not in FAMILIES, name
        FAMILIES[name] = (function, keras3 if IS_KERAS_3 else keras2, formats)
        return function
    return register


def seed_of(*words):
    return int.from_bytes(hashlib.sha256("/".join(map(str, words)).encode()).digest()[:8], "little")


def shown(option):
    if option is None or isinstance(option, bool):
        return str(option).lower()
    if isinstance(option, (list, tuple)):
        return "x".join(shown(o) for o in option) or "empty"
    return re.sub(r"[^A-Za-z0-9_.]", "", str(option))


class Draw:
    """What one case draws: options, inputs, and numbers."""

    def __init__(self, name, number):
        self.name, self.number = name, number
        self.words, self.inputs = [], []
        self.random = np.random.default_rng(seed_of(name, number))

    def pick(self, label, options):
        """One of `options`. Over the cases of a family each comes as often as every other: case n has the n-th of
        a sequence that shuffles the options anew each time they are used up."""
        options = list(options)
        turn, place = divmod(self.number, len(options))
        order = np.random.default_rng(seed_of(self.name, label, turn)).permutation(len(options))
        option = options[order[place]]
        self.words.append(label + shown(option))
        return option

    def flag(self, label):
        return self.pick(label, [True, False])

    def input(self, shape, values="normal", dtype="float32", size=None):
        """An Input, and its data: `values` is a kind that `made` knows; dimensions of None get `size`."""
        tensor = keras.Input(shape, dtype=dtype, name=f"in{len(self.inputs)}_{self.name}")
        full = (ROWS, *(int(self.random.integers(4, 8)) if d is None else d for d in shape))
        if size is not None:
            full = (ROWS, *(size if d is None else d for d in shape))
        self.inputs.append((tensor, made(self.random, full, values).astype(dtype)))
        return tensor

    def model(self, outputs, inputs=None):
        """A functional model of the inputs drawn so far."""
        inputs = [t for t, _ in self.inputs] if inputs is None else inputs
        return keras.Model(inputs[0] if len(inputs) == 1 else inputs, outputs)

    def stack(self, shape, *layers, **of_input):
        """A Sequential model."""
        self.input(shape, **of_input)
        return sequential(shape, *layers, dtype=of_input.get("dtype", "float32"))


def sequential(shape, *layers, dtype="float32"):
    return keras.Sequential([keras.Input(shape, dtype=dtype), *layers])


def made(random, shape, values):
    """Data of a kind; a kind is a word, or a word and a number."""
    kind, limit = values if isinstance(values, tuple) else (values, None)
    x = random.normal(size=shape)
    if kind == "wide":              # where functions have their corners and their limits
        edges = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 3.0, -3.0, 6.0, 40.0, -40.0, 1e-8]
        x = x * 3
        x.reshape(-1)[:len(edges)] = edges[:x.size]
    elif kind == "positive":
        x = np.abs(x) + 0.1
    elif kind == "bytes":
        x = random.integers(0, 256, shape)
    elif kind == "ids":             # of an embedding
        x = random.integers(0, limit, shape)
    elif kind == "padded_ids":      # 0 is padding: at the end, in the middle, nowhere
        x = random.integers(1, limit, shape)
        x[0, -2:], x[1, 1] = 0, 0
    elif kind == "padded":          # steps of zeros for Masking: the same places
        x[0, -2:], x[1, 1] = 0, 0
    elif kind == "padded_front":
        x[0, :2], x[1, :1] = 0, 0
    elif kind == "mask":            # of attention: every query sees something
        x = random.integers(0, 2, shape)
        x[..., 0] = 1
    else:
        assert kind == "normal", kind
    return x


def variable_name(variable):
    return (getattr(variable, "path", None) or variable.name).split("/")[-1].split(":")[0]


def randomise(model, random):
    """Other values for every weight, statistics too, so that none of them is at its neutral value."""
    kept = {id(v) for l in flat_layers(model) if type(l).__name__ == "Normalization" for v in l.weights}
    for v in model.weights:
        if "float" not in str(v.dtype) or id(v) in kept:
            continue
        name, shape = variable_name(v), tuple(v.shape)
        if name in ("moving_variance", "variance"):
            a = random.uniform(0.5, 1.5, shape)
        elif name in ("gamma", "scale"):
            a = 1 + 0.2 * random.normal(size=shape)
        elif name == "alpha":
            a = random.uniform(0.05, 0.4, shape)
        else:
            fan = int(np.prod(shape[:-1])) if len(shape) > 1 else 4
            a = random.normal(size=shape) * min(0.6, 1.3 / np.sqrt(max(fan, 1)))
        v.assign(np.asarray(a, dtype="float32"))


def flat_layers(model):
    return list(model._flatten_layers(include_self=False, recursive=True))


def flat(outputs):
    return keras.tree.flatten(outputs) if IS_KERAS_3 else tf.nest.flatten(outputs)


def output_names(model):
    """In the order of the outputs: keys of a dictionary, else layers."""
    if isinstance(model, keras.Sequential):
        return [""]
    struct = getattr(model, "_outputs_struct", model.outputs)
    if isinstance(struct, dict):
        return sorted(struct)
    return [t._keras_history[0].name if IS_KERAS_3 else t._keras_history.layer.name for t in flat(struct)]


def write(name, number, folder):
    function, _, formats = FAMILIES[name]
    keras.utils.set_random_seed(seed_of(name, number) % 2**31)
    draw = Draw(name, number)
    model = function(draw)
    model, twin = model if isinstance(model, tuple) else (model, None)
    randomise(model, draw.random)
    if twin is not None:
        twin.set_weights(model.get_weights())
    xs = {t.name.split(":")[0]: x for t, x in draw.inputs}
    fed = [xs[t.name.split(":")[0]] for t in flat(model.inputs)] if len(draw.inputs) > 1 else [x for _, x in draw.inputs]
    runner = twin or model
    packed = fed[0] if len(fed) == 1 else fed
    if isinstance(getattr(model, "_inputs_struct", None), dict):
        packed = keras.tree.pack_sequence_as(model._inputs_struct, fed)
    runner.run_eagerly = True       # tracing each model would take ten times as long
    ys = flat(runner.predict_on_batch(packed))
    file = f"{name}-{number:02d}"
    wanted = formats if number % 3 == 0 else formats[:1] if IS_KERAS_3 else formats[-1:]
    for ending in wanted:
        model.save(folder / f"{file}.{ending}")
    np.savez(folder / f"{file}.npz", **{f"x{i}": x for i, x in enumerate(fed)},
             **{f"y{i}": np.asarray(y) for i, y in enumerate(ys)})
    names = [t.name.split(":")[0] for t in flat(model.inputs)]
    return {"name": file, "words": "-".join(draw.words), "inputs": names, "outputs": output_names(model), "files": [f"{file}.{e}" for e in wanted],
            "classes": sorted({type(l).__name__ for l in flat_layers(model)})}


def main():
    # The families import this module by its name; here it is __main__.
    sys.modules["layer_cases"] = sys.modules["__main__"]
    import families
    families.load()
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--part", default="1/1")
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    part, parts = map(int, options.part.split("/"))
    wanted = [(n, i) for n, (_, count, _) in FAMILIES.items() for i in range(count * options.times)]
    wanted = [(n, i) for n, i in wanted if re.search(options.only, f"{n}-{i:02d}")][part - 1::parts]
    if options.list:
        print("\n".join(f"{n}-{i:02d}" for n, i in wanted))
        return
    options.out.mkdir(parents=True, exist_ok=True)
    gc.freeze()     # else every collection walks all of TensorFlow
    records, failed = [], []
    for name, number in wanted:
        try:
            records.append(write(name, number, options.out))
        except Exception:
            failed.append(f"{name}-{number:02d}")
            print(f"{name}-{number:02d}", file=sys.stderr)
            traceback.print_exc(limit=-3)
    if failed and options.times == 1:
        sys.exit(f"{len(failed)} of {len(wanted)} cases failed: " + " ".join(failed))
    (options.out / f"cases-{part}.json").write_text(json.dumps(records, indent=1))


if __name__ == "__main__":
    main()
