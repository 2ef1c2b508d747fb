"""The judge judged: each single change to a file must be seen by compare_h5."""
import shutil
import zipfile

import h5py
import numpy as np
import pytest

from compare_h5 import differences


@pytest.fixture
def pair(tmp_path):
    a, b = tmp_path / "a.h5", tmp_path / "b.h5"
    with h5py.File(a, "w", userblock_size=512) as f:
        g = f.create_group("g", track_order=True)
        g["z"] = np.arange(6, dtype="f4").reshape(2, 3)
        g["a"] = g["z"]
        g.create_dataset("c", data=np.ones((4, 4), "f4"), chunks=(2, 2), compression="gzip", fillvalue=2.0)
        g["soft"] = h5py.SoftLink("/g/z")
        f.attrs["text"] = "variable"
        f.attrs["fixed"] = np.bytes_(b"abc")
        f.attrs.create("list", ["a", "bc"], dtype=h5py.string_dtype())
        f.attrs["empty"] = h5py.Empty("f4")
        f["g"].attrs["order"] = np.int64(1)
    shutil.copy(a, b)
    return a, b


CHANGES = {
    "value": lambda f: f["g/z"].__setitem__((0, 0), 9),
    "negative zero": lambda f: f["g/z"].__setitem__((0, 0), -0.0),
    "attribute value": lambda f: f.attrs.modify("text", "another!"),
    "attribute type": lambda f: f.attrs.create("text", b"variable", dtype="S8"),
    "attribute padding": lambda f: f.attrs.create("fixed", b"abc", dtype="S4"),
    "attribute character set": lambda f: f.attrs.create("text", "variable", dtype=h5py.string_dtype("ascii")),
    "attribute shape": lambda f: f.attrs.create("fixed", np.array([b"abc"])),
    "attribute gone": lambda f: f.attrs.__delitem__("empty"),
    "integer width": lambda f: f["g"].attrs.create("order", np.int32(1)),
    "new group": lambda f: f.create_group("h"),
    "link gone": lambda f: f["g"].__delitem__("a"),
    "alias becomes a copy": lambda f: (f["g"].__delitem__("a"), f.copy("g/z", f["g"], "a")),
    "soft link elsewhere": lambda f: (f["g"].__delitem__("soft"), f["g"].__setitem__("soft", h5py.SoftLink("/g/c"))),
    "link order": lambda f: (f.move("g/z", "g/y"), f.move("g/y", "g/z")),
    "chunked": lambda f: (f["g"].__delitem__("c"), f["g"].create_dataset("c", data=np.ones((4, 4), "f4"), chunks=(4, 4), compression="gzip", fillvalue=2.0)),
    "fill value": lambda f: (f["g"].__delitem__("c"), f["g"].create_dataset("c", data=np.ones((4, 4), "f4"), chunks=(2, 2), compression="gzip", fillvalue=3.0)),
    "byte order": lambda f: (f["g"].__delitem__("c"), f["g"].create_dataset("c", data=np.ones((4, 4), ">f4"), chunks=(2, 2), compression="gzip", fillvalue=2.0)),
}


def test_a_copy_is_the_same(pair):
    assert differences(*pair) == []


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_seen(pair, change):
    with h5py.File(pair[1], "r+") as f:
        CHANGES[change](f)
    assert differences(*pair) != []


def test_user_block_is_compared(pair):
    with open(pair[1], "r+b") as file:
        file.write(b"#!")
    assert differences(*pair) == ["other bytes in the user block"]


@pytest.mark.parametrize("change", ["order", "time", "bytes", "method"])
def test_archive_changes_are_seen(tmp_path, change):
    def write(name, changed):
        with zipfile.ZipFile(tmp_path / name, "w") as z:
            members = [("a.json", b"{}"), ("b.json", b"[]")]
            for member, content in reversed(members) if changed == "order" else members:
                info = zipfile.ZipInfo(member, (2020, 1, 1, 0, 0, 2 if changed == "time" else 0))
                if changed == "method":
                    info.compress_type = zipfile.ZIP_DEFLATED
                z.writestr(info, b"[1]" if changed == "bytes" else content)
        return tmp_path / name
    assert differences(write("a", None), write("b", None)) == []
    assert differences(write("a", None), write("c", change)) != []
