"""`inspect --json` against what h5py and NumPy count in the same file."""
import math

import numpy as np

import products
import tree

DTYPES = {"float16": "float16", "float32": "float32", "float64": "float64", "int64": "int64", "int32": "int32"}


def close(a, b, scale):
    return a == b or math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-7 * scale)


def test_every_dataset_is_listed_with_its_shape_and_counts(case):
    report = products.inspected()[case.id].good()
    arrays = products.original(case.id)
    listed = {t["path"]: t for t in report["tensors"]}
    assert sorted(listed) == sorted(p for p, a in arrays.items() if is_tensor(a))
    for path, tensor in listed.items():
        a = np.asarray(arrays[path])
        assert tensor["shape"] == list(a.shape), path
        assert tensor["count"] == a.size, path
        assert tensor["bytes"] == a.nbytes, path
        if a.dtype == np.dtype("V2"):
            assert tensor["dtype"] == "bfloat16", path
        else:
            assert tensor["dtype"].startswith(a.dtype.newbyteorder("=").name), path
        v = tree.numbers(a)
        assert tensor["zeros"] == np.count_nonzero(v == 0), path
        if v.dtype.kind == "f" and v.size:
            w = v.astype("f8")
            scale = float(np.abs(w).max())
            assert tensor["min"] == w.min() and tensor["max"] == w.max(), path
            assert close(tensor["mean"], w.mean(), scale), path
            assert close(tensor["abs_mean"], np.abs(w).mean(), scale), path
            assert close(tensor["std"], w.std(), scale), path
            assert tensor["nan"] == 0 and tensor["inf"] == 0, path
        assert close(tensor["sparsity"] or 0, tensor["zeros"] / max(1, a.size), 1), path


def is_tensor(array):
    """Numbers; Keras's files hold nothing else in datasets."""
    return np.asarray(array).dtype.kind in "fiu" or tree.is_real(array)


def test_totals_are_those_of_the_tensors(case):
    report = products.inspected()[case.id].good()
    model = [t for t in report["tensors"] if t["role"] != "optimizer"]
    prunable = [t for t in report["tensors"] if t["prunable"]]
    assert report["bytes"] == case.path.stat().st_size
    assert report["nonfinite"] == 0
    assert report["parameters"] == sum(t["count"] for t in model)
    assert report["prunable"] == sum(t["count"] for t in prunable)
    assert report["zeros"] == sum(t["zeros"] for t in prunable)
    if report["prunable"]:
        assert close(report["sparsity"], report["zeros"] / report["prunable"], 1)
    if report["parameters"]:
        assert close(report["overall_sparsity"], sum(t["zeros"] for t in model) / report["parameters"], 1)


def test_the_container_is_told_by_content(case):
    name, container = case.path.name, products.inspected()[case.id].good()["container"]
    if name.endswith(".keras"):
        assert container == "keras-archive"
    elif case.has_config:
        assert container == "keras-h5"
    elif name.endswith(".weights.h5"):
        assert container == "keras3-weights-h5"
    else:
        assert container == "keras-weights-h5"


def test_optimizer_state_is_no_weight(case):
    for tensor in products.inspected()[case.id].good()["tensors"]:
        assert (tensor["role"] == "optimizer") == tree.is_optimizer(inside(tensor["path"])), tensor["path"]


def inside(path):
    return path.removeprefix("model.weights.h5/")


def test_a_file_without_config_offers_its_tensors_of_rank_two(case):
    if case.has_config:
        return
    for tensor in products.inspected()[case.id].good()["tensors"]:
        is_float = tensor["dtype"] == "bfloat16" or tensor["dtype"].startswith("float")
        wanted = is_float and len(tensor["shape"]) >= 2 and tensor["role"] != "optimizer"
        assert tensor["prunable"] == wanted, tensor["path"]
