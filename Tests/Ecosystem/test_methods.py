"""Criteria, scopes, N:M and masks against NumPy, on networks of the fixtures and of both corpora."""
import h5py
import numpy as np
import pytest

import corpora
import numpy_pruning as reference
import products
import tool
import tree

# Networks of Dense layers in a row, so that lookahead's neighbours are plain.
CHAINS = ["lenet_300_100.keras", "dense_many_12.legacy.h5"]
SOME = ["lenet_300_100.keras", "dsconv.keras", "row_lstm.keras", "mmsplice_intron3.h5", "str_ww_ref_model.h5"]


def case_named(name):
    found = [c for c in corpora.cases() if c.path.name == name]
    if not found:
        pytest.skip(f"{name} is in ../shared or a corpus made by it")
    return found[0]


def kept(case, output):
    after = tree.arrays(output)
    return [tree.numbers(after[p]) != 0 for p, _ in products.kernels(case.id)]


def prune(case, tmp_path, *options, name="out"):
    out = tmp_path / (name + "".join(case.path.suffixes[-1:]))
    return tool.report("prune", case.path, *options, "-o", out), out


@pytest.mark.parametrize("name", SOME)
@pytest.mark.parametrize("sparsity", [0.5, 0.9, 0.98])
def test_lamp(name, sparsity, tmp_path):
    case = case_named(name)
    weights = [k for _, k in products.kernels(case.id)]
    report, out = prune(case, tmp_path, "--criterion", "lamp", "--sparsity", sparsity)
    wanted = reference.lamp(weights, report["sparsity"]["pruned"])
    for (path, _), got, want in zip(products.kernels(case.id), kept(case, out), wanted):
        assert np.array_equal(got, want), path


@pytest.mark.parametrize("name", SOME)
def test_layer_scope_takes_the_same_share_of_each(name, tmp_path):
    case = case_named(name)
    report, out = prune(case, tmp_path, "--scope", "layer", "--sparsity", 0.8)
    for (path, k), got in zip(products.kernels(case.id), kept(case, out)):
        gone = int(k.size - got.sum())
        assert abs(gone - 0.8 * k.size) < 1, path
        assert np.array_equal(got, reference.magnitude([k], gone)[0]), path


@pytest.mark.parametrize("name", CHAINS)
def test_lookahead_in_a_chain_of_dense_layers(name, tmp_path):
    case = case_named(name)
    weights = [k for _, k in products.kernels(case.id)]
    report, out = prune(case, tmp_path, "--criterion", "lookahead", "--scope", "layer", "--sparsity", 0.7)
    for (path, k), score, got in zip(products.kernels(case.id), reference.lookahead_scores(weights), kept(case, out)):
        wanted = reference.lowest([score], int(k.size - got.sum()))[0]
        differing = np.flatnonzero(got != wanted)
        # Sums run in another order here: only weights whose scores agree to rounding may change places.
        scores = score.ravel()[differing]
        assert differing.size == 0 or np.ptp(scores) <= 1e-5 * scores.max(), (path, differing.size)


@pytest.mark.parametrize("name", ["mlp_input_shape_kw.h5", "bn_dense.legacy.h5"])
def test_lookahead_folds_batch_normalisation_in(name, tmp_path):
    """Dense, BatchNormalization, Dense: rows of the second kernel count with (gamma / sqrt(variance))²."""
    case = case_named(name)
    tensors = products.inspected()[case.id].good()["tensors"]
    arrays = products.original(case.id)
    roles = {t["role"]: arrays[t["path"]].astype("f8") for t in tensors if t["class"] == "BatchNormalization"}
    (_, first), (path, second) = products.kernels(case.id)[-2:]
    a, b = reference.lookahead_scores([first, second])
    factors = []
    for epsilon in (1e-10, 1e-3):  # the authors' code; the layer's own
        factors.append((roles["gamma"] / np.sqrt(roles["moving_variance"] + epsilon)) ** 2)
    _, out = prune(case, tmp_path, "--criterion", "lookahead", "--scope", "layer", "--sparsity", 0.5)
    got_first, got_second = kept(case, out)[-2:]
    for factor in factors:
        first_wanted = reference.lowest([a * factor[None, :]], int(first.size - got_first.sum()))[0]
        second_wanted = reference.lowest([b * factor[:, None]], int(second.size - got_second.sum()))[0]
        if np.array_equal(got_first, first_wanted) and np.array_equal(got_second, second_wanted):
            return
    pytest.fail(f"{path}: neither epsilon gives this mask")


