"""The arrays of a model file by path, read with h5py alone. A path has no leading slash; in a .keras archive
it begins with the member's name."""
import io
import json
import zipfile

import h5py
import numpy as np


def arrays(path):
    """{path: array} of every dataset, in the order of the names. bfloat16 (2 opaque bytes) stays as it is."""
    found = {}
    for prefix, file in _documents(path):
        with file:
            def visit(name, item):
                if isinstance(item, h5py.Dataset):
                    found[prefix + name] = item[()]
            file.visititems(visit)
    return found


def config(path):
    """The model's configuration."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return json.loads(archive.read("config.json"))
    with h5py.File(path, "r") as file:
        return json.loads(file.attrs["model_config"])


def has_filters(path):
    """Whether a dataset goes through filters already: those stay as their writer chose them."""
    found = []
    for _, file in _documents(path):
        with file:
            file.visititems(lambda _, o: found.append(o.id.get_create_plist().get_nfilters())
                            if isinstance(o, h5py.Dataset) else None)
    return any(found)


def _documents(path):
    with open(path, "rb") as file:
        is_zip = file.read(4) == b"PK\x03\x04"
    if not is_zip:
        yield "", h5py.File(path, "r")
        return
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.endswith(".h5"):
                yield name + "/", h5py.File(io.BytesIO(archive.read(name)), "r")


def numbers(array):
    """The array as real numbers: bfloat16 bits become float32."""
    array = np.asarray(array)
    if array.dtype == np.dtype("V2"):
        return (array.view("<u2").astype(np.uint32) << 16).view(np.float32)
    return array


def is_real(array):
    """A floating-point array, bfloat16 included."""
    dtype = np.asarray(array).dtype
    return dtype.kind == "f" or dtype == np.dtype("V2")


def is_optimizer(path):
    return "optimizer" in path.split("/")[0:2] or path.split("/")[0] in ("optimizer_weights", "optimizer")
