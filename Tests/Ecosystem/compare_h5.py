"""Are two model files the same container? Looks with h5py's low-level interface and with zipfile, at
everything a reader can see: links, their order and targets, which names are one object, attributes with
their exact types, dataspaces, storage, fill values, value bytes; for archives members, order, times.

    python compare_h5.py A B        prints differences, one a line; exit 1 if there are any

What is not compared: addresses in the file, free space, object times, the version of the file format.
"""
import io
import sys
import zipfile

import h5py
import numpy as np
from h5py import h5a, h5d, h5g, h5i, h5o, h5s, h5t


def differences(path_a, path_b, values_differ=lambda path: False):
    """Texts of what differs. `values_differ(path)` says whether a dataset's value bytes may differ."""
    with open(path_a, "rb") as file:
        is_zip = file.read(4) == b"PK\x03\x04"
    if is_zip:
        return list(_zip_differences(path_a, path_b, values_differ))
    return list(_hdf5_differences(path_a, path_b, values_differ))


def _zip_differences(path_a, path_b, values_differ):
    with open(path_b, "rb") as file:
        if file.read(4) != b"PK\x03\x04":
            yield "the second file is no zip archive"
            return
    with zipfile.ZipFile(path_a) as a, zipfile.ZipFile(path_b) as b:
        names = [i.filename for i in a.infolist()], [i.filename for i in b.infolist()]
        if names[0] != names[1]:
            yield f"members: {names[0]} and {names[1]}"
            return
        if a.comment != b.comment:
            yield f"archive comment: {a.comment!r} and {b.comment!r}"
        for one, other in zip(a.infolist(), b.infolist()):
            for field in ("date_time", "compress_type", "external_attr", "create_system", "extra", "comment"):
                if getattr(one, field) != getattr(other, field):
                    yield f"{one.filename}: {field}: {getattr(one, field)!r} and {getattr(other, field)!r}"
            bytes_a, bytes_b = a.read(one), b.read(other)
            if bytes_a[:8] == b"\x89HDF\r\n\x1a\n":
                for text in _hdf5_differences(
                        io.BytesIO(bytes_a), io.BytesIO(bytes_b), lambda p: values_differ(one.filename + p)):
                    yield f"{one.filename}: {text}"
            elif bytes_a != bytes_b:
                yield f"{one.filename}: other bytes"


def _hdf5_differences(source_a, source_b, values_differ):
    with h5py.File(source_a, "r") as a, h5py.File(source_b, "r") as b:
        if a.userblock_size != b.userblock_size:
            yield f"user block of {a.userblock_size} and {b.userblock_size} bytes"
        elif a.userblock_size and not isinstance(source_a, io.BytesIO):
            with open(source_a, "rb") as one, open(source_b, "rb") as other:
                if one.read(a.userblock_size) != other.read(b.userblock_size):
                    yield "other bytes in the user block"
        seen_a, seen_b = {}, {}
        root_a, root_b = h5o.open(a.id, b"/"), h5o.open(b.id, b"/")
        seen_a[_identity(root_a)], seen_b[_identity(root_b)] = "/", "/"
        waiting = [("", root_a, root_b)]
        while waiting:
            path, one, other = waiting.pop()
            if type(one) is not type(other):
                yield f"{path or '/'}: {type(one).__name__} and {type(other).__name__}"
                continue
            yield from _attribute_differences(path or "/", one, other)
            if isinstance(one, h5g.GroupID):
                yield from _group_differences(path, one, other, seen_a, seen_b, waiting)
            elif isinstance(one, h5d.DatasetID):
                yield from _dataset_differences(path, one, other, values_differ(path))
            elif isinstance(one, h5t.TypeID) and not _same_type(one, other):
                yield f"{path}: other named type"


def _identity(object_id):
    info = h5o.get_info(object_id)
    return info.fileno, info.addr


def _order(group):
    """Link names by creation order where it is kept, else by name; and whether it is kept."""
    flags = group.get_create_plist().get_link_creation_order()
    names = []
    index = h5py.h5.INDEX_CRT_ORDER if flags & h5py.h5p.CRT_ORDER_TRACKED else h5py.h5.INDEX_NAME
    group.links.iterate(lambda name: names.append(name) or None, idx_type=index)
    return flags, names


def _group_differences(path, one, other, seen_a, seen_b, waiting):
    (flags_a, names_a), (flags_b, names_b) = _order(one), _order(other)
    if flags_a != flags_b:
        yield f"{path or '/'}: link creation order flags {flags_a} and {flags_b}"
    if names_a != names_b:
        gone = [n for n in names_a if n not in set(names_b)][:5]
        new = [n for n in names_b if n not in set(names_a)][:5]
        yield f"{path or '/'}: links: gone {gone}, new {new}, or in another order"
        return
    for name in names_a:
        at = f"{path}/{name.decode('utf-8', 'backslashreplace')}"
        info_a, info_b = one.links.get_info(name), other.links.get_info(name)
        if info_a.type != info_b.type:
            yield f"{at}: link of type {info_a.type} and {info_b.type}"
        elif info_a.cset != info_b.cset:
            yield f"{at}: name marked {info_a.cset} and {info_b.cset}"
        elif info_a.type != h5py.h5l.TYPE_HARD:
            if one.links.get_val(name) != other.links.get_val(name):
                yield f"{at}: link to another place"
        else:
            child_a, child_b = h5o.open(one, name), h5o.open(other, name)
            id_a, id_b = _identity(child_a), _identity(child_b)
            first_a, first_b = seen_a.setdefault(id_a, at), seen_b.setdefault(id_b, at)
            if first_a != first_b:
                yield f"{at}: is the object {first_a} and {first_b}"
            elif first_a == at:
                waiting.append((at, child_a, child_b))