@pytest.mark.parametrize("name", SOME)
def test_two_of_four(name, tmp_path):
    case = case_named(name)
    _, out = prune(case, tmp_path, "--nm", "2:4")
    classes = {t["path"]: t["class"] for t in products.inspected()[case.id].good()["tensors"]}
    for (path, k), got in zip(products.kernels(case.id), kept(case, out)):
        axes = 2 if classes[path].startswith("Depthwise") else 1
        full = reference.as_matrix(k, axes).shape[0] // 4 * 4
        wanted = reference.n_of_m(k, 2, 4, axes)
        assert np.array_equal(reference.as_matrix(got, axes)[:full], reference.as_matrix(wanted, axes)[:full]), path


def test_random_depends_on_the_seed_alone(tmp_path):
    case = case_named("lenet_300_100.keras")
    masks = []
    for number, seed in enumerate((0, 0, 1)):
        report, out = prune(case, tmp_path, "--criterion", "random", "--sparsity", 0.9, "--seed", seed, name=str(number))
        masks.append(np.concatenate([m.ravel() for m in kept(case, out)]))
        assert report["sparsity"]["kept"] == masks[-1].sum()
    assert np.array_equal(masks[0], masks[1]) and not np.array_equal(masks[0], masks[2])
    # Two independent masks keep about a tenth of a tenth in common.
    assert 0.005 < np.mean(masks[0] & masks[2]) < 0.015


def test_keep_and_threshold(tmp_path):
    case = case_named("lenet_300_100.keras")
    report, out = prune(case, tmp_path, "--keep", 12345, name="keep")
    assert report["sparsity"]["kept"] == 12345 == sum(int(m.sum()) for m in kept(case, out))
    report, out = prune(case, tmp_path, "--threshold", 0.05, name="threshold")
    for (path, k), got in zip(products.kernels(case.id), kept(case, out)):
        assert np.array_equal(got, np.abs(k) >= np.float32(0.05)) or np.array_equal(got, np.abs(k.astype("f8")) >= 0.05), path


@pytest.mark.parametrize("ending", ["h5", "csrm"])
def test_masks_out_and_in_again(ending, tmp_path):
    case = case_named("dsconv.keras")
    mask, first, second = tmp_path / f"mask.{ending}", tmp_path / "first.keras", tmp_path / "second.keras"
    tool.run("prune", case.path, "--sparsity", 0.85, "--criterion", "lamp", "--mask-out", mask, "-o", first)
    tool.run("prune", case.path, "--mask-in", mask, "-o", second)
    assert first.read_bytes() == second.read_bytes()
    if ending == "csrm":
        tool.run("unpack", mask, "-o", tmp_path / "mask.h5")
    with h5py.File(tmp_path / "mask.h5") as file:
        found = []
        file.visititems(lambda name, item: found.append(item[()]) if isinstance(item, h5py.Dataset) else None)
    assert {m.dtype.name for m in found} == {"uint8"} and set(np.unique(np.concatenate([m.ravel() for m in found]))) == {0, 1}
    assert sum(int(m.sum()) for m in found) == sum(int(m.sum()) for m in kept(case, first))


def test_target_size_is_met_by_the_real_file(tmp_path):
    case, out = case_named("lenet_300_100.keras"), tmp_path / "small.csrm"
    report = tool.report("prune", case.path, "--target-size", "100KB", "-o", out)
    size = out.stat().st_size
    assert 90_000 < size <= 100_000 == report["output"]["bytes"] + (100_000 - size)


def test_a_pattern_sets_its_own_sparsity(tmp_path):
    case = case_named("lenet_300_100.keras")
    names = [t["name"] for t in products.inspected()[case.id].good()["tensors"] if t["prunable"]]
    _, out = prune(case, tmp_path, "--sparsity", 0.9, "--set", f"{names[-1]}=0.5")
    (path, k), last = products.kernels(case.id)[-1], kept(case, out)[-1]
    assert int(last.sum()) == k.size // 2


@pytest.mark.parametrize("name", ["row_lstm.keras", "mmsplice_intron3.h5"])
def test_the_number_of_threads_changes_nothing(name, tmp_path):
    case = case_named(name)
    for ending in (case.path.suffix, ".csrm"):
        made = []
        for threads in (1, 2):
            out = tmp_path / f"{threads}{ending}"
            tool.run("prune", case.path, "--sparsity", 0.9, "--criterion", "lamp", "--threads", threads, "-o", out)
            made.append(out.read_bytes())
        assert made[0] == made[1], ending
