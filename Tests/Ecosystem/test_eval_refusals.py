"""What `eval` says of data and models that cannot be: the exit code, one line that names the place, soon, in little
memory, and nothing left behind."""
import gzip
import os
import zipfile

import h5py
import numpy as np
import pytest

import bare_models
import evaluating
import tool
from bare_models import dense, entry, functional, layer, sequential

USAGE, BAD, ABSENT, UNSUPPORTED = 64, 65, 66, 69
X = np.random.default_rng(1).normal(size=(50, 6)).astype("f4")
Y = np.arange(50) % 3


def refused(folder, model, data, code, words, *options):
    """Runs `eval` and holds what it did against what it should. Data are arrays, bytes, or a path."""
    if isinstance(data, dict):
        path = folder / "data.npz"
        np.savez(path, **data)
    elif isinstance(data, tuple):
        name, content = data
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    else:
        path = data
    before = sorted(os.listdir(folder))
    out = folder / "out.npy"
    done = tool.bounded(["eval", model, "--data", path, "--predictions", out, *options], 10, folder)
    said = done.err.decode()
    assert done.code == code, said
    assert len(said.splitlines()) == 1 and said.startswith("coppice: "), said
    assert not any(ord(c) < 32 and c != "\n" for c in said), said
    for word in words:
        assert word in said, (word, said)
    assert done.rss_mb is None or done.rss_mb < 120
    assert done.seconds < 5
    assert sorted(set(os.listdir(folder)) - {"rss"}) == sorted(set(before) - {"rss"}), "something was left"


@pytest.fixture
def classes(tmp_path):
    return bare_models.classifier(tmp_path / "model.h5", 6, 3)


def with_value(array, place, value):
    changed = array.copy()
    changed[place] = value
    return changed


# MARK: Data

