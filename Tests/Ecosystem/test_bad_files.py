"""The hostile files of make_bad_files.py: the right exit code, one clear line, in time, in bounds, nothing left."""
import json
import os

import pytest

import corpora
import tool

# The classes of the manifest whose failure has this exit code.
CODES = {
    "wrong-type": 65, "corrupt": 65, "refused": 65, "mismatch": 65, "bad-config": 65, "bad-values": 65,
    "not-a-model": 65, "unsupported": 69, "io": 66,
}
# Where the manifest says that refusing, or reading, is as good.
EITHER = {
    "prefixed.keras", "zip_traversal.keras", "zip_symlink.keras", "link_soft_inside.h5", "filter_lzf.h5",
    "filter_szip.h5", "filter_zstd_plugin.h5", "hdf5_not_keras.h5", "side.h5",
}


def entries():
    if not corpora.HAS_SHARED:
        return []
    corpora.make()
    return json.loads((corpora.scratch() / "bad/manifest.json").read_text())


ENTRIES = entries()


@pytest.mark.parametrize("verb", ["inspect", "prune"])
@pytest.mark.parametrize("entry", ENTRIES, ids=[e["file"] for e in ENTRIES])
def test_bad_file(entry, verb, tmp_path):
    path = corpora.scratch() / "bad" / entry["file"]
    out = tmp_path / "out.csrm"
    arguments = [verb, path] if verb == "inspect" else [verb, path, "--sparsity", "0.5", "-o", out]
    done = tool.bounded(arguments, entry["max_seconds"], tmp_path)
    said = done.err.decode("utf-8", "strict")
    assert done.seconds <= entry["max_seconds"]
    assert done.rss_mb is None or done.rss_mb <= entry["max_rss_mb"]
    assert not any(c < " " and c != "\n" for c in said + done.out.decode("utf-8", "strict")), "raw control characters"

    wanted = {0} if entry[verb] == "ok" else {CODES[entry["class"]]}
    if entry["file"] in EITHER or (entry["file"].startswith("dtype_") and entry["class"] == "unsupported"):
        wanted |= {0, 65, 69}
    assert done.code in wanted, said
    if done.code == 0:
        assert verb == "inspect" or out.exists()
        return
    lines = said.splitlines()
    assert len(lines) == 1 and lines[0].startswith("coppice: "), said
    if entry["says"]:
        assert any(word in said.lower() for word in entry["says"]), (said, entry["says"])
    assert sorted(os.listdir(tmp_path)) in ([], ["rss"]), "something was left"


@pytest.mark.skipif(not corpora.HAS_SHARED, reason="for want of ../shared")
def test_nothing_outside_was_read(tmp_path):
    """Links of the corpus point at files outside it, such as /etc/passwd: they are refused, by whatever reads them."""
    outside = [e["file"] for e in ENTRIES if e["class"] == "refused" and "external" in e["file"]]
    assert outside
    for number, name in enumerate(outside):
        path = corpora.scratch() / "bad" / name
        for verb in (["inspect", path], ["prune", path, "--sparsity", "0.5", "-o", tmp_path / f"{number}.h5"],
                     ["convert", path, "--to", "hdf5", "-o", tmp_path / f"{number}.hdf5"]):
            assert tool.run(*verb, ok=False).returncode == 65, (verb[0], name)
    assert not os.listdir(tmp_path)


@pytest.mark.skipif(not corpora.HAS_SHARED, reason="for want of ../shared")
def test_nan_weights_are_kept_when_allowed(tmp_path):
    out = tmp_path / "out.h5"
    tool.run("prune", corpora.scratch() / "bad/values_nan.h5", "--sparsity", 0.5, "--allow-nonfinite", "-o", out)
    report = tool.report("inspect", out)
    assert report["nonfinite"] == 1 and report["sparsity"] == 0.5
