"""HDF5 marks the name of each link and attribute as ASCII or UTF-8. Julia's writers mark all links as UTF-8, C's
by default none, h5py those that are not ASCII: whatever the marks are, they come back, and are compared."""
import io
import json
import zipfile

import h5py
import numpy as np
import pytest
from h5py import h5a, h5d, h5g, h5o, h5p, h5s, h5t

import csrm
import tool
from compare_h5 import differences
from corpora import ROOT

NAMES = [b"plain", b"marked", "größe".encode(), "größer".encode(), b"\xff"]


def mark(is_utf8):
    links = h5p.create(h5p.LINK_CREATE)
    links.set_char_encoding(h5t.CSET_UTF8 if is_utf8 else h5t.CSET_ASCII)
    return links


def make(path, marks, libver=None, track_order=False):
    """A group, a dataset and a soft link of each name, marked as `marks` says."""
    values = np.arange(12, dtype="<f4").reshape(4, 3)
    with h5py.File(path, "w", libver=libver, track_order=track_order) as file:
        for name, is_utf8 in zip(NAMES, marks):
            group = h5g.create(file.id, name, lcpl=mark(is_utf8))
            space, kind = h5s.create_simple(values.shape), h5t.IEEE_F32LE
            data = h5d.create(group, None, kind, space)
            data.write(h5s.ALL, h5s.ALL, values)
            h5o.link(data, group, name, lcpl=mark(is_utf8))
            group.links.create_soft(b"soft" + name, b"/plain", lcpl=mark(is_utf8))
            # h5py marks the names of attributes as ASCII, whatever they are.
            h5a.create(group, name, h5t.STD_I32LE, h5s.create(h5s.SCALAR)).write(np.array(7, "<i4"))
    return path


def marks_of(path):
    """{path of a link: its mark}, as h5py sees them."""
    found = {}

    def walk(group, at):
        names = []
        group.links.iterate(lambda name: names.append(name) or None)
        for name in names:
            info = group.links.get_info(name)
            found[at + b"/" + name] = info.cset
            if info.type == h5py.h5l.TYPE_HARD and isinstance(child := h5o.open(group, name), h5g.GroupID):
                walk(child, at + b"/" + name)

    with h5py.File(path, "r") as file:
        walk(h5g.open(file.id, b"/"), b"")
    return found


def packed_marks(path):
    file = csrm.File(path.read_bytes())
    objects, found = file.document(file.of(2)[0]).objects, {}

    def walk(number, at):
        group = objects[number]
        for (name, target), name_mark in zip(group.get("links", ()), group["link_marks"]):
            found[at + b"/" + name] = name_mark
            if not isinstance(target, bytes):
                walk(target, at + b"/" + name)

    walk(0, b"")
    return found


@pytest.mark.parametrize("track_order", [False, True], ids=["untracked", "tracked"])
@pytest.mark.parametrize("libver", [None, "latest"], ids=["earliest", "latest"])
@pytest.mark.parametrize("marks", [[0, 0, 0, 0, 0], [1, 1, 1, 1, 1], [0, 1, 1, 0, 0], [0, 0, 1, 1, 0]], ids=str)
def test_they_come_back(marks, libver, track_order, tmp_path):
    made = make(tmp_path / "made.h5", marks, libver, track_order)
    assert [marks_of(made)[b"/" + n] for n in NAMES] == marks
    packed, back, pruned = tmp_path / "x.csrm", tmp_path / "back.h5", tmp_path / "pruned.h5"
    tool.run("pack", made, "-o", packed)
    assert packed_marks(packed) == marks_of(made)
    tool.run("verify", packed)
    tool.run("verify", packed, made)
    tool.run("unpack", packed, "-o", back)
    assert differences(made, back) == []
    tool.run("prune", made, "--sparsity", 0.5, "-o", pruned)
    assert differences(made, pruned, values_differ=lambda path: True) == []


def test_an_archive_keeps_them(tmp_path):
    source, made, back = ROOT / "fixtures/models/dsconv.keras", tmp_path / "made.keras", tmp_path / "back.keras"
    marked = io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(made, "w") as new:
        for member in old.infolist():
            data = old.read(member)
            if member.filename == "model.weights.h5":
                with h5py.File(io.BytesIO(data), "r") as one, h5py.File(marked, "w", track_order=True) as other:
                    for name in one:
                        h5o.copy(one.id, name.encode(), other.id, name.encode(), lcpl=mark(True))
                data = marked.getvalue()
            new.writestr(member, data)
    tool.run("pack", made, "-o", tmp_path / "x.csrm")
    tool.run("unpack", tmp_path / "x.csrm", "-o", back)
    assert differences(made, back) == []
    with zipfile.ZipFile(back) as archive, h5py.File(io.BytesIO(archive.read("model.weights.h5")), "r") as file:
        assert {file.id.links.get_info(name.encode()).cset for name in file} == {h5t.CSET_UTF8}


@pytest.mark.parametrize("verb", ["verify", "diff"])
def test_they_are_compared(verb, tmp_path):
    one, other = make(tmp_path / "one.h5", [0, 0, 1, 1, 0]), make(tmp_path / "other.h5", [0, 1, 1, 1, 0])
    tool.run(verb, one, one)
    done = tool.run(verb, one, other, "--json", ok=False)
    assert done.returncode == 1
    said = json.dumps(json.loads(done.stdout))
    assert "link marked: the name is marked as ASCII and as UTF-8" in said and "link plain" not in said