DATA = {
    "wrong width": ({"x": X[:, :5], "y": Y}, BAD, ["5", "6"]),
    "wrong rank": ({"x": X.reshape(5, 10, 6), "y": Y[:5]}, BAD, ["10", "6"]),
    "a number an item": ({"x": X[:, 0], "y": Y}, BAD, ["6"]),
    "labels out of range": ({"x": X, "y": with_value(Y, 41, 3)}, BAD, ["label 3", "row 41", "'y'"]),
    "labels from one": ({"x": X, "y": Y + 1}, BAD, ["label 3", "subtract 1"]),
    "a negative label": ({"x": X, "y": with_value(Y, 7, -2)}, BAD, ["-2", "row 7"]),
    "a fraction as a label": ({"x": X, "y": with_value(Y.astype("f4"), 9, 0.5)}, BAD, ["0.5", "row 9"]),
    "two ones": ({"x": X, "y": with_value(np.eye(3)[Y], (12, slice(None)), 1)}, BAD, ["one-hot", "row 12"]),
    "no one": ({"x": X, "y": with_value(np.eye(3)[Y], (12, slice(None)), 0)}, BAD, ["one-hot", "row 12"]),
    "soft labels of another sum": ({"x": X, "y": with_value(np.eye(3)[Y], (8, slice(None)), 0.7)}, BAD, ["row 8"]),
    "one-hot of another width": ({"x": X, "y": np.eye(4)[Y]}, BAD, ["4", "3"]),
    "labels of another length": ({"x": X, "y": Y[:49]}, BAD, ["50", "49"]),
    "NaN": ({"x": with_value(X, (33, 2), np.nan), "y": Y}, BAD, ["row 33", "'x'"]),
    "infinity": ({"x": with_value(X, (5, 0), -np.inf), "y": Y}, BAD, ["row 5", "'x'"]),
    "NaN among labels": ({"x": X, "y": with_value(Y.astype("f4"), 20, np.nan)}, BAD, ["row 20", "'y'"]),
    "no rows": ({"x": X[:0], "y": Y[:0]}, BAD, ["x"]),
    "no array x": ({"images": X, "y": Y}, BAD, ["'x'", "images"]),
    "objects": ({"x": X.astype(object), "y": Y}, UNSUPPORTED, ["x"]),
    "complex numbers": ({"x": X.astype("c8"), "y": Y}, UNSUPPORTED, ["x"]),
    "words as values": ({"x": X.astype("U8"), "y": Y}, UNSUPPORTED, ["x"]),
    "more words than classes": ({"x": X, "y": np.array(["a", "b", "c", "d", "e"])[np.arange(50) % 5]}, BAD, ["5", "3"]),
    "a single number": ({"x": np.float32(3), "y": Y}, BAD, ["x"]),
    "random bytes": (("noise.bin", bytes(range(256)) * 8), BAD, ["noise.bin"]),
    "nothing": (("empty.npz", b""), BAD, ["empty.npz"]),
    "ragged lines": (("d.csv", "a,b,c,d,e,f,y\n1,2,3,4,5,6,0\n1,2,3,4,5,0\n"), BAD, ["line 3"]),
    "words among numbers": (("d.csv", "a,b,c,d,e,f,y\n1,2,3,4,5,6,0\n1,2,three,4,5,6,1\n"), BAD, ["line 3", "three"]),
    "an empty field": (("d.csv", "a,b,c,d,e,f,y\n1,2,,4,5,6,0\n"), BAD, ["line 2"]),
    "names alone": (("d.csv", "a,b,c,d,e,f,y\n"), BAD, ["d.csv"]),
    "numbers for names": (("d.csv", "1,2,3,4,5,6,0\n1,2,3,4,5,6,0\n"), BAD, ["line 1"]),
    "a number among words": (("d.csv", "a,b,c,d,e,f,y\n1,2,3,4,5,6,cat\n1,2,3,4,5,6,1\n"), BAD, ["line 3", "'1'"]),
    "a word among numbers": (("d.csv", "a,b,c,d,e,f,y\n1,2,3,4,5,6,1\n1,2,3,4,5,6,NA\n"), BAD, ["line 3", "'NA'"]),
    "a label of spaces": (("d.csv", "a,b,c,d,e,f,y\n1,2,3,4,5,6, \n"), BAD, ["line 2", "'y'"]),
    "text behind a quote": (("d.csv", 'a,b,c,d,e,f,y\n1,2,3,4,5,"6"7,0\n'), BAD, ["line 2", "quote"]),
    "names in Latin-1": (("d.csv", "größe,b,c,d,e,f,y\n1,2,3,4,5,6,0\n".encode("latin-1")), BAD, ["line 1", "UTF-8"]),
    "labels in Latin-1": (("d.csv", "a,b,c,d,e,f,y\n1,2,3,4,5,6,größe\n".encode("latin-1")), BAD, ["line 2", "UTF-8"]),
    "UTF-16": (("d.csv", "a,b,c,d,e,f,y\n1,2,3,4,5,6,0\n".encode("utf-16")), BAD, ["UTF-16"]),
    "two columns of labels": (("d.csv", "a,b,c,d,e,y,y\n1,2,3,4,5,6,0\n"), BAD, ["two columns", "'y'"]),
    "an open quote": (("d.csv", 'a,b,c,d,e,f,y\n1,2,3,4,5,"6,0\n'), BAD, ["line 2"]),
}


@pytest.mark.parametrize("what", DATA)
def test_data(what, classes, tmp_path):
    data, code, words = DATA[what]
    refused(tmp_path, classes, data, code, words)


def test_a_row_far_behind_the_first_batch_is_named(classes, tmp_path):
    x = np.zeros((5000, 6), "f4")
    refused(tmp_path, classes, {"x": with_value(x, (4711, 5), np.nan)}, BAD, ["row 4711"])
    refused(tmp_path, classes, {"x": x, "y": with_value(np.zeros(5000, int), 4999, 7)}, BAD, ["label 7", "row 4999"])


