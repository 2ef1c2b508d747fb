"""`eval` computes what Keras computed, for every model of the corpora in every container they come in."""
import functools

import numpy as np
import pytest

import corpora
import evaluating
import products

# Keras computes these in a type of its own; coppice in float32. A product rounds to 2^-11 and 2^-8 of its size,
# and there are three in a row.
TOLERANCES = {
    "policy_float16": (4e-3, 4e-3), "policy_mixed_float16": (4e-3, 4e-3),
    "policy_bfloat16": (3e-2, 3e-2), "policy_mixed_bfloat16": (3e-2, 3e-2),
}
# The weights of this one are rounded to half precision, its reference is not.
TOLERANCES["float16"] = (4e-3, 4e-3)
# Code of the user's own, which coppice never runs: the layer and its class.
NOT_SUPPORTED = {"lambda_layer": ("lambda", "Lambda"), "custom_many_vars": ("many_vars", "ManyVars")}


def model_name(case):
    return case.path.name.split(".")[0]


@functools.cache
def subjects():
    """{id: (case, Job)}; a model in one container is packed as well."""
    found = {}
    for case in corpora.cases():
        if case.inputs is None:
            continue
        with np.load(case.inputs) as reference:
            xs = [reference[f"x{i}"] for i in range(len(reference.files)) if f"x{i}" in reference]
            ys = [reference[f"y{i}"] for i in range(len(reference.files)) if f"y{i}" in reference]
        whole = case.architecture or case.path
        ports = evaluating.input_names(whole), evaluating.output_names(whole)
        options = ("--config-from", case.architecture) if case.architecture else ()
        paths = {case.id: case.path}
        if case.path.name.endswith((".keras", "/base.h5")) or case.group == "keras1.2.2" and not options:
            paths[f"{case.id} packed"] = products.packed()[case.id].output
        for name, path in paths.items():
            found[name] = (case, evaluating.Job(name, path, xs, *ports, ys, options))
    return found


@functools.cache
def answers():
    return evaluating.answers([job for _, job in subjects().values()], products.folder("eval-corpus"))


@pytest.mark.parametrize("name", subjects())
def test_outputs_are_those_of_keras(name):
    case, job = subjects()[name]
    answer, model = answers()[name], model_name(case)
    if model in NOT_SUPPORTED:
        layer, kind = NOT_SUPPORTED[model]
        assert answer.code == 69 and layer in answer.said and kind in answer.said, answer
        assert len(answer.said.splitlines()) == 1 and answer.outputs == []
        return
    assert answer.code == 0, answer.said
    # Keras itself could not run a few (corpora.py): nothing to hold them against, but they must run.
    if job.expected:
        assert evaluating.differs(answer.outputs, job.expected, *TOLERANCES.get(model, ())) is None
