"""Random options of every layer, held against Keras: the cases of layer_cases.py. A test's name has the case and
what was drawn for it; COPPICE_LAYERS, a regular expression, picks some (`^conv2d-`)."""
import functools
import os
import re

import numpy as np
import pytest

import corpora
import evaluating
import products


@functools.cache
def subjects():
    """{id: Job}"""
    found = {}
    for folder, records in corpora.layer_cases():
        for record in records:
            if not re.search(os.environ.get("COPPICE_LAYERS", ""), record["name"]):
                continue
            with np.load(folder / f"{record['name']}.npz") as file:
                xs = [file[f"x{i}"] for i in range(len(record["inputs"]))]
                ys = [file[f"y{i}"] for i in range(len(file.files) - len(xs))]
            for file in record["files"]:
                identity = f"{folder.name[:6]}/{file}-{record['words']}"
                found[identity] = evaluating.Job(identity, folder / file, xs, record["inputs"], record["outputs"], ys)
    return found


@functools.cache
def answers():
    return evaluating.answers(list(subjects().values()), products.folder("eval-layers"))


@pytest.mark.parametrize("name", subjects())
def test_outputs_are_those_of_keras(name):
    answer = answers()[name]
    assert answer.code == 0, answer.said
    assert evaluating.differs(answer.outputs, subjects()[name].expected) is None


def test_there_are_enough_of_them():
    if not os.environ.get("COPPICE_LAYERS"):
        assert len({n.split(".")[0] for n in subjects()}) >= 300