@pytest.mark.parametrize("keep", [0.02, 0.3, 0.6, 0.9, 0.99])
@pytest.mark.parametrize("form", ["npz", "deflated.npz", "npy", "idx", "idx.gz", "h5"])
def test_truncated(classes, tmp_path, form, keep):
    x = np.random.default_rng(2).normal(size=(400, 6)).astype("f4")
    path = tmp_path / f"data.{form}"
    if form == "npz":
        np.savez(path, x=x)
    elif form == "deflated.npz":
        np.savez_compressed(path, x=x)
    elif form == "npy":
        np.save(path, x)
    elif form == "h5":
        with h5py.File(path, "w") as file:
            file["x"] = x
    else:
        raw = bytes([0, 0, 13, 2]) + (400).to_bytes(4, "big") + (6).to_bytes(4, "big") + x.astype(">f4").tobytes()
        path.write_bytes(gzip.compress(raw) if form == "idx.gz" else raw)
    content = path.read_bytes()
    path.write_bytes(content[:int(len(content) * keep)])
    refused(tmp_path, classes, path, BAD, [path.name])


def test_damaged_members(classes, tmp_path):
    path = tmp_path / "data.npz"
    for save in (np.savez, np.savez_compressed):
        save(path, x=X, y=Y)
        content = bytearray(path.read_bytes())
        at = content.index(b"\x93NUMPY") + 200 if save is np.savez else 120
        content[at] ^= 0x55
        path.write_bytes(content)
        refused(tmp_path, classes, path, BAD, ["data.npz"])


def huge_npy(shape):
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (118 - len(header) - 1) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header


@pytest.mark.parametrize("shape", ["(1000000000, 6)", "(4611686018427387904, 6)", "(99999999999999999999999, 6)", "(-3, 6)", "(3, 6"])
def test_huge_and_impossible_npy(classes, tmp_path, shape):
    refused(tmp_path, classes, ("data.npy", huge_npy(shape) + bytes(72)), BAD, ["data.npy"])


def test_huge_idx_hdf5_and_zip(classes, tmp_path):
    header = bytes([0, 0, 8, 2]) + (0xFFFFFFFF).to_bytes(4, "big") + (6).to_bytes(4, "big")
    refused(tmp_path, classes, ("data-idx", header + bytes(60)), BAD, ["data-idx"])
    refused(tmp_path, classes, ("data-idx.gz", gzip.compress(header + bytes(60))), BAD, ["data-idx.gz"])
    refused(tmp_path, classes, ("data-idx", bytes([0, 0, 8, 255]) + b"\xff" * 1020), BAD, ["data-idx"])
    with h5py.File(tmp_path / "data.h5", "w") as file:
        # Declared, never written: an HDF5 file of a few KB that stands for 24 GB of zeros.
        file.create_dataset("x", shape=(10**9, 6), dtype="f4", chunks=(10**5, 6), compression="gzip")
        file.create_dataset("y", data=Y)
    refused(tmp_path, classes, tmp_path / "data.h5", BAD, ["data.h5", "/x"])
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", huge_npy("(2500000, 6)") + bytes(10**6))
    refused(tmp_path, classes, tmp_path / "bomb.npz", BAD, ["bomb.npz"])


def test_files_that_are_not_there(classes, tmp_path):
    refused(tmp_path, classes, tmp_path / "none.npz", ABSENT, ["none.npz"])
    (tmp_path / "folder").mkdir()
    refused(tmp_path, classes, tmp_path / "folder", ABSENT, ["folder"])
    refused(tmp_path, tmp_path / "none.h5", {"x": X}, ABSENT, ["none.h5"])


def test_two_arrays_of_one_name(classes, tmp_path):
    """NumPy takes the last of them."""
    np.savez(tmp_path / "data.npz", x=X, y=Y)
    with zipfile.ZipFile(tmp_path / "data.npz", "a") as archive, pytest.warns(UserWarning):
        archive.writestr("y.npy", huge_npy("(50,)") + bytes(200))
    refused(tmp_path, classes, tmp_path / "data.npz", BAD, ["data.npz", "two arrays 'y.npy'"])


