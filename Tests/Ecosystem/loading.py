"""What csrm.load_into does to a live model. Runs in either environment of `setup`, as judge.py does.

    python loading.py JOBS.json VERDICTS.json

A job: {"id", "model", "architecture" (or null), "packed", "inputs" (or null), "runs"}. "packed" was made of "model". A
verdict: {"id", "error", "config", "weights_differ", "max_error"}: of a model that was built anew from its architecture
(by csrm.config where the file has one: "config" says so), emptied, and loaded from the packed file, against the one
that Keras loads itself.
"""
import gc
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Sources/Python"))

import judge
import csrm
import keras
import numpy as np

from judge import IS_KERAS_3, describe, inputs_of, load, name_of, relative_error, run, values

if IS_KERAS_3:
    keras.config.enable_unsafe_deserialization()


def rebuilt(model, job):
    """The same architecture with other weights, and whether it came from the packed file."""
    text = csrm.config(job["packed"])
    if text is not None:
        try:
            return keras.models.model_from_json(text), True
        except Exception as error:
            # Keras 3 takes its own legacy configurations in files only, and no weights without an input shape.
            return keras.models.clone_model(model), describe(error)
    if job["architecture"] is None:
        return keras.models.clone_model(model), False
    return load(job["architecture"], None) if not job["architecture"].endswith(".json") else keras.models.clone_model(model), False


def examine(job):
    verdict = {"id": job["id"], "error": None, "config": False, "weights_differ": 0, "max_error": 0.0}
    try:
        model = load(job["model"], job["architecture"])
        fresh, verdict["config"] = rebuilt(model, job)
        if not fresh.weights and model.weights:
            fresh.build(model.input_shape)
        # So that a load that does nothing cannot pass; 0.5 is a variance, too.
        fresh.set_weights([np.full_like(w, 0.5) if w.dtype.kind == "f" else w for w in fresh.get_weights()])
        csrm.load_into(fresh, job["packed"])
        assert len(fresh.weights) == len(model.weights)
        for a, b in zip(fresh.weights, model.weights):
            if "seed" not in name_of(b):
                x, y = values(a), values(b)
                verdict["weights_differ"] += int(np.sum((x != y) & ~((x != x) & (y != y))))
        if job["runs"]:
            xs = inputs_of(model, job)
            for a, b in zip(run(fresh, xs), run(model, xs)):
                error = relative_error(a, b)
                verdict["max_error"] = max(verdict["max_error"], float(np.max(error, initial=0.0)))
    except Exception as error:
        verdict["error"] = describe(error)
    return verdict


if __name__ == "__main__":
    gc.freeze()
    jobs = json.loads(Path(sys.argv[1]).read_text())
    Path(sys.argv[2]).write_text(json.dumps([examine(job) for job in jobs]))
