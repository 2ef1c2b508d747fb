"""Chunked datasets that are read through libhdf5's own index: behind a user block, of more chunks than are listed."""
import zlib

import h5py
import numpy as np
import pytest

import tool


def values():
    rng = np.random.default_rng(0)
    kernel = rng.normal(size=(100, 100)).astype("f4")
    kernel[rng.random(kernel.shape) < 0.8] = 0
    return kernel


@pytest.mark.parametrize("options", [
    {"compression": "gzip", "shuffle": True, "fletcher32": True}, {"compression": "lzf"}, {}], ids=["deflate", "lzf", "plain"])
@pytest.mark.parametrize("block, chunks", [(512, (17, 13)), (0, (1, 2))], ids=["user block", "many"])
def test_values_are_those_of_h5py(block, chunks, options, tmp_path):
    source, packed, back = (tmp_path / name for name in ("in.h5", "packed.csrm", "back.h5"))
    with h5py.File(source, "w", **({"userblock_size": block} if block else {})) as file:
        file.create_dataset("whole", data=values(), chunks=chunks, **options)
        part = file.create_dataset("part", shape=(100, 100), dtype="f4", chunks=chunks, fillvalue=2.5, **options)
        part[:25, :25] = values()[:25, :25]
    tool.run("pack", source, "-o", packed)
    tool.run("unpack", packed, "-o", back)
    with h5py.File(source) as ours, h5py.File(back) as theirs:
        for name in ours:
            assert np.array_equal(ours[name][()], theirs[name][()]), name


@pytest.mark.parametrize("held", [1, 1000])
@pytest.mark.parametrize("block", [0, 512])
def test_a_chunk_that_is_too_short_is_damage(block, held, tmp_path):
    """libhdf5 before 2026 copies what lies behind it in memory."""
    source = tmp_path / "short.h5"
    with h5py.File(source, "w", **({"userblock_size": block} if block else {})) as file:
        one = file.create_dataset("one", shape=(512, 512), dtype="f4", chunks=(512, 512), compression="gzip", shuffle=True)
        one.id.write_direct_chunk((0, 0), zlib.compress(b"x" * held))
    done = tool.run("pack", source, "-o", tmp_path / "out.csrm", ok=False)
    assert done.returncode == 65 and len(done.stderr.splitlines()) == 1, done.stderr


def test_many_chunks_that_are_too_short_are_damage(tmp_path):
    source = tmp_path / "short.h5"
    with h5py.File(source, "w") as file:
        many = file.create_dataset("many", shape=(5000, 64), dtype="f4", chunks=(1, 64), compression="gzip")
        for row in range(5000):
            many.id.write_direct_chunk((row, 0), zlib.compress(b"x"))
    done = tool.run("pack", source, "-o", tmp_path / "out.csrm", ok=False)
    assert done.returncode == 65 and len(done.stderr.splitlines()) == 1, done.stderr