def test_weights(classes, tmp_path):
    w = np.ones(50, "f4")
    option = ("--sample-weight", "w")
    refused(tmp_path, classes, {"x": X, "y": Y, "w": with_value(w, 31, -1)}, BAD, ["row 31", "'w'", "negative"], *option)
    refused(tmp_path, classes, {"x": X, "y": Y, "w": with_value(w, 31, np.nan)}, BAD, ["row 31", "'w'"], *option)
    refused(tmp_path, classes, {"x": X, "y": Y, "w": w[:9]}, BAD, ["9", "50", "'w'"], *option)
    refused(tmp_path, classes, {"x": X, "y": Y, "w": np.ones((50, 2))}, BAD, ["'w'", "one number"], *option)
    refused(tmp_path, classes, {"x": X, "y": Y, "w": w.astype("U")}, UNSUPPORTED, ["'w'"], *option)
    refused(tmp_path, classes, {"x": X, "y": Y}, USAGE, ["'w'", "x, y"], *option)
    refused(tmp_path, classes, {"x": X, "w": w}, USAGE, ["--sample-weight", "no labels"], *option)
    refused(tmp_path, classes, {"x_train": X, "y_train": Y, "w": w, "x_test": X, "y_test": Y}, USAGE,
            ["--sample-weight", "test part"], *option)
    refused(tmp_path, classes, {"x": X, "y": Y, "w": w}, USAGE, ["--sample-weight"], *option, *option)


def test_names_and_options(classes, tmp_path):
    data = {"x": X, "y": Y}
    for option in ("--data", "--test-data"):
        done = tool.run("eval", classes, "--data", tmp_path / "data.npz", option, "-", ok=False)
        assert done.returncode == USAGE and b"stream" in done.stderr and len(done.stderr.splitlines()) == 1
    refused(tmp_path, classes, data, USAGE, ["images"], "--x", "images")
    refused(tmp_path, classes, data, USAGE, ["labels"], "--y", "labels")
    refused(tmp_path, classes, data, USAGE, ["nowhere"], "--x", "nowhere=x")
    refused(tmp_path, classes, data, USAGE, ["nowhere"], "--y", "nowhere=y")
    refused(tmp_path, classes, data, USAGE, ["test"], "--split", "test")
    refused(tmp_path, classes, data, USAGE, ["6"], "--mean", "1,2")
    done = tool.run("eval", classes, "--data", tmp_path / "data.npz", "--loss", "no_such_loss", ok=False)
    assert done.returncode == USAGE and b"no_such_loss" in done.stderr and len(done.stderr.splitlines()) == 1
    np.savez(tmp_path / "bare.npz", x=X)
    done = tool.run("eval", classes, "--data", tmp_path / "bare.npz", ok=False)
    assert done.returncode in (USAGE, BAD) and len(done.stderr.splitlines()) == 1 and b"label" in done.stderr


def test_several_inputs_need_names(tmp_path):
    config = functional([entry("a", 2), entry("b", 4), layer("Concatenate", "both", ["a", "b"], axis=-1)], ["a", "b"], ["both"])
    model = bare_models.write(tmp_path / "model.h5", config)
    refused(tmp_path, model, {"x": X}, BAD, ["a, b", "--x"])
    refused(tmp_path, model, {"one": X[:, :2]}, USAGE, ["'b'"], "--x", "a=one")
    refused(tmp_path, model, {"one": X[:, :2], "two": X[:, :3]}, BAD, ["'b'", "3", "4"], "--x", "a=one", "--x", "b=two")
    refused(tmp_path, model, {"one": X[:, :2], "two": X[:9, :4]}, BAD, ["50", "9"], "--x", "a=one", "--x", "b=two")


def test_codes_that_an_embedding_does_not_have(tmp_path):
    config = sequential(entry("x", 6, dtype="int32"), layer("Embedding", "words", input_dim=9, output_dim=2, mask_zero=False))
    model = bare_models.write(tmp_path / "model.h5", config, {"words": {"embeddings": np.ones((9, 2))}})
    codes = np.arange(300).reshape(50, 6) % 9
    refused(tmp_path, model, {"x": with_value(codes, (17, 3), 9)}, BAD, ["words", "9"])
    refused(tmp_path, model, {"x": with_value(codes, (17, 3), -10)}, BAD, ["words", "-10"])


# MARK: Models

def chain(*layers):
    return sequential(entry("x", 6), *layers)


def image(*layers):
    return sequential(entry("x", 6, 6, 1), *layers)