def _same_type(one, other):
    return one.equal(other) and one.committed() == other.committed() and _strings(one) == _strings(other)


def _strings(kind):
    """Padding and character set of the strings in a type: H5Tequal overlooks them in variable-length ones."""
    if kind.get_class() == h5t.STRING:
        return kind.is_variable_str(), kind.get_strpad(), kind.get_cset()
    if kind.get_class() == h5t.COMPOUND:
        return [_strings(kind.get_member_type(i)) for i in range(kind.get_nmembers())]
    if kind.get_class() in (h5t.VLEN, h5t.ARRAY):
        return _strings(kind.get_super())
    return None


def _space(space):
    kind = space.get_simple_extent_type()
    return (kind, space.get_simple_extent_dims(), space.get_simple_extent_dims(True)) if kind == h5s.SIMPLE else (kind,)


def _attributes(object_id):
    plist = object_id.get_create_plist() if not isinstance(object_id, h5t.TypeID) else None
    flags = plist.get_attr_creation_order() if plist is not None else 0
    names = []
    index = h5py.h5.INDEX_CRT_ORDER if flags & h5py.h5p.CRT_ORDER_TRACKED else h5py.h5.INDEX_NAME
    h5a.iterate(object_id, lambda name, *rest: names.append(name) or None, index_type=index)
    return flags, names


def _attribute_differences(path, one, other):
    (flags_a, names_a), (flags_b, names_b) = _attributes(one), _attributes(other)
    if flags_a != flags_b:
        yield f"{path}: attribute creation order flags {flags_a} and {flags_b}"
    if names_a != names_b:
        yield f"{path}: attributes {names_a[:8]} and {names_b[:8]}"
        return
    for name in names_a:
        at = f"{path}@{name.decode('utf-8', 'backslashreplace')}"
        a, b = h5a.open(one, name), h5a.open(other, name)
        if h5a.get_info(one, name).cset != h5a.get_info(other, name).cset:
            yield f"{at}: the name is marked in another way"
        if not _same_type(a.get_type(), b.get_type()):
            yield f"{at}: type {a.dtype} and {b.dtype} (or padding or character set)"
        elif _space(a.get_space()) != _space(b.get_space()):
            yield f"{at}: space {_space(a.get_space())} and {_space(b.get_space())}"
        elif _values(a) != _values(b):
            yield f"{at}: other value"


def _values(thing):
    """The bytes of an attribute or dataset; of variable-length data the values."""
    space = thing.get_space()
    if space.get_simple_extent_type() == h5s.NULL:
        return None
    kind = thing.get_type()
    is_plain = kind.get_class() not in (h5t.VLEN, h5t.REFERENCE) and not _holds_pointers(kind)
    shape = space.get_simple_extent_dims() if space.get_simple_extent_type() == h5s.SIMPLE else ()
    if 0 in shape:
        return b""
    if is_plain:
        raw = np.empty(shape, dtype=f"V{kind.get_size()}")
        if isinstance(thing, h5a.AttrID):
            thing.read(raw, mtype=kind)
        else:
            thing.read(h5s.ALL, h5s.ALL, raw, mtype=kind)
        return raw.tobytes()
    read = np.empty(shape, dtype=thing.dtype)
    if isinstance(thing, h5a.AttrID):
        thing.read(read)
    else:
        thing.read(h5s.ALL, h5s.ALL, read)
    if kind.get_class() == h5t.REFERENCE:
        return [h5i.get_name(h5py.h5r.dereference(r, thing)) if r else None for r in read.ravel().tolist()]
    return [v.tobytes() if isinstance(v, np.ndarray) else v for v in read.ravel().tolist()]


def _holds_pointers(kind):
    if kind.get_class() == h5t.STRING:
        return kind.is_variable_str()
    if kind.get_class() in (h5t.VLEN, h5t.REFERENCE):
        return True
    if kind.get_class() == h5t.COMPOUND:
        return any(_holds_pointers(kind.get_member_type(i)) for i in range(kind.get_nmembers()))
    if kind.get_class() == h5t.ARRAY:
        return _holds_pointers(kind.get_super())
    return False


def _storage(plist):
    filters = [plist.get_filter(i) for i in range(plist.get_nfilters())]
    chunk = plist.get_chunk() if plist.get_layout() == h5d.CHUNKED else None
    return plist.get_layout(), chunk, [(f[0], f[1], f[2]) for f in filters]


def _dataset_differences(path, one, other, values_may_differ):
    if not _same_type(one.get_type(), other.get_type()):
        yield f"{path}: type {one.dtype} and {other.dtype}"
        return
    if _space(one.get_space()) != _space(other.get_space()):
        yield f"{path}: space {_space(one.get_space())} and {_space(other.get_space())}"
        return
    a, b = one.get_create_plist(), other.get_create_plist()
    if _storage(a) != _storage(b):
        yield f"{path}: stored as {_storage(a)} and {_storage(b)}"
    if a.fill_value_defined() != b.fill_value_defined():
        yield f"{path}: fill value defined: {a.fill_value_defined()} and {b.fill_value_defined()}"
    elif a.fill_value_defined() == h5d.FILL_VALUE_USER_DEFINED and one.dtype.kind in "fiu":
        fill_a, fill_b = np.zeros(1, one.dtype), np.zeros(1, one.dtype)
        a.get_fill_value(fill_a), b.get_fill_value(fill_b)
        if fill_a.tobytes() != fill_b.tobytes():
            yield f"{path}: fill value {fill_a[0]} and {fill_b[0]}"
    if not values_may_differ and _values(one) != _values(other):
        yield f"{path}: other values"


if __name__ == "__main__":
    found = differences(*sys.argv[1:3])
    print("\n".join(found))
    sys.exit(1 if found else 0)
