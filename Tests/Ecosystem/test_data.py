"""Data files as NumPy, h5py and csv write them go through `eval` unchanged: the model is the identity."""
import csv
import functools
import gzip
import itertools
import json
import struct

import h5py
import numpy as np
import pytest

import products
import tool

TYPES = ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1")
SHAPES = ((40, 1), (30, 6), (20, 4, 3), (150, 3, 1, 4))
FILTERS = ({}, {"chunks": True}, {"compression": "gzip", "shuffle": True}, {"compression": "lzf"}, {"fletcher32": True})


@functools.cache
def identity(count):
    """A model that gives `count` values back as they are: a product with the unit matrix."""
    path = products.folder("data") / f"identity{count}.h5"
    layers = [
        {"class_name": "InputLayer", "config": {"name": "input", "dtype": "float32", "batch_input_shape": [None, count]}},
        {"class_name": "Dense", "config": {"name": "same", "units": count, "use_bias": False, "activation": "linear"}},
    ]
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = "2.15.0"
        file.attrs["backend"] = "tensorflow"
        file.attrs["model_config"] = json.dumps(
            {"class_name": "Sequential", "config": {"name": "identity", "layers": layers}})
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = [b"same"]
        group = weights.create_group("same")
        group.attrs["weight_names"] = [b"same/kernel:0"]
        group["same/kernel:0"] = np.eye(count, dtype="f4")
    return path


def values(kind, shape):
    random = np.random.default_rng(list(kind.encode()) + list(shape))
    if kind[0] == "b":
        return random.random(shape) < 0.5
    if kind[0] == "f":
        return (random.standard_normal(shape) * 10).astype(kind)
    bounds = np.iinfo(kind)
    # Beyond 24 bits a float32 rounds, as NumPy rounds.
    return random.integers(bounds.min, bounds.max, shape, dtype=kind, endpoint=True)


def read(path, count, *options):
    out = path.with_name(path.name + ".out.npy")
    out.unlink(missing_ok=True)
    tool.run("eval", identity(count), "--data", path, "--predictions", out, "-q", *options)
    return np.load(out)


def check(path, array, *options):
    expected = array.reshape(len(array), -1).astype("f4")
    found = read(path, expected.shape[1], *options)
    assert np.array_equal(found, expected)


def cases():
    """(type, byte order, shape): every type in both orders, shapes in turn."""
    return [(k, o, SHAPES[n % len(SHAPES)]) for n, (k, o) in enumerate(itertools.product(TYPES, "<>"))]


@pytest.mark.parametrize("order", "CF")
@pytest.mark.parametrize("kind, endian, shape", cases())
def test_numpy(kind, endian, shape, order, tmp_path):
    array = values(kind, shape).astype(np.dtype(kind).newbyteorder(endian), order=order)
    np.save(tmp_path / "a.npy", array)
    np.savez(tmp_path / "stored.npz", x=array)
    np.savez_compressed(tmp_path / "deflated.npz", x_test=array, x_train=array[:0])
    check(tmp_path / "a.npy", array)
    check(tmp_path / "stored.npz", array)
    np.savez_compressed(tmp_path / "deflated.npz", x_test=array, x_train=array[:3])
    check(tmp_path / "deflated.npz", array)
    check(tmp_path / "deflated.npz", np.concatenate([array[:3], array]), "--split", "all")


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_numpy_versions(version, tmp_path):
    array = np.arange(12.0).reshape(4, 3)
    with open(tmp_path / "a.npy", "wb") as file:
        np.lib.format.write_array(file, array, version=version)
    check(tmp_path / "a.npy", array)


@pytest.mark.parametrize("filters", FILTERS, ids=lambda f: "-".join(f) or "contiguous")
@pytest.mark.parametrize("kind, endian, shape", cases())
def test_hdf5(kind, endian, shape, filters, tmp_path):
    array = values(kind, shape).astype(np.dtype(kind).newbyteorder(endian))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("x", data=array, **filters)
    check(tmp_path / "a.h5", array)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("code, kind", [(8, "u1"), (9, "i1"), (11, "i2"), (12, "i4"), (13, "f4"), (14, "f8")])
def test_idx(code, kind, packed, tmp_path):
    array = values(kind, (30, 4, 3))
    data = bytes([0, 0, code, 3]) + struct.pack(">3I", *array.shape) + array.astype(f">{kind}").tobytes()
    (tmp_path / "a").write_bytes(gzip.compress(data) if packed else data)
    check(tmp_path / "a", array)


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"], ids=["comma", "tab", "semicolon"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_tables(quoting, delimiter, end, tmp_path):
    array = values("f8", (60, 4)) * 10.0 ** np.random.default_rng(1).integers(-30, 30, (60, 4))
    with open(tmp_path / "a", "w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file, delimiter=delimiter, quoting=quoting, lineterminator=end)
        writer.writerow(["a", f"b{delimiter} c", 'd "q"', "e"])
        writer.writerows([[float(v) for v in row] for row in array])
    names = [word for name in ("a", 'd "q"', "e") for word in ("--x", name)]
    check(tmp_path / "a", array[:, [0, 2, 3]], *names)


@pytest.mark.parametrize("mode", ["tf", "torch"])
def test_preprocessing(mode, tmp_path):
    """keras.applications.imagenet_utils.preprocess_input, in float32."""
    array = values("u1", (20, 2, 2, 3))
    np.save(tmp_path / "a.npy", array)
    expected = array.astype("f4")
    if mode == "tf":
        expected = expected / np.float32(127.5) - np.float32(1)
    else:
        expected = expected / np.float32(255) - np.array([0.485, 0.456, 0.406], "f4")
        expected = expected / np.array([0.229, 0.224, 0.225], "f4")
    found = read_images(tmp_path / "a.npy", array.shape[1:], "--preprocess", mode)
    assert np.array_equal(found.reshape(array.shape), expected)


def read_images(path, shape, *options):
    model = path.with_name("images.h5")
    with h5py.File(identity(int(np.prod(shape))), "r") as source, h5py.File(model, "w") as file:
        for name in source:
            source.copy(name, file)
        for name, value in source.attrs.items():
            file.attrs[name] = value
        config = json.loads(source.attrs["model_config"])
        layers = config["config"]["layers"]
        layers[0]["config"]["batch_input_shape"] = [None, *shape]
        layers.insert(1, {"class_name": "Flatten", "config": {"name": "flat"}})
        file.attrs["model_config"] = json.dumps(config)
    out = path.with_name("images.npy")
    tool.run("eval", model, "--data", path, "--predictions", out, "-q", *options)
    return np.load(out)