def conv(**options):
    return layer("Conv2D", "c", **{"filters": 2, "kernel_size": [3, 3], "strides": [1, 1], "padding": "valid", "data_format": "channels_last",
                                   "dilation_rate": [1, 1], "groups": 1, "activation": "linear", "use_bias": False, **options})


KERNEL = {"d": {"kernel": np.ones((6, 2)), "bias": np.zeros(2)}}
CONV = {"c": {"kernel": np.ones((3, 3, 1, 2))}}
MODELS = {
    "a layer that is not there": (
        functional([entry("x", 6), dense("d", 2, ["ghost"])], ["x"], ["d"]), KERNEL, BAD, ["'d'", "'ghost'"]),
    "an output that is not there": (functional([entry("x", 6), dense("d", 2, ["x"])], ["x"], ["ghost"]), KERNEL, BAD, ["ghost"]),
    "an input that is not there": (functional([entry("x", 6), dense("d", 2, ["x"])], ["ghost"], ["d"]), KERNEL, BAD, ["ghost"]),
    "a circle": (
        functional([entry("x", 6), layer("Add", "one", ["x", "two"]), layer("Activation", "two", ["one"], activation="relu")],
                   ["x"], ["two"]), {}, BAD, ["circle", "one"]),
    "a layer of itself": (
        functional([entry("x", 6), layer("Activation", "own", ["own"], activation="relu")], ["x"], ["own"]), {}, BAD, ["own"]),
    "no layers": (sequential(), {}, BAD, ["layers"]),
    "dense of another width": (chain(dense("d", 2)), {"d": {"kernel": np.ones((5, 2)), "bias": np.zeros(2)}}, BAD, ["d", "(5, 2)"]),
    "dense of other units": (chain(dense("d", 3)), KERNEL, BAD, ["d", "(6, 2)"]),
    "no kernel": (chain(dense("d", 2)), {"d": {"bias": np.zeros(2)}}, BAD, ["d"]),
    "convolution of a vector": (chain(conv()), CONV, BAD, ["c"]),
    "a window larger than the image": (image(conv(kernel_size=[9, 9])), {"c": {"kernel": np.ones((9, 9, 1, 2))}}, BAD, ["'c'", "9"]),
    "no stride": (image(conv(strides=[0, 1])), CONV, BAD, ["c", "strides"]),
    "a stride below zero": (image(conv(strides=[-1, 1])), CONV, BAD, ["c", "strides"]),
    "padding of no kind": (image(conv(padding="mirror")), CONV, BAD, ["c", "mirror"]),
    "groups that do not divide": (image(conv(groups=3)), CONV, BAD, ["c"]),
    "sizes that do not add": (
        functional([entry("x", 6), layer("ZeroPadding1D", "p", ["x"], padding=1), layer("Add", "sum", ["x", "p"])], ["x"], ["sum"]), {}, BAD, ["p"]),
    "sums of other widths": (
        functional([entry("x", 6), dense("d", 2, ["x"]), layer("Add", "sum", ["x", "d"])], ["x"], ["sum"]), KERNEL, BAD, ["sum", "6", "2"]),
    "ranks that do not join": (
        functional([entry("x", 6), layer("Reshape", "r", ["x"], target_shape=[2, 3]), layer("Concatenate", "cat", ["x", "r"], axis=-1)],
                   ["x"], ["cat"]), {}, BAD, ["cat"]),
    "an axis that is not there": (
        functional([entry("x", 6), layer("Concatenate", "cat", ["x", "x"], axis=4)], ["x"], ["cat"]), {}, BAD, ["cat", "4"]),
    "a reshape that does not divide": (chain(layer("Reshape", "r", target_shape=[4, -1])), {}, BAD, ["'r'", "4"]),
    "a permutation that is none": (chain(layer("Permute", "p", dims=[2])), {}, BAD, ["'p'"]),
    "an activation of no name": (chain(dense("d", 2, activation="quadratic_thing")), KERNEL, UNSUPPORTED, ["'d'", "quadratic_thing"]),
    "an activation that is no name": (chain(dense("d", 2, activation=17)), KERNEL, BAD, ["'d'", "17"]),
    "units of no number": (chain(dense("d", "many")), KERNEL, BAD, ["d", "many"]),
    "no units": (chain(dense("d", 0)), KERNEL, BAD, ["d"]),
    "no heads": (
        functional([entry("x", 3, 4), layer("MultiHeadAttention", "att", ["x", "x"], num_heads=0, key_dim=2)], ["x"], ["att"]), {}, BAD, ["att"]),
    "two inputs for one": (
        functional([entry("x", 6), layer("LeakyReLU", "l", ["x", "x"], negative_slope=0.1)], ["x"], ["l"]), {}, BAD, ["'l'"]),
    "huge repetition": (chain(layer("RepeatVector", "rep", n=2**31 - 1)), {}, BAD, ["rep", "too large"]),
    "huge repetition past 64 bits": (chain(layer("RepeatVector", "rep", n=2**62)), {}, BAD, ["rep"]),
    "huge padding": (image(layer("ZeroPadding2D", "z", padding=[[2**30, 2**30], [2**30, 2**30]])), {}, BAD, ["'z'"]),
    "huge upsampling": (image(layer("UpSampling2D", "u", size=[2**30, 2**30], interpolation="nearest")), {}, BAD, ["'u'"]),
    "huge dilation": (image(conv(dilation_rate=[2**30, 2**30])), CONV, BAD, ["'c'"]),
    "a chain of doublings": (
        chain(layer("Reshape", "r", target_shape=[6, 1]), *(layer("UpSampling1D", f"u{i}", size=1024) for i in range(7))), {}, BAD, ["u"]),
    "a class of the user's": (chain(layer("Swirl", "s") | {"module": "my.layers", "registered_name": "mine>Swirl"}), {}, UNSUPPORTED, ["'s'", "Swirl"]),
    "an unknown class": (chain(layer("Swirl", "s")), {}, UNSUPPORTED, ["'s'", "Swirl", "Pruning and packing still work"]),
    "code": (chain(layer("Lambda", "lam", function={"class_name": "__lambda__", "config": {"code": "4wEA"}})), {}, UNSUPPORTED,
             ["'lam'", "Lambda"]),
}


