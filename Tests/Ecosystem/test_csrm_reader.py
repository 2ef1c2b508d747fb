"""The page csrm(5) is enough: a reader written from it alone reads what coppice writes, and refuses what the
page says must be refused."""
import io
import json
import zipfile
import zlib

import h5py
import numpy as np
import pytest

import csrm as csrm_reader
import products
import tool
from corpora import ROOT

GOLDEN = ROOT / "fixtures" / "csrm"
GOOD = sorted((GOLDEN / "good").glob("*.csrm"))
REFUSED = sorted((GOLDEN / "refused").glob("*.csrm"))


@pytest.mark.parametrize("path", GOOD, ids=lambda p: p.stem)
def test_good_files_hold_what_they_held(path):
    file = csrm_reader.File(path.read_bytes())
    expected = json.loads(path.with_suffix(".json").read_text())
    assert len(file.entries) == len(expected["entries"])
    for entry, line in zip(file.entries, expected["entries"]):
        assert (entry.kind, entry.name, list(entry.shape), entry.encoding, entry.nonzeros) == (
            line["kind"], line["name"], line["shape"], line["encoding"], line["nonzeros"])
        if "bytes" in line:
            assert file.decoded(entry).hex() == line["bytes"]
        else:
            with pytest.raises(csrm_reader.Unknown):
                file.decoded(entry)
    for entry in file.of(2):
        assert file.document(entry).objects
    original = file.original()
    assert (original.hex() if original is not None else None) == expected.get("original")
    if path.stem != "later-version":
        assert file.container()["kind"] == ("keras-archive" if path.stem == "archive" else "hdf5")


@pytest.mark.parametrize("path", REFUSED, ids=lambda p: p.stem)
def test_refused_files_are_refused(path):
    with pytest.raises(csrm_reader.Refused):
        file = csrm_reader.File(path.read_bytes())
        for entry in file.entries:
            file.decoded(entry)
        for entry in file.of(2):
            file.document(entry)


def read_all(data):
    file = csrm_reader.File(data)
    for entry in file.entries:
        file.decoded(entry)
    return file


# Of the coded files one byte in 61: decoding them takes Python its time.
@pytest.mark.parametrize("name, step", [("encodings", 1), ("bytes-exact", 1), ("static", 61), ("pool", 61), ("small", 61), ("mixed", 211)])
def test_every_changed_byte_is_found(name, step):
    data = (GOLDEN / "good" / f"{name}.csrm").read_bytes()
    read_all(data)
    for at in range(0, len(data), step):
        changed = bytearray(data)
        changed[at] ^= 1 << at % 8
        with pytest.raises(csrm_reader.Refused):
            read_all(changed)
    for length in range(0, len(data), step):
        with pytest.raises(csrm_reader.Refused):
            csrm_reader.File(data[:length])


def test_the_archive_says_what_zip_said():
    file = csrm_reader.File((GOLDEN / "good" / "archive.csrm").read_bytes())
    container = file.container()
    assert container["archive"] == {"prefix": b"#!/bin/sh\n", "comment": b"\xff\0"}
    parts = container["parts"]
    assert [p["name"] for p in parts] == [b"metadata.json", b"model.weights.h5", b"assets/", b"config.json"]
    assert [p["content"] for p in parts] == ["blob", "document", "blob", "blob"]
    assert [p["member"] and p["member"]["method"] for p in parts] == [0, 8, 0, None]
    assert file.decoded(parts[0]["entry"]) == b'{"keras_version": "3.0"}'
    document = file.document(parts[1]["entry"])
    assert document.user_block == b"#" * 512
    links = dict(document.objects[0]["links"])
    assert links[b"loop"] == 0 and links[b"gone"] == b"/no/such" and links[b"alias"] == 2
    assert document.objects[links[b"never"]]["value"] == ("unwritten", None)
    kind, tensor = document.objects[links[b"alias"]]["value"]
    assert kind == "tensor" and tensor.name == r"model.weights.h5/\xff\\A"


def test_unusual_marks_of_names_are_told():
    """As Tests/CSRMTests/Models.swift makes them."""
    file = csrm_reader.File((GOLDEN / "good" / "name-marks.csrm").read_bytes())
    assert file.version == (1, 1) and file.marks_names
    root, dataset = file.document(file.of(2)[0]).objects
    assert [name for name, _ in root["links"]] == [b"plain", b"marked", "größe".encode(), "größer".encode(), b"\xff"]
    assert root["link_marks"] == [0, 1, 1, 0, 0]
    assert list(root["attributes"]) == [b"a", "ä".encode()] and root["attribute_marks"] == [1, 1]
    assert list(dataset["attributes"]) == [b"unit"] and dataset["attribute_marks"] == [1]


def documents(file):
    """(name in the archive, tree) of each document."""
    return [(p["name"].decode(), file.document(p["entry"])) for p in file.container()["parts"] if p["content"] == "document"]


def is_read(entry):
    """Plain Python decodes some thousand elements a second of the coders that learn: their large tensors are left to
    `unpack`, which test_pack.py looks at, but for some."""
    return entry.encoding not in (4, 5) or entry.count <= 500 or entry.count <= 10_000 and zlib.crc32(entry.name.encode()) % 16 == 0


