"""Real Keras opens files and says what it computes with them. Runs in either environment of `setup`; started
once a session with many cases, since importing Keras takes longer than a case.

    python judge.py JOBS.json VERDICTS.json

A job: {"id", "model", "architecture" (or null), "inputs" (or null), "runs", "kernels" (or null), "outputs":
[{"path", "pruned", "threshold", "tied"}]}. "outputs" are files made of "model": pruned with `pruned` zeros in all
kernels, or holding the same weights where "pruned" is null. In a whole model the judge finds the kernels and ranks
them itself; a weights-only file has no word for what is a kernel, so "kernels" has the digests of the tensors
that were up for pruning, and all in them up to `threshold` goes.

A verdict: {"id", "prunable", "zeros", "error", "outputs": [{"path", "error", "weights_differ", "max_error",
"zeros"}]}. max_error is the largest difference of an output over max(1, |value|), from the live model whose
weights were masked here.
"""
import gc
import hashlib
import json
import os
import sys
import traceback

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


@keras.utils.register_keras_serializable(package="CoppiceCorpus")
class ManyVars(keras.layers.Layer):
    """The one layer of the corpus that is not Keras's own (make_keras_corpus.py): twelve variables."""

    def build(self, shape):
        self.ws = [self.add_weight(shape=(shape[-1],), name=f"w{i}") for i in range(12)]

    def call(self, x):
        for i, w in enumerate(self.ws):
            x = x + (i + 1) * 0.1 * w
        return x


def load(path, architecture, onto=None):
    """A whole model; or the weights of `path` in a model of `architecture`, `onto` being one to use again."""
    if architecture is None:
        return keras.models.load_model(path, compile=False, **({"safe_mode": False} if IS_KERAS_3 else {}))
    if onto is not None:
        model = onto
    elif architecture.endswith(".json"):
        with open(architecture) as file:
            model = keras.models.model_from_json(file.read())
    else:
        model = load(architecture, None)
    # So that a load that does nothing cannot pass.
    model.set_weights([np.zeros_like(w) for w in model.get_weights()])
    model.load_weights(path)
    return model


def name_of(variable):
    return (getattr(variable, "path", None) or variable.name).split("/")[-1].split(":")[0]


def values(variable):
    return np.asarray(keras.ops.convert_to_numpy(variable)) if IS_KERAS_3 else variable.numpy()


def digest(array):
    """Names a tensor by its values, whatever its float type."""
    return hashlib.sha256(repr(array.shape).encode() + array.astype("f8").tobytes()).hexdigest()


def prunable(model, digests):
    """Indices of the kernels of the live model; with `digests`, of the variables that hold those values."""
    found = []
    for i, v in enumerate(model.weights):
        if "float" in str(v.dtype):
            if name_of(v).endswith("kernel") if digests is None else digest(values(v)) in digests:
                found.append(i)
    return found


def inputs_of(model, job):
    if job["inputs"]:
        with np.load(job["inputs"]) as file:
            return [file[f"x{i}"] for i in range(len(model.inputs))]
    rng, made = np.random.default_rng(7), []
    first = next((l for l in model.layers if type(l).__name__ != "InputLayer"), None)
    for tensor in model.inputs:
        shape = [2] + [int(d) if d else 16 for d in list(tensor.shape)[1:]]
        if type(first).__name__ == "Embedding":
            made.append(rng.integers(0, first.input_dim, shape).astype("int32"))
        else:
            made.append((rng.integers(0, 257, shape) / 128 - 1).astype("float32"))
    return made


def flat(y):
    if isinstance(y, dict):
        return [o for k in sorted(y) for o in flat(y[k])]
    return [o for x in y for o in flat(x)] if isinstance(y, (list, tuple)) else [y]


def relative_error(ours, theirs):
    """By element, over max(1, |theirs|); equal infinities and NaN beside NaN are no error, one of them alone is infinite."""
    with np.errstate(invalid="ignore"):
        error = np.abs(ours - theirs) / np.maximum(1, np.abs(theirs))
    same = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
    return np.where(same, 0.0, np.where(np.isnan(error), np.inf, error))


def run(model, xs):
    xs = [tf.constant(x) for x in xs]
    if IS_KERAS_3 and not isinstance(model, keras.Sequential):
        xs = keras.tree.pack_sequence_as(model._inputs_struct, xs)
    elif len(xs) == 1:
        xs = xs[0]
    return [np.asarray(tf.cast(y, "float64")) for y in flat(model(xs, training=False))]


def masked(weights, output):
    """The live weights with the mask that this output should have."""
    if output["pruned"] is None:
        return weights
    if output["threshold"] is not None:
        return [np.where(np.abs(w.astype("f8")) <= output["threshold"], np.zeros((), w.dtype), w) for w in weights]
    magnitudes = np.concatenate([np.abs(w.astype("f8")).ravel() for w in weights])
    cut = np.zeros(magnitudes.size, bool)
    cut[np.argsort(magnitudes, kind="stable")[:output["pruned"]]] = True
    made, at = [], 0
    for w in weights:
        made.append(np.where(cut[at:at + w.size].reshape(w.shape), np.zeros((), w.dtype), w))
        at += w.size
    return made


def judge_output(job, model, at, dense, xs, output, onto):
    verdict = {"path": output["path"], "error": None, "weights_differ": 0, "max_error": 0.0, "zeros": 0}
    opened = load(output["path"], job["architecture"], onto)
    verdict["zeros"] = int(sum(np.count_nonzero(values(opened.weights[i]) == 0) for i in at))
    kernels = [model.weights[i] for i in at]
    if output["tied"]:
        return verdict      # which of the equal weights went is not Keras's to say
    expected = masked(dense, output)
    for v, w in zip(kernels, expected):
        v.assign(w)
    try:
        if len(opened.weights) != len(model.weights):
            raise ValueError(f"{len(opened.weights)} weights, not {len(model.weights)}")
        for a, b in zip(opened.weights, model.weights):
            if "seed" in name_of(b):
                continue
            verdict["weights_differ"] += int(np.sum(values(a) != values(b)))
        if job["runs"]:
            for a, b in zip(run(opened, xs), run(model, xs)):
                error = relative_error(a, b)
                verdict["max_error"] = max(verdict["max_error"], float(np.max(error, initial=0.0)))
    finally:
        for v, w in zip(kernels, dense):
            v.assign(w)
    return verdict


def judge(job):
    verdict = {"id": job["id"], "prunable": None, "zeros": None, "error": None, "outputs": []}
    try:
        model = load(job["model"], job["architecture"])
        at = prunable(model, job["kernels"])
        dense = [values(model.weights[i]).copy() for i in at]
        verdict["prunable"] = int(sum(w.size for w in dense))
        verdict["zeros"] = int(sum(np.count_nonzero(w == 0) for w in dense))
        xs = inputs_of(model, job) if job["runs"] else None
        onto = load(job["model"], job["architecture"]) if job["architecture"] else None
    except Exception as error:
        verdict["error"] = describe(error)
        return verdict
    for output in job["outputs"]:
        try:
            verdict["outputs"].append(judge_output(job, model, at, dense, xs, output, onto))
        except Exception as error:
            verdict["outputs"].append({"path": output["path"], "error": describe(error)})
    return verdict


def describe(error):
    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {str(error)[:300]} ({os.path.basename(where.filename)}:{where.lineno})"


if __name__ == "__main__":
    gc.freeze()  # else every collection walks all of TensorFlow
    with open(sys.argv[1]) as jobs:
        verdicts = [judge(job) for job in json.load(jobs)]
    with open(sys.argv[2], "w") as file:
        json.dump(verdicts, file)
