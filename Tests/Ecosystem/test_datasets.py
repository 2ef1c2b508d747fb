"""Data of every form that `eval` reads gives what NumPy reads from it: a model whose outputs are its inputs shows
the values, a classifier the labels."""
import csv
import gzip
import io
import zipfile

import h5py
import numpy as np
import pytest

import bare_models
import tool

ROWS, ITEM = 23, (4, 5)
# Small whole numbers: every type holds them.
X = np.random.default_rng(3).integers(0, 100, (ROWS, *ITEM))


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    bare_models.identity(folder / "same.h5", *ITEM)
    bare_models.identity(folder / "flat.h5", 20)
    bare_models.identity(folder / "image.h5", 4, 6, 3)
    bare_models.identity(folder / "open.h5", None, None, 3)
    bare_models.classifier(folder / "classes.h5", 20, 4)
    return folder


def read_back(model, data, *options):
    out = data.parent / "out.npy"
    tool.run("eval", model, "--data", data, *options, "--predictions", out, "-q", "--force")
    return np.load(out)


# MARK: Forms

TYPES = ["u1", "i1", "<i2", ">i2", "<u2", ">u2", "<i4", ">i4", "<u4", "<i8", ">i8", "<u8", "<f2", ">f2", "<f4", ">f4",
         "<f8", ">f8", "?"]


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("kind", TYPES)
def test_npy(models, tmp_path, kind, order):
    x = np.asarray(X.astype(kind), order=order)
    np.save(tmp_path / "x.npy", x)
    assert np.array_equal(read_back(models / "same.h5", tmp_path / "x.npy"), x.astype("f4"))


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_npy_versions(models, tmp_path, version):
    with open(tmp_path / "x.npy", "wb") as file:
        np.lib.format.write_array(file, X.astype("f4"), version=version)
    assert np.array_equal(read_back(models / "same.h5", tmp_path / "x.npy"), X)


def npz(path, arrays, compression=zipfile.ZIP_STORED, zip64=False):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=zip64) as member:
                np.lib.format.write_array(member, array)
    return path


@pytest.mark.parametrize("zip64", [False, True])
@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("kind", ["<f2", ">f4", "<f8", "u1", ">i4"])
def test_npz(models, tmp_path, kind, compression, zip64):
    x = np.asfortranarray(X.astype(kind))
    npz(tmp_path / "d.npz", {"other": np.arange(3), "x": x}, compression, zip64)
    assert np.array_equal(read_back(models / "same.h5", tmp_path / "d.npz"), X)


def test_npz_streamed(models, tmp_path):
    """Sizes that come after the members, as when NumPy writes to a pipe."""
    class Pipe(io.RawIOBase):
        def __init__(self):
            self.bytes = b""

        def writable(self):
            return True

        def write(self, part):
            self.bytes += bytes(part)
            return len(part)
    pipe = Pipe()
    npz(pipe, {"x": X.astype("f4")}, zipfile.ZIP_DEFLATED)
    (tmp_path / "d.npz").write_bytes(pipe.bytes)
    assert np.array_equal(read_back(models / "same.h5", tmp_path / "d.npz"), X)


@pytest.mark.parametrize("store", [{}, {"chunks": (5, 2, 3)}, {"chunks": True, "compression": "gzip", "shuffle": True},
                                   {"chunks": True, "fletcher32": True}, {"maxshape": (None, *ITEM)}])
@pytest.mark.parametrize("kind", ["<f4", ">f4", "<f2", "<f8", "u1", ">i2", "<i8"])
def test_hdf5(models, tmp_path, kind, store):
    with h5py.File(tmp_path / "d.h5", "w") as file:
        file.create_dataset("x", data=X.astype(kind), **store)
    assert np.array_equal(read_back(models / "same.h5", tmp_path / "d.h5"), X)


def test_hdf5_in_groups(models, tmp_path):
    with h5py.File(tmp_path / "d.h5", "w") as file:
        file["deep/er/images"] = X.astype("f4")
        file["x"] = -X
    assert np.array_equal(read_back(models / "same.h5", tmp_path / "d.h5", "--x", "deep/er/images"), X)


