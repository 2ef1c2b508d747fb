"""`prune` by magnitude, on every file at every sparsity, against NumPy's own global mask, bit by bit."""
import numpy as np
import pytest

import products
import tree
from compare_h5 import differences

SPARSITIES = products.SPARSITIES


@pytest.mark.parametrize("sparsity", SPARSITIES)
def test_the_mask_is_numpys(case, sparsity):
    outcome = products.pruned(sparsity)[case.id]
    if not products.kernels(case.id):
        assert outcome.report is None and "prunable" in outcome.complaint
        return
    said = outcome.good()["sparsity"]
    total = sum(k.size for _, k in products.kernels(case.id))
    zeros = sum(int(np.count_nonzero(k == 0)) for _, k in products.kernels(case.id))
    assert said["of"] == total and said["pruned"] + said["kept"] == total
    assert said["pruned"] == zeros or abs(said["pruned"] - sparsity * total) < 1
    assert said["pruned"] >= zeros
    assert said["achieved"] == pytest.approx(said["pruned"] / total, abs=1e-12)

    after, before = tree.arrays(outcome.output), products.original(case.id)
    wanted, copies = products.expected(case.id, said["pruned"]), products.copies(case.id)
    assert sum(int(np.count_nonzero(tree.numbers(after[p]) == 0)) for p in wanted) == said["pruned"]
    for path, array in before.items():
        if path in wanted and said["pruned"] > zeros:
            kept = wanted[path] != 0
            got = tree.numbers(after[path])
            assert np.array_equal(got != 0, kept), path
            assert np.asarray(after[path])[kept].tobytes() == np.asarray(array)[kept].tobytes(), path
            assert not np.signbit(got[~kept]).any(), path
        elif np.asarray(after[path]).tobytes() != np.asarray(array).tobytes():
            assert path in copies and np.asarray(after[path]).tobytes() == np.asarray(after[copies[path]]).tobytes(), path


def test_nothing_else_changes(case):
    outcome = products.pruned(0.9)[case.id]
    if outcome.report is None:
        assert not products.kernels(case.id), outcome.complaint
        return
    kernels = {"/" + p for p, _ in products.kernels(case.id)} | {"/" + p for p in products.copies(case.id)}
    assert differences(case.path, outcome.output, lambda p: p in kernels or "/" + p in kernels) == []


@pytest.mark.parametrize("sparsity", SPARSITIES)
def test_packed_and_unpacked_it_is_the_same_container(case, sparsity):
    direct = products.pruned(sparsity)[case.id]
    if direct.report is None:
        assert products.pruned_packed(sparsity)[case.id].report is None
        return
    assert products.pruned_packed(sparsity)[case.id].good()["sparsity"] == direct.report["sparsity"]
    assert differences(direct.output, products.unpacked_pruned(sparsity)[case.id].output) == []
