"""Whole-model HDF5 files written by hand, as Keras 3 lays them out: models that no Keras would make, and models
whose outputs are their inputs."""
import json

import h5py
import numpy as np


def layer(kind, name, inbound=None, **config):
    """A layer's part of a configuration; `inbound` names the layers it takes, or gives lists of nodes."""
    made = {"class_name": kind, "module": "keras.layers", "registered_name": None,
            "config": {"name": name, "trainable": True, "dtype": "float32", **config}, "name": name}
    if inbound is not None:
        tensors = [{"class_name": "__keras_tensor__", "config": {"shape": [None], "dtype": "float32", "keras_history": [n, 0, 0]}}
                   for n in inbound]
        made["inbound_nodes"] = [{"args": tensors if len(tensors) == 1 else [tensors], "kwargs": {}}] if tensors else []
    return made


def entry(name, *shape, **more):
    return layer("InputLayer", name, batch_shape=[None, *shape], **more)


def dense(name, units, inbound=None, **config):
    return layer("Dense", name, inbound, **{"units": units, "activation": "linear", "use_bias": True, **config})


def sequential(*layers):
    return {"class_name": "Sequential", "module": "keras", "registered_name": "Sequential",
            "config": {"name": "m", "layers": list(layers)}}


def functional(layers, inputs, outputs):
    return {"class_name": "Functional", "module": "keras.src.models.functional", "registered_name": "Functional",
            "config": {"name": "m", "trainable": True, "layers": layers, "input_layers": [[n, 0, 0] for n in inputs],
                       "output_layers": [[n, 0, 0] for n in outputs]}}


def write(path, config, weights=None, training=None):
    """`weights`: {layer: {variable: array}}, in order."""
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"], file.attrs["backend"] = "3.15.1", "tensorflow"
        file.attrs["model_config"] = json.dumps(config)
        if training is not None:
            file.attrs["training_config"] = json.dumps(training)
        group = file.create_group("model_weights")
        names = [l["config"]["name"] for l in config["config"]["layers"]]
        group.attrs["layer_names"] = np.array([n.encode() for n in names])
        group.attrs["keras_version"], group.attrs["backend"] = "3.15.1", "tensorflow"
        for name in names:
            own = (weights or {}).get(name, {})
            part = group.create_group(name)
            part.attrs["weight_names"] = np.array([f"{name}/{v}".encode() for v in own], dtype="S")
            for variable, array in own.items():
                part.create_dataset(f"{name}/{variable}", data=np.asarray(array, "f4"))
    return path


def identity(path, *shape, **training):
    """A model that gives back what it is given."""
    return write(path, sequential(entry("x", *shape), layer("Activation", "same", activation="linear")), **training)


def classifier(path, inputs, classes, loss="sparse_categorical_crossentropy"):
    """Softmax of random products."""
    random = np.random.default_rng(5)
    config = sequential(entry("x", inputs), dense("scores", classes, activation="softmax" if classes > 1 else "sigmoid"))
    weights = {"scores": {"kernel": random.normal(size=(inputs, classes)), "bias": random.normal(size=classes)}}
    return write(path, config, weights, {"loss": loss, "metrics": None, "optimizer_config": {"class_name": "SGD", "config": {}}})
