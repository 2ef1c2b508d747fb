"""The Keras that wrote a file opens what coppice made of it, and computes what it should."""
import pytest

import corpora
import products

TOLERANCE = 1e-6


def verdict_of(case):
    if case.judge is None or not case.loads:
        pytest.skip("no Keras of today opens the file itself")
    verdict = products.verdicts()[case.id]
    assert verdict["error"] is None, verdict["error"]
    return verdict


def test_keras_sees_the_same_prunable_weights(case):
    if case.judge is None or not case.loads or not case.has_config or case.path.name in corpora.KERAS3_UNTIES:
        pytest.skip("no live model to count in")
    verdict, report = verdict_of(case), products.inspected()[case.id].good()
    assert (report["prunable"], report["zeros"]) == (verdict["prunable"], verdict["zeros"])


def test_keras_opens_every_output_with_equal_results(case):
    verdict = verdict_of(case)
    has_kernels = bool(products.kernels(case.id))
    assert len(verdict["outputs"]) == (len(products.SPARSITIES) + 3 if has_kernels else 1)
    for output in verdict["outputs"]:
        assert output["error"] is None, output
        assert output["weights_differ"] == 0, output
        assert output["max_error"] <= TOLERANCE, output
