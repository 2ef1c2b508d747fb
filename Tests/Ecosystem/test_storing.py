"""--store deflate and --strip-optimizer; that Keras opens the results is judged in test_keras."""

import products
import tree

WORTH_DEFLATING = 100_000


def test_deflated_output_is_smaller(case):
    if not products.kernels(case.id) or case.path.stat().st_size < WORTH_DEFLATING:
        return
    plain = products.pruned(0.9)[case.id].output.stat().st_size
    small = products.deflated()[case.id].output.stat().st_size
    # A chunk and its index cost some hundred bytes: tensors smaller than that stay as they are.
    gains = not tree.has_filters(case.path) and max(a.nbytes for a in tree.arrays(case.path).values()) >= 4096
    assert small < plain if gains else small <= plain


def test_deflated_output_holds_the_same_arrays(case):
    if not products.kernels(case.id):
        return
    a, b = tree.arrays(products.pruned(0.9)[case.id].output), tree.arrays(products.deflated()[case.id].output)
    assert list(a) == list(b)
    for path in a:
        assert a[path].dtype == b[path].dtype and a[path].tobytes() == b[path].tobytes(), path


def test_stripped_output_has_no_optimizer_and_all_else(case):
    if not products.kernels(case.id):
        return
    whole, rest = products.original(case.id), tree.arrays(products.stripped()[case.id].output)
    assert list(rest) == [p for p in whole if not tree.is_optimizer(p.removeprefix("model.weights.h5/"))]