@pytest.mark.parametrize("what", MODELS)
def test_models(what, tmp_path):
    config, weights, code, words = MODELS[what]
    model = bare_models.write(tmp_path / "model.h5", config, weights)
    inputs = [l for l in config["config"]["layers"] if l["class_name"] == "InputLayer"]
    shape = inputs[0]["config"]["batch_shape"][1:] if inputs else [6]
    refused(tmp_path, model, {"x": np.ones((4, *shape), "f4")}, code, words)


def test_weights_alone(tmp_path):
    """No architecture, that of another model, and the right one."""
    bare = tmp_path / "weights.h5"
    whole = bare_models.classifier(tmp_path / "whole.h5", 6, 3)
    other = bare_models.classifier(tmp_path / "other.h5", 5, 3)
    with h5py.File(whole) as source, h5py.File(bare, "w") as target:
        for key, value in source["model_weights"].attrs.items():
            target.attrs[key] = value
        source.copy("model_weights/scores", target)
        target.create_group("x").attrs["weight_names"] = np.array([], "S1")
    refused(tmp_path, bare, {"x": X, "y": Y}, BAD, ["--config-from"])
    refused(tmp_path, bare, {"x": X[:, :5], "y": Y}, BAD, ["scores"], "--config-from", other)
    refused(tmp_path, bare, {"x": X, "y": Y}, ABSENT, ["none.json"], "--config-from", tmp_path / "none.json")
    (tmp_path / "bad.json").write_text('{"class_name": "Sequential", "config": {"layers": [')
    refused(tmp_path, bare, {"x": X, "y": Y}, BAD, ["bad.json"], "--config-from", tmp_path / "bad.json")
    out = tmp_path / "out.npy"
    tool.run("eval", bare, "--config-from", whole, "--data", tmp_path / "data.npz", "--predictions", out, "-q")
    one = np.load(out)
    tool.run("eval", whole, "--data", tmp_path / "data.npz", "--predictions", out, "-q", "--force")
    assert evaluating.differs([one], [np.load(out)], 0, 0) is None