def idx(array, code):
    sizes = b"".join(n.to_bytes(4, "big") for n in array.shape)
    return bytes([0, 0, code, array.ndim]) + sizes + array.astype(array.dtype.newbyteorder(">")).tobytes()


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("code, kind", [(8, "u1"), (9, "i1"), (11, "i2"), (12, "i4"), (13, "f4"), (14, "f8")])
def test_idx(models, tmp_path, code, kind, packed):
    data = idx(X.astype(kind), code)
    path = tmp_path / ("x-idx3" + (".gz" if packed else ""))
    path.write_bytes(gzip.compress(data) if packed else data)
    assert np.array_equal(read_back(models / "same.h5", path), X)


@pytest.mark.parametrize("separator", [",", "\t", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_tables(models, tmp_path, separator, end):
    values = X.reshape(ROWS, 20) / 8 - 3
    lines = [separator.join(f"pixel {i}" for i in range(20))]
    lines += [separator.join(f"{v:.7g}" if n % 3 else f" {v:e} " for n, v in enumerate(row)) for row in values]
    path = tmp_path / "d.csv"
    path.write_bytes(("\ufeff" if end == "\r\n" else "").encode() + (end.join(lines) + end).encode())
    columns = [w for i in range(20) for w in ("--x", f"pixel {i}")]
    assert np.array_equal(read_back(models / "flat.h5", path, *columns), values.astype("f4"))
    assert np.array_equal(read_back(models / "same.h5", path, *columns), values.astype("f4").reshape(X.shape))


def test_every_form_gives_one_result(models, tmp_path):
    """With labels: the same figures from all of them."""
    x = X.reshape(ROWS, 20).astype("f4") / 16
    y = np.arange(ROWS) % 4
    np.savez(tmp_path / "a.npz", x=x, y=y)
    np.savez_compressed(tmp_path / "b.npz", x_test=x, y_test=y.astype("u1"), x_train=-x[:3], y_train=y[:3])
    np.savez(tmp_path / "hot.npz", x=x, y=np.eye(4)[y])
    with h5py.File(tmp_path / "c.h5", "w") as file:
        file["x_test"], file["y_test"], file["x_train"] = x, y, -x
    (tmp_path / "t-images-idx2-float").write_bytes(idx(x, 13))
    (tmp_path / "t-labels-idx1-float").write_bytes(idx(y.astype("u1"), 8))
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "y.npy", y)
    with open(tmp_path / "d.csv", "w", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(["y", *(f"c{i}" for i in range(20))])
        writer.writerows([k, *map(repr, map(float, row))] for k, row in zip(y, x))
    with open(tmp_path / "words.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*(f"c{i}" for i in range(20)), "what, it is"])
        writer.writerows([*map(float, row), ["ape", "bee", "cat", 'd "o" g'][k]] for k, row in zip(y, x))
    reports = {}
    for name, *options in (["a.npz"], ["b.npz"], ["hot.npz"], ["c.h5"], ["t-images-idx2-float"], ["x.npy", "--y", tmp_path / "y.npy"],
                           ["d.csv"], ["words.csv"]):
        reports[name] = tool.report("eval", models / "classes.h5", "--data", tmp_path / name, *options)
    metrics = {name: report["metrics"] for name, report in reports.items()}
    assert all(m == metrics["a.npz"] for m in metrics.values()), metrics
    with h5py.File(models / "classes.h5") as file:
        kernel, bias = (file[f"model_weights/scores/scores/{v}"][()].astype("f8") for v in ("kernel", "bias"))
    scores = x @ kernel + bias
    assert metrics["a.npz"]["correct"] == np.sum(scores.argmax(-1) == y)
    scores -= scores.max(-1, keepdims=True)
    p = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    expected = -np.log(np.maximum(p[np.arange(ROWS), y], 1e-7)).mean()
    assert metrics["a.npz"]["loss"] == pytest.approx(expected, rel=1e-5)


def test_words_are_classes_in_alphabetical_order(models, tmp_path):
    x, words = X.reshape(ROWS, 20).astype("f4"), np.array(["zebra", "ant", "möwe", "bee"])[np.arange(ROWS) % 4]
    np.savez(tmp_path / "d.npz", x=x, y=words)
    with h5py.File(tmp_path / "d.h5", "w") as file:
        file["x"] = x
        file.create_dataset("y", data=[w.encode() for w in words], dtype=h5py.string_dtype())
    number = np.unique(words, return_inverse=True)[1]
    np.savez(tmp_path / "n.npz", x=x, y=number)
    wanted = tool.report("eval", models / "classes.h5", "--data", tmp_path / "n.npz")["metrics"]
    for name in ("d.npz", "d.h5"):
        report = tool.report("eval", models / "classes.h5", "--data", tmp_path / name, "--per-class")
        assert report["metrics"] == wanted
        assert [c["class"] for c in report["per_class"]] == ["ant", "bee", "möwe", "zebra"]


# MARK: Shapes and values

@pytest.mark.parametrize("model, shape", [
    ("flat.h5", (4, 5)), ("flat.h5", (20, 1)), ("flat.h5", (4, 5, 1)), ("same.h5", (4, 5, 1)), ("same.h5", (1, 4, 5))])
def test_items_are_bent_where_that_alone_makes_shapes_agree(models, tmp_path, model, shape):
    np.save(tmp_path / "x.npy", X.reshape(ROWS, *shape).astype("f4"))
    made = read_back(models / model, tmp_path / "x.npy")
    assert made.shape[1:] == ((20,) if model == "flat.h5" else ITEM) and np.array_equal(made.ravel(), X.ravel())


IMAGES = np.random.default_rng(4).integers(0, 256, (7, 4, 6, 3)).astype("u1")


@pytest.mark.parametrize("options, formula", [
    (["--scale", "1/255"], lambda x: x / np.float32(255)),
    (["--scale", "0.25"], lambda x: x * np.float32(0.25)),
    (["--mean", "1,2,3"], lambda x: x - np.float32([1, 2, 3])),
    (["--mean", "100", "--std", "7"], lambda x: (x - np.float32(100)) / np.float32(7)),
    (["--scale", "1/255", "--mean", "0.5,0.4,0.3", "--std", "0.2,0.25,0.3"],
     lambda x: (x / np.float32(255) - np.float32([0.5, 0.4, 0.3])) / np.float32([0.2, 0.25, 0.3])),
    (["--preprocess", "tf"], lambda x: x / np.float32(127.5) - np.float32(1)),
    (["--preprocess", "torch"],
     lambda x: (x / np.float32(255) - np.float32([0.485, 0.456, 0.406])) / np.float32([0.229, 0.224, 0.225])),
    (["--preprocess", "caffe"], lambda x: x[..., ::-1] - np.float32([103.939, 116.779, 123.68])),
])
@pytest.mark.parametrize("layout", ["nhwc", "nchw"])
def test_values_are_prepared_as_keras_does(models, tmp_path, options, formula, layout):
    stored = IMAGES if layout == "nhwc" else IMAGES.transpose(0, 3, 1, 2)
    np.save(tmp_path / "x.npy", stored)
    made = read_back(models / "image.h5", tmp_path / "x.npy", *options, "--layout", layout)
    np.testing.assert_allclose(made, formula(IMAGES.astype("f4")), rtol=1e-6, atol=1e-6)


def test_sizes_that_the_model_leaves_open(models, tmp_path):
    np.save(tmp_path / "x.npy", IMAGES)
    assert np.array_equal(read_back(models / "open.h5", tmp_path / "x.npy"), IMAGES)


# MARK: Parts

@pytest.mark.parametrize("options, rows", [
    ([], slice(18, 23)), (["--split", "test"], slice(18, 23)), (["--split", "train"], slice(0, 18)),
    (["--split", "all"], slice(0, 23)), (["--split", "train", "--limit", "5"], slice(0, 5)), (["--limit", "99"], slice(18, 23))])
def test_parts(models, tmp_path, options, rows):
    np.savez(tmp_path / "d.npz", x_train=X[:18], x_test=X[18:])
    assert np.array_equal(read_back(models / "same.h5", tmp_path / "d.npz", *options), X[rows])


def test_a_test_part_of_its_own_file(models, tmp_path):
    np.savez(tmp_path / "train.npz", x=X[:10])
    np.savez(tmp_path / "test.npz", x=X[10:])
    made = read_back(models / "same.h5", tmp_path / "train.npz", "--test-data", tmp_path / "test.npz")
    assert np.array_equal(made, X[10:])


@pytest.mark.parametrize("batch", [1, 7, 23, 5000])
def test_batches_of_any_size(models, tmp_path, batch):
    """Larger than the data too."""
    np.savez_compressed(tmp_path / "d.npz", x=X)
    assert np.array_equal(read_back(models / "same.h5", tmp_path / "d.npz", "--batch-size", batch), X)


def test_predictions_as_a_table(models, tmp_path):
    np.save(tmp_path / "x.npy", X.reshape(ROWS, 20) / 7)
    tool.run("eval", models / "flat.h5", "--data", tmp_path / "x.npy", "--predictions", tmp_path / "out.csv", "-q")
    rows = list(csv.reader(open(tmp_path / "out.csv")))
    assert len(rows) == ROWS + 1 and len(rows[0]) == 20
    assert np.array_equal(np.array(rows[1:], "f8").astype("f4"), (X.reshape(ROWS, 20) / 7).astype("f4"))


# MARK: Names

def test_names_with_commas(models, tmp_path):
    """Files, arrays and columns may have commas in their names; what nothing is called by is a list."""
    x, y = X.reshape(ROWS, 20).astype("f4") / 16, np.arange(ROWS) % 4
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "labels, new=1.npy", y)
    np.savez(tmp_path / "d.npz", **{"a,b": x, "c": y})
    wanted = tool.report("eval", models / "classes.h5", "--data", tmp_path / "x.npy", "--y", tmp_path / "labels, new=1.npy")["metrics"]
    assert wanted["total"] == ROWS
    found = tool.report("eval", models / "classes.h5", "--data", tmp_path / "d.npz", "--x", "a,b", "--y", "c")["metrics"]
    assert found == wanted
    with open(tmp_path / "d.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([f"c,{i}" for i in range(20)] + ["what, it is"])
        writer.writerows([*map(float, row), k] for k, row in zip(y, x))
    columns = [w for i in range(20) for w in ("--x", f"c,{i}")]
    found = tool.report("eval", models / "classes.h5", "--data", tmp_path / "d.csv", *columns, "--y", "what, it is")["metrics"]
    assert found == wanted
    plain = tmp_path / "plain.csv"
    plain.write_text("\n".join([",".join("abcd"), *(f"{a},{b},{c},{k}" for (a, b, c), k in zip(x[:, :3], y % 3))]) + "\n")
    bare_models.identity(tmp_path / "three.h5", 3)
    assert np.array_equal(read_back(tmp_path / "three.h5", plain, "--x", "c,a,b", "--y", "d"), x[:, [2, 0, 1]])


@pytest.mark.parametrize("form", ["npz", "h5", "csv", "npy", "idx"])
def test_weights_of_every_form(models, tmp_path, form):
    x, y = X.reshape(ROWS, 20).astype("f4") / 16, np.arange(ROWS) % 4
    w = (np.arange(ROWS) % 5).astype("u1")
    option, labels = ["--sample-weight", "heft"], []
    path = tmp_path / f"d.{form}"
    if form == "npz":
        np.savez(path, x=x, y=y, heft=w)
    elif form == "h5":
        with h5py.File(path, "w") as file:
            file["x"], file["y"], file["heft"] = x, y, w[:, None]
    elif form == "csv":
        with open(path, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["y", "heft", *(f"c{i}" for i in range(20))])
            writer.writerows([k, h, *map(float, row)] for k, h, row in zip(y, w, x))
    else:
        save = np.save if form == "npy" else lambda p, a: p.write_bytes(idx(a, {"f": 13, "i": 12, "u": 8}[a.dtype.kind]))
        save(path, x)
        save(tmp_path / f"y.{form}", y.astype("i4"))
        save(tmp_path / f"w.{form}", w)
        option, labels = ["--sample-weight", tmp_path / f"w.{form}"], ["--y", tmp_path / f"y.{form}"]
    found = tool.report("eval", models / "classes.h5", "--data", path, *labels, *option)["metrics"]
    with h5py.File(models / "classes.h5") as file:
        kernel, bias = (file[f"model_weights/scores/scores/{v}"][()].astype("f8") for v in ("kernel", "bias"))
    scores = x @ kernel + bias
    scores -= scores.max(-1, keepdims=True)
    p = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    losses = -np.log(np.maximum(p[np.arange(ROWS), y], 1e-7))
    assert found["loss"] == pytest.approx((losses * w).sum() / ROWS, rel=1e-5)
    assert found["correct"] == np.sum(scores.argmax(-1) == y)
