"""`pack` and `unpack` give back the very same container; `verify` says so."""

import products
from compare_h5 import differences


def test_unpack_gives_back_the_container(case):
    products.packed()[case.id].good()
    assert differences(case.path, products.unpacked_whole()[case.id].output) == []


def test_the_name_and_size_reported_are_those_on_disk(case):
    report = products.packed()[case.id].good()
    assert report["output"]["bytes"] == products.packed()[case.id].output.stat().st_size
    assert report["input"]["bytes"] == case.path.stat().st_size


def test_verify_finds_nothing(case):
    products.packed()[case.id].good()
    if products.pruned_packed(0.9)[case.id].report is None:
        assert not products.kernels(case.id)
        return
    for done in products.verified()[case.id]:
        assert done.returncode == 0, done.stderr.decode()


def test_packing_costs_next_to_nothing(case):
    """Never much over the input: a kilobyte for what a small file has to say of itself."""
    report = products.packed()[case.id].good()
    assert report["output"]["bytes"] <= report["input"]["bytes"] * 1.01 + 1024