def same(file, document, number, node, seen):
    """An object and all below it, against h5py's."""
    if number in seen:
        return
    seen.add(number)
    found = document.objects[number]
    assert {k.decode() for k in found["attributes"]} == set(node.attrs), node.name
    if isinstance(node, h5py.Group):
        assert found["kind"] == "group"
        assert {k.decode() for k, _ in found["links"]} == set(node), node.name
        for name, target in found["links"]:
            if not isinstance(target, bytes):
                same(file, document, target, node[name.decode()], seen)
    elif isinstance(node, h5py.Dataset):
        kind, value = found["value"]
        shape = node.shape
        assert (found["space"][0] if found["space"] else found["space"]) == shape, node.name
        if kind == "tensor":
            assert value.shape == shape
            # h5py reads bytes of no meaning (bfloat16) as they are, and so does this reader.
            if is_read(value):
                assert file.decoded(value) == np.ascontiguousarray(node[()]).tobytes(), node.name
        elif kind == "plain":
            assert value == np.ascontiguousarray(node[()]).tobytes(), node.name


def test_what_is_packed_is_what_h5py_reads(case):
    path = products.packed()[case.id].output
    file = csrm_reader.File(path.read_bytes())
    trees = documents(file)
    if zipfile.is_zipfile(case.path):
        archive = zipfile.ZipFile(case.path)
        assert [p["name"].decode() for p in file.container()["parts"]] == archive.namelist()
        for part in file.container()["parts"]:
            if part["content"] == "blob":
                assert file.decoded(part["entry"]) == archive.read(part["name"].decode())
        opened = [io.BytesIO(archive.read(name)) for name, _ in trees]
    else:
        opened = [case.path]
    assert len(opened) == len(trees)
    for source, (_, document) in zip(opened, trees):
        with h5py.File(source, "r") as original:
            same(file, document, 0, original, set())


@pytest.mark.parametrize("path", sorted((ROOT / "fixtures" / "models").glob("*.h5")), ids=lambda p: p.stem)
def test_bytes_exact_files_rebuild_the_original(path, tmp_path):
    tool.run("pack", path, "--bytes-exact", "-o", tmp_path / "x.csrm")
    assert csrm_reader.File((tmp_path / "x.csrm").read_bytes()).original() == path.read_bytes()


# --- rounded values -------------------------------------------------------------------------------------

@pytest.mark.parametrize("values", ["f16", "bf16", "int8", "codebook:16", "rd:0.1"])
@pytest.mark.parametrize("sparsity", [0, 0.9])
def test_rounded_values_are_read_from_the_page(tmp_path, values, sparsity):
    """What the reader makes of the levels is what unpack gives, and what NumPy's rounding gives."""
    rng = np.random.default_rng(7)
    source = {}
    for name, dtype, shape in [("a", "<f4", (40, 30)), ("b", ">f4", (3, 3, 8, 16)), ("c", "<f8", (64, 9)), ("d", "<f2", (33, 20))]:
        x = rng.standard_normal(shape) * 0.1
        x[rng.random(shape) < sparsity] = 0
        source[name] = x.astype(dtype)
    with h5py.File(tmp_path / "m.h5", "w") as f:
        for name, x in source.items():
            f[name] = x
    tool.run("pack", tmp_path / "m.h5", "--values", values, "--block-rows", "8", "-o", tmp_path / "m.csrm")
    tool.run("unpack", tmp_path / "m.csrm", "-o", tmp_path / "back.h5")
    file = csrm_reader.File((tmp_path / "m.csrm").read_bytes())
    with h5py.File(tmp_path / "back.h5") as back:
        for name, x in source.items():
            mine = file.tensor(name)
            assert mine.dtype == x.dtype and mine.shape == x.shape
            assert mine.tobytes() == back[name][()].tobytes()
            entry = next(e for e in file.of(5) if e.name == name)
            # Halves are as narrow as f16, and few of them are smaller as they are than with a table of levels.
            assert entry.precision or name == "d" and (values in ("f16", "bf16") or sparsity)
            if values == "f16":
                assert (mine == x.astype("f2").astype(x.dtype)).all()
            if values == "int8":
                flat = x.astype("f8").reshape(-1, x.shape[-1])
                scale = np.abs(flat).max(0) / 127
                # The level times its scale is rounded to the element's own type.
                own = np.abs(flat) * 2 ** -10 if x.dtype == "f2" else 0
                assert (np.abs(mine.astype("f8").reshape(flat.shape) - flat) <= scale * (0.5 + 2 ** -9) + own).all()
            if values == "codebook:16":
                assert len(np.unique(mine[mine != 0])) == 16
                assert ((mine == 0) == (x == 0)).all()


def test_rounded_files_are_refused_where_they_are_wrong(tmp_path):
    rng = np.random.default_rng(3)
    x = rng.standard_normal((12, 10)).astype("f4")
    x[rng.random(x.shape) < 0.5] = 0
    with h5py.File(tmp_path / "m.h5", "w") as f:
        f["x"] = x
    for values in ("codebook:4", "rd:0.1", "int8"):
        tool.run("pack", tmp_path / "m.h5", "--values", values, "-o", tmp_path / "m.csrm", "--force")
        data = (tmp_path / "m.csrm").read_bytes()
        read_all(data)
        for at in range(len(data)):
            changed = bytearray(data)
            changed[at] ^= 1 << at % 8
            with pytest.raises((csrm_reader.Refused, csrm_reader.Unknown)):
                read_all(bytes(changed))
