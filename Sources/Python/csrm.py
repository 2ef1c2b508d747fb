"""Packed models in Python, where coppice is not installed: one file, NumPy alone.

    import csrm
    arrays = csrm.load("model.csrm")                      # {name: array}
    model = keras.models.model_from_json(csrm.config("model.csrm"))
    csrm.load_into(model, "model.csrm")                   # the weights, in their places

    python csrm.py model.csrm                             # what is in it; --check reads all of it

Written from man/csrm.5 and from nothing else: what this cannot read, the page does not say. Slow and plain; refuses
whatever the page says must be refused. Raises Refused for a file that is damaged, Unknown for one of a later
version, Mismatch for one that holds another model.
"""
import copy
import json
import math
import os
import re
import struct
import sys
import zlib

import numpy as np

MAGIC = bytes.fromhex("8943 5352 4D0D 0A1A")
KINDS = {1: "container", 2: "document", 3: "blob", 4: "skeleton", 5: "tensor", 6: "pool"}
TYPES = {1: ("f2", 2), 2: ("V2", 2), 3: ("f4", 4), 4: ("f8", 8), 5: ("i1", 1), 6: ("i2", 2), 7: ("i4", 4), 8: ("i8", 8),
         9: ("u1", 1), 10: ("u2", 2), 11: ("u4", 4), 12: ("u8", 8), 13: ("?", 1)}
CONTAINERS = {"keras-h5", "keras-weights-h5", "keras3-weights-h5", "keras-archive", "hdf5"}


class Refused(ValueError):
    """The file is damaged, or breaks a must."""


class Unknown(ValueError):
    """A later version's: an encoding, a precision, a kind of container."""


class Mismatch(ValueError):
    """The file is sound, but the model is another than the one in it."""


def need(holds, what):
    if not holds:
        raise Refused(what)


# --- checksums ------------------------------------------------------------------------------------------

def _table():
    words = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        words = np.where(words & 1, words >> 1 ^ np.uint32(0x82F63B78), words >> 1)
    return words


TABLE = _table()


def _multiply(a, b):
    """a·b modulo the polynomial; bit 31 is x^0."""
    product = 0
    for bit in range(31, -1, -1):
        if a >> bit & 1:
            product ^= b
        b = b >> 1 ^ (0x82F63B78 if b & 1 else 0)
    return product


def _shift(count):
    """What `count` zero bytes behind it do to a state, as a factor."""
    power, square = 1 << 31, 1 << 23
    while count:
        if count & 1:
            power = _multiply(square, power)
        square, count = _multiply(square, square), count >> 1
    return power


def crc32c(data):
    """Of bytes, or of what NumPy can look at as bytes: rows side by side, then one behind the other."""
    data = np.frombuffer(data, np.uint8)
    row = 1 << max(6, data.size.bit_length() // 2)
    rows = data.size // row
    state = 0xFFFFFFFF
    if rows > 1:
        states = np.zeros(rows, np.uint32)
        for column in data[:rows * row].reshape(rows, row).T:
            states = states >> 8 ^ TABLE[(states ^ column) & 255]
        factor = _shift(row)
        lines = [[_multiply(factor, n << 8 * k) for n in range(256)] for k in range(4)]
        for own in states.tolist():
            state = lines[0][state & 255] ^ lines[1][state >> 8 & 255] ^ lines[2][state >> 16 & 255] ^ lines[3][state >> 24] ^ own
        data = data[rows * row:]
    table = TABLE.tolist()
    for byte in data.tolist():
        state = state >> 8 ^ table[(state ^ byte) & 255]
    return state ^ 0xFFFFFFFF


# --- fields ---------------------------------------------------------------------------------------------

class Fields:
    """Varints, strings and the rest, one behind the other."""

    def __init__(self, data):
        self.data, self.at = bytes(data), 0

    def take(self, count):
        need(count <= len(self.data) - self.at, "ends in the middle of a field")
        self.at += count
        return self.data[self.at - count:self.at]

    def fixed(self, code):
        return struct.unpack("<" + code, self.take(struct.calcsize("<" + code)))[0]

    def u8(self):
        return self.fixed("B")

    def varint(self):
        value = 0
        for place in range(10):
            byte = self.u8()
            value |= (byte & 127) << 7 * place
            if byte < 128:
                need(byte or place == 0, "varint not in shortest form")
                need(value < 1 << 64, "varint over 64 bits")
                return value
        raise Refused("varint over 64 bits")

    def flag(self):
        value = self.u8()
        need(value < 2, "flag over 1")
        return value == 1

    def string(self):
        return self.take(self.varint())

    def text(self):
        raw = self.string()
        need(0 not in raw, "NUL in a text")
        try:
            return raw.decode()
        except UnicodeDecodeError:
            raise Refused("text that is not UTF-8") from None

    def choice(self, among):
        value = self.u8()
        need(value in among, f"code {value}")
        return value

    def several(self, read):
        count = self.varint()
        need(count <= len(self.data) - self.at, "counts more than there is")
        return [read() for _ in range(count)]

    def end(self):
        need(self.at == len(self.data), "bytes behind the last field")


# --- the file -------------------------------------------------------------------------------------------

class Entry:
    def __init__(self, fields, end, limit):
        self.kind = fields.u8()
        self.name = fields.text()
        need(len(self.name.encode()) <= 65536, "long name")
        self.code, self.size = fields.u8(), fields.varint()
        known = TYPES.get(self.code & 127)
        need(self.size > 0 and (known is None or known[1] == self.size), "bytes an element")
        need(self.code < 128 or known is None or self.size > 1, "big-endian bytes")
        rank = fields.varint()
        need(rank <= 32, "rank over 32")
        self.shape = tuple(fields.varint() for _ in range(rank))
        self.count = 1
        for dimension in self.shape:
            self.count *= dimension
        need(self.count <= 1 << 40, "over 2^40 elements")
        if self.kind in (1, 2, 3, 4):
            need(self.code == 9 and rank == 1, "not bytes")
            need(not self.name or self.kind in (2, 3), "a name where there is none")
        self.encoding, self.precision, self.parameters = fields.varint(), fields.varint(), fields.string()
        self.nonzeros = fields.varint()
        need(self.nonzeros <= self.count, "more non-zeros than elements")
        gap, stored, self.alignment = fields.varint(), fields.varint(), fields.varint()
        need(self.alignment in {1 << n for n in range(13)}, "alignment")
        need(gap == -end % self.alignment, "gap")
        self.start, self.end = end + gap, end + gap + stored
        need(self.end <= limit, "section outside the file")
        self.block = fields.varint()
        need(self.block <= self.count and (self.block == 0) == (self.count == 0), "elements in a block")
        blocks = fields.varint()
        need(blocks <= stored, "more blocks than bytes")
        self.lengths = [fields.varint() for _ in range(blocks)]
        need(all(self.lengths) and sum(self.lengths) <= stored, "lengths of blocks")
        self.known = self.encoding in DECODERS and self.precision <= 5
        if self.known and self.encoding == 9:
            self.plane = Plane.of(self)
            self.known = self.plane is not None
        if self.known:
            need(blocks == (-(-self.count // self.block) if self.count and self.encoding != 8 else 0), "number of blocks")
            need(not self.parameters or self.encoding in (3, 9), "parameters")
            if self.encoding != 1:
                need(sum(self.lengths) == stored, "blocks do not fill their section")
            if self.encoding == 8:
                need(self.kind == 5 and stored == 0 and self.block == self.count <= 1 << 16, "in a pool, and not")
            if self.encoding in (1, 2, 3, 4, 5, 7, 9):
                need(self.block * self.size <= 1 << 27, "block over 128 MiB")
            if self.encoding == 5:
                need(self.block <= 1 << 22, "mixed block over 2^22 elements")

    @property
    def columns(self):
        return self.shape[-1] if len(self.shape) > 1 else 1

    @property
    def rows(self):
        return self.count // self.columns if self.columns else 0

    def elements(self, block):
        return range(block * self.block, min(self.count, (block + 1) * self.block))

    @property
    def dtype(self):
        """NumPy's, bytes of no meaning where it has none (bfloat16 among them)."""
        code, _ = TYPES.get(self.code & 127, (f"V{self.size}", self.size))
        return np.dtype((">" if self.code & 128 else "<") + code)


def rows(fields, count, most):
    """The fields of `count` entries that stand by columns, as if entry stood behind entry."""
    def column(read=fields.varint):
        return [read() for _ in range(count)]

    def lists(lengths):
        return [[fields.varint() for _ in range(length)] for length in lengths]

    def varint(*values):
        out = bytearray()
        for value in values:
            while value >= 128:
                out.append(value & 127 | 128)
                value >>= 7
            out.append(value)
        return bytes(out)

    kinds, shared = column(fields.u8), column()
    names, last = [], b""
    for length in shared:
        need(length <= len(last), "a name that shares more than there is")
        end = fields.data.find(b"\0", fields.at)
        need(end >= 0, "a name without an end")
        last = last[:length] + fields.take(end - fields.at)
        fields.take(1)
        most -= len(last)
        need(most >= 0, "too many bytes of names")
        names.append(last)
    codes, sizes, shapes = column(fields.u8), column(), lists(column())
    encodings, precisions = column(), column()
    parameters = [fields.take(length) for length in column()]
    zeros, alignments, blocks, lengths, spare = column(), column(), column(), lists(column()), column()
    out, end = [], 64
    for n in range(count):
        elements = 1
        for dimension in shapes[n]:
            elements *= dimension
        stored = sum(lengths[n]) + spare[n]
        need(elements <= 1 << 40 and zeros[n] <= elements and 0 < alignments[n] <= 4096, "columns of the directory")
        gap = -end % alignments[n]
        end += gap + stored
        need(end < 1 << 63, "sections of more than 2^63 bytes")
        entry = b"".join([
            bytes([kinds[n]]), varint(len(names[n])), names[n], bytes([codes[n]]),
            varint(sizes[n], len(shapes[n]), *shapes[n], encodings[n], precisions[n], len(parameters[n])), parameters[n],
            varint(elements - zeros[n], gap, stored, alignments[n], blocks[n] or elements, len(lengths[n]), *lengths[n])])
        out.append(varint(len(entry)) + entry)
    return b"".join(out)


class File:
    def __init__(self, data, most=16 << 30):
        self.data = bytes(data)
        need(self.data[:8] == MAGIC, "not a .csrm file")
        need(len(self.data) >= 128, "cut short")
        major, minor, required, _ = struct.unpack("<HHII", self.data[8:20])
        header = struct.unpack("<I", self.data[60:64])[0]
        need(crc32c(self.data[:60]) == header, "header checksum")
        need(major == 1, f"version {major}")
        need(required & ~1 == 0, f"required features {required:#x}")
        need(not any(self.data[20:60]), "reserved bytes")
        self.version, self.marks_names = (major, minor), bool(required & 1)
        footer = self.data[-64:]
        need(footer[60:] == b"MRSC", "no footer")
        at, stored, inflated, codec, count, length, decoded, own, head, check = struct.unpack("<QQQIIQQIII", footer[:60])
        need(crc32c(footer[:56]) == check, "footer checksum")
        need(head == header and length == len(self.data) and codec < 4, "footer")
        need(at >= 64 and at + stored == length - 64, "directory is elsewhere")
        directory = self.data[at:at + stored]
        need(crc32c(directory) == own, "directory checksum")
        need(count <= 1 << 20 and inflated <= 1 << 28, "limits of a directory")
        if codec & 1:
            need(inflated <= 1032 * stored, "bomb")
            fields, table = inflate(directory, inflated)
        else:
            fields, table = directory[:inflated], directory[inflated:]
        need(len(fields) == inflated, "directory")
        if codec & 2:
            need(count <= stored, "entries")
            fields = rows(Fields(fields), count, 1032 * stored)
        self.entries = []
        reader, end = Fields(fields), 64
        for _ in range(count):
            entry = Entry(Fields(reader.take(reader.varint())), end, at)
            # What follows from other checksums is not written where the fields are by columns.
            entry.has_sum = not codec & 2 or entry.encoding not in (0, 8)
            need(not any(self.data[end:entry.start]), "padding")
            end = entry.end
            self.entries.append(entry)
        reader.end()
        need(end == at, "a hole before the directory")
        keys = [(e.kind, e.name.encode()) for e in self.entries]
        need(all(a < b for a, b in zip(keys, keys[1:])), "order of entries")
        need(len(table) == 4 * sum(len(e.lengths) + e.has_sum for e in self.entries), "table of checksums")
        sums = iter(np.frombuffer(table, "<u4").tolist())
        for entry in self.entries:
            entry.sums = [next(sums) for _ in entry.lengths]
            entry.sum = next(sums) if entry.has_sum else None
        self.pools = {}
        for pool in self.of(6):
            need((pool.code, pool.size, pool.precision) not in self.pools, "two pools of a type")
            self.pools[pool.code, pool.size, pool.precision] = pool
            pool.filled, pool.whole = 0, None
        for entry in self.entries:
            if entry.encoding == 8:
                pool = self.pools.get((entry.code, entry.size, entry.precision))
                need(pool is not None, "in no pool")
                entry.pool, entry.place = pool, pool.filled
                pool.filled += entry.count * entry.size
        need(all(p.filled == p.count * p.size for p in self.of(6)), "tensors that do not fill their pool")
        total = sum(e.count * e.size for e in self.entries)
        need(total == decoded and total <= most, "decoded bytes")
        for entry in self.of(1) + self.of(2):
            need(entry.encoding in (0, 7) or not entry.known, "encoding of a document")
            need(entry.count <= (1 << 26) + 64 * (entry.end - entry.start), "size of a document")

    def of(self, kind):
        return [e for e in self.entries if e.kind == kind]

    def tensor(self, name):
        entry = next(e for e in self.of(5) if e.name == name)
        return np.frombuffer(self.decoded(entry), entry.dtype).reshape(entry.shape)

    def decoded(self, entry):
        """All bytes of an entry, all of its checksums looked at."""
        if not entry.known:
            raise Unknown(f"{entry.name}: encoding {entry.encoding}, precision {entry.precision}")
        whole = b"".join(DECODERS[entry.encoding](self, entry))
        need(len(whole) == entry.count * entry.size, "decoded length")
        need(entry.sum in (None, crc32c(whole)), "decoded checksum")
        elements = np.frombuffer(whole, np.uint8).reshape(entry.count, entry.size)
        need(int(elements.any(axis=1).sum()) == entry.nonzeros, "non-zeros")
        return whole

    def block(self, entry, number, *pieces):
        """A stored block: pieces of the section, by default what lies behind the blocks before it."""
        if not pieces:
            start = sum(entry.lengths[:number])
            pieces = [(start, start + entry.lengths[number])]
        parts = [self.data[entry.start + a:entry.start + b] for a, b in pieces]
        need(sum(map(len, parts)) == entry.lengths[number], "length of a block")
        need(crc32c(b"".join(parts)) == entry.sums[number], f"{KINDS.get(entry.kind)} {entry.name!r}: checksum of block {number}")
        return parts if len(parts) > 1 else parts[0]

    # --- what the parts make up

    def container(self):
        entries = self.of(1)
        if not entries:
            return None
        fields = Fields(self.decoded(entries[0]))
        kind = fields.text()
        if kind not in CONTAINERS:
            raise Unknown(kind)
        archive = {"prefix": fields.string(), "comment": fields.string()} if fields.flag() else None

        def part():
            name, content, number = fields.string(), fields.choice((1, 2)), fields.varint()
            member = None
            if fields.flag():
                names = "made_by needed flags method time date internal".split()
                member = {key: fields.fixed("H") for key in names}
                member["external"] = fields.fixed("I")
                member |= {key: fields.string() for key in ("local_extra", "central_extra", "comment")}
            entries = self.of(1 + content)
            need(number < len(entries), "part in an entry that is not there")
            return {"name": name, "content": KINDS[1 + content], "entry": entries[number], "member": member}

        parts = fields.several(part)
        fields.end()
        need(len({p["name"] for p in parts}) == len(parts), "two parts of one name")
        return {"kind": kind, "archive": archive, "parts": parts}

    def document(self, entry):
        return Document(self, entry)

    def original(self):
        """The file that was packed with --bytes-exact; None where it was not."""
        entries = self.of(4)
        if not entries:
            return None
        data = self.decoded(entries[0])
        need(len(data) >= 4, "skeleton")
        length = struct.unpack("<I", data[:4])[0]
        need(length <= len(data) - 4, "skeleton")
        fields, rest = Fields(data[4:4 + length]), Fields(data[4 + length:])
        size, checksum = fields.varint(), fields.fixed("I")
        extents = fields.several(lambda: (fields.varint(), fields.varint()))
        fields.end()
        tensors, pieces = self.of(5), []
        need(len({number for _, number in extents}) == len(extents), "a tensor in two places")
        for gap, number in extents:
            need(number < len(tensors), "an extent of no tensor")
            pieces += [rest.take(gap), self.decoded(tensors[number])]
        whole = b"".join(pieces) + rest.data[rest.at:]
        need(len(whole) == size and crc32c(whole) == checksum, "rebuilt file")
        return whole


# --- encodings ------------------------------------------------------------------------------------------

def inflate(data, size):
    """Just `size` bytes, and what is left behind the stream."""
    stream = zlib.decompressobj()
    try:
        out = stream.decompress(data, size + 1)
    except zlib.error as error:
        raise Refused(f"deflate: {error}") from None
    need(stream.eof and len(out) == size, "deflate")
    return out, stream.unused_data


def raw(file, entry):
    for number in range(len(entry.lengths)):
        yield file.block(entry, number)


def bitmask(file, entry):
    need(entry.size in (1, 2, 4, 8), "bitmask over odd elements")
    total = 0
    for number in range(len(entry.lengths)):
        count = len(entry.elements(number))
        stored, mask_bytes = file.block(entry, number), -(-count // 8)
        values = len(stored) - mask_bytes
        need(values >= 0 and values % entry.size == 0, "length of a bitmask block")
        bits = np.unpackbits(np.frombuffer(stored[:mask_bytes], np.uint8), bitorder="little").astype(bool)
        need(not bits[count:].any(), "bits behind the last element")
        need(int(bits.sum()) == values // entry.size, "bits set")
        total += values // entry.size
        out = np.zeros((count, entry.size), np.uint8)
        out[bits[:count]] = np.frombuffer(stored[mask_bytes:], np.uint8).reshape(-1, entry.size)
        yield out.tobytes()
    need(total == entry.nonzeros, "non-zeros of a bitmask")


def compressed_rows(file, entry):
    n, rows, columns = entry.nonzeros, entry.rows, entry.columns
    need(entry.size in (1, 2, 4, 8) and 0 < columns <= 1 << 32 and entry.block % columns == 0, "compressed rows")
    need(entry.alignment % 64 == 0, "alignment of compressed rows")
    pointer = "<u4" if n < 1 << 32 else "<u8"
    index = "u1" if columns <= 256 else "<u2" if columns <= 65536 else "<u4"
    p, c = np.dtype(pointer).itemsize, np.dtype(index).itemsize
    indices = -(-(rows + 1) * p // 64) * 64
    values = -(-(indices + n * c) // 64) * 64
    need(values + n * entry.size == entry.end - entry.start, "bytes of compressed rows")
    section = file.data[entry.start:entry.end]
    need(not any(section[(rows + 1) * p:indices]) and not any(section[indices + n * c:values]), "padding inside")
    before = 0
    for number in range(len(entry.lengths)):
        first = entry.elements(number).start // columns
        count = len(entry.elements(number)) // columns
        pointers = count + (number == len(entry.lengths) - 1)
        m = entry.lengths[number] - pointers * p
        need(m >= 0 and m % (c + entry.size) == 0, "length of a block of compressed rows")
        m //= c + entry.size
        parts = file.block(
            entry, number, (first * p, (first + pointers) * p), (indices + before * c, indices + (before + m) * c),
            (values + before * entry.size, values + (before + m) * entry.size))
        starts = np.frombuffer(parts[0], pointer).astype(np.uint64)[:count]
        if number == len(entry.lengths) - 1:
            need(int(np.frombuffer(parts[0], pointer)[-1]) == n, "last pointer")
        ends = np.append(starts[1:], np.uint64(before + m))
        need(int(starts[0]) == before and bool((starts <= ends).all()), "pointers")
        at = np.frombuffer(parts[1], index).astype(np.int64)
        row = np.repeat(np.arange(count), (ends - starts).astype(np.int64))
        need(len(row) == m and bool((at < columns).all()), "columns")
        need(bool(((np.diff(row) > 0) | (np.diff(at) > 0)).all()), "columns that do not ascend")
        out = np.zeros((count * columns, entry.size), np.uint8)
        out[row * columns + at] = np.frombuffer(parts[2], np.uint8).reshape(-1, entry.size)
        before += m
        yield out.tobytes()
    need(before == n, "non-zeros of compressed rows")


def constant(file, entry):
    need(len(entry.lengths) == 1 and entry.lengths[0] == entry.size, "constant")
    yield file.block(entry, 0) * entry.count


def deflated(file, entry):
    for number in range(len(entry.lengths)):
        count = len(entry.elements(number))
        need(count * entry.size <= 1032 * entry.lengths[number], "bomb")
        planes, rest = inflate(file.block(entry, number), count * entry.size)
        need(not rest, "bytes behind a stream")
        yield np.frombuffer(planes, np.uint8).reshape(entry.size, count).T.tobytes()


def table(fields):
    """256 frequencies."""
    found, zeros = [], False
    while len(found) < 256:
        found.append(fields.varint())
        need(not (zeros and found[-1] == 0), "zeros in two runs")
        zeros = found[-1] == 0
        if zeros:
            found += [0] * min(256, fields.varint())
    need(len(found) == 256 and sum(found) == 1 << 14, "frequencies")
    return np.array(found, np.int64)


def rans(data, count, frequency):
    """A stream of `count` symbols, 32 at a time."""
    need(len(data) >= 128 and len(data) % 2 == 0, "length of a stream")
    states = np.frombuffer(data[:128], "<u4").astype(np.int64)
    words, taken = np.frombuffer(data[128:], "<u2").astype(np.int64), 0
    owner = np.repeat(np.arange(256), frequency)
    first = np.cumsum(frequency) - frequency
    out = np.zeros(count, np.uint8)
    for start in range(0, count, 32):
        lanes = min(32, count - start)
        x = states[:lanes]
        place = x % (1 << 14)
        symbol = owner[place]
        out[start:start + lanes] = symbol
        x = frequency[symbol] * (x >> 14) + place - first[symbol]
        low = np.flatnonzero(x < 1 << 16)
        need(taken + len(low) <= len(words), "a stream that ends too early")
        x[low] = (x[low] << 16) + words[taken:taken + len(low)]
        taken += len(low)
        states[:lanes] = x
    need(taken == len(words) and bool((states == 1 << 16).all()), "end of a stream")
    return out


FLOATS = {1: (5, 10), 2: (8, 7), 3: (8, 23), 4: (11, 52)}


def static(file, entry):
    need(entry.code & 127 in FLOATS, "static over no floats")
    exponent, mantissa = FLOATS[entry.code & 127]
    fields = Fields(entry.parameters)
    form, signs, t, k, base = fields.choice(range(4)), fields.choice(range(3)), fields.u8(), fields.u8(), fields.varint()
    need(t + k <= mantissa, "bits of the mantissa")
    symbols = table(fields)
    masks = table(fields) if form > 1 else None
    fields.end()
    need(base + int(np.flatnonzero(symbols)[-1]) < 1 << exponent + k, "symbols past the exponent")
    low = mantissa - t - k
    width = low + (signs == 0)
    total = 0
    for number in range(len(entry.lengths)):
        count = len(entry.elements(number))
        block = Fields(file.block(entry, number))
        m = block.varint() if form else count
        need(m <= count, "more values than elements")
        bits = np.ones(count, bool)
        if m == 0:
            bits[:] = False
        elif m < count:
            bits = mask_bits(block, form, masks, m, count)
        need(int(bits.sum()) == m, "values of a mask")
        rest = block.take(len(block.data) - block.at)
        size = -(-m * width // 8)
        need(size <= len(rest), "length of a block")
        stream, raw = rest[:len(rest) - size], rest[len(rest) - size:]
        need(m > 0 or not stream, "a stream of nothing")
        symbol = rans(stream, m, symbols).astype(np.uint64) if m else np.zeros(0, np.uint64)
        loose = np.unpackbits(np.frombuffer(raw, np.uint8), bitorder="little")
        need(not loose[m * width:].any(), "bits behind the last field")
        # Bit after bit, lowest first.
        field = np.zeros(m, np.uint64)
        for bit in range(width):
            field |= loose[bit:m * width:width].astype(np.uint64) << np.uint64(bit)
        sign = field >> np.uint64(low) if signs == 0 else np.full(m, signs - 1, np.uint64)
        magnitude = (symbol + np.uint64(base)) << np.uint64(low) | field & np.uint64((1 << low) - 1)
        values = sign << np.uint64(8 * entry.size - 1) | magnitude << np.uint64(t)
        out = np.zeros(count, np.uint64)
        out[bits] = values
        yield out.astype(f"{'>' if entry.code & 128 else '<'}u{entry.size}").tobytes()
        total += m
    need(total == entry.nonzeros, "non-zeros")


def mask_bits(block, form, frequency, m, count):
    """Which elements of a block are stored."""
    gaps = block.varint() if form == 3 else 0
    size = block.varint() if form > 1 else -(-count // 8)
    data = block.take(size)
    if form == 3:
        need(0 < gaps <= m + count // 255, "number of gaps")
        gap = rans(data, gaps, frequency).astype(np.int64)
        need(gap[-1] != 255, "zeros behind the last value")
        ends = np.cumsum(gap + (gap != 255))
        places = ends[gap != 255] - 1
        need(len(places) == m and int(places[-1]) < count, "gaps")
        bits = np.zeros(count, bool)
        bits[places] = True
        return bits
    mask = rans(data, -(-count // 8), frequency) if form == 2 else np.frombuffer(data, np.uint8)
    bits = np.unpackbits(mask, bitorder="little").astype(bool)
    need(not bits[count:].any(), "bits behind the last element")
    return bits[:count]


def pooled(file, entry):
    # One pool is of many tensors.
    if entry.pool.whole is None:
        entry.pool.whole = file.decoded(entry.pool)
    yield entry.pool.whole[entry.place:entry.place + entry.count * entry.size]


DECODERS = {0: raw, 1: compressed_rows, 2: bitmask, 3: static, 6: constant, 7: deflated, 8: pooled}


# --- learning coders (encodings 4 and 5) ------------------------------------------------------------------

CORNERS = (
    22, 28, 36, 47, 60, 77, 98, 126, 162, 208, 267, 342, 439,
    562, 720, 922, 1179, 1506, 1921, 2446, 3108, 3938, 4971, 6249, 7812, 9702,
    11955, 14595, 17625, 21025, 24743, 28693, 32768, 36843, 40793, 44511, 47911, 50941, 53581,
    55834, 57724, 59287, 60565, 61598, 62428, 63090, 63615, 64030, 64357, 64614, 64816, 64974,
    65097, 65194, 65269, 65328, 65374, 65410, 65438, 65459, 65476, 65489, 65500, 65508, 65514,
)


def _logistic():
    squash = []
    for place in range(4096):
        k, y = place >> 6, place & 63
        squash.append(((64 - y) * CORNERS[k] + y * CORNERS[k + 1] + 32) >> 6)
    stretch, place = [], 0
    for j in range(4096):
        while place < 4095 and squash[place] < 16 * j + 8:
            place += 1
        stretch.append(place - 2048)
    return squash, stretch


SQUASH, STRETCH = _logistic()
SHARE = [655360 // (10 * n + 16) for n in range(1024)]
MEAN_SHARE = (65536, 32768, 21845, 16384, 13107, 10922, 9362, 8192)


def between(least, value, most):
    return max(least, min(value, most))


def squash(x):
    return SQUASH[between(-2047, x, 2047) + 2048]


class Slot:
    """A probability that learns. With count 0 it is new."""
    __slots__ = ("p", "count")

    def __init__(self, p=0, count=0):
        self.p, self.count = p << 6, count

    def known(self, p, count):
        if self.count == 0:
            self.p, self.count = p << 6, count
        return self

    def stretched(self):
        return STRETCH[self.p >> 10]

    def clipped(self):
        return between(400, self.p >> 6, 65000)

    def learn(self, bit, limit):
        count = self.count
        self.p += ((4194303 if bit else 0) - self.p) * SHARE[count] >> 16
        if count < limit:
            self.count = count + 1


def slots(*sizes, p=0, count=0):
    """A table of slots, of tables of them, ..."""
    if not sizes:
        return Slot(p, count)
    return [slots(*sizes[1:], p=p, count=count) for _ in range(sizes[0])]


class Weights:
    __slots__ = ("w", "count")

    def __init__(self, *w):
        self.w, self.count = list(w), 0

    def mix(self, inputs):
        x = sum([w * x >> 4 for w, x in zip(self.w, inputs)]) >> 12
        return x if -2047 <= x <= 2047 else between(-2047, x, 2047)

    def learn(self, inputs, x, bit, pace):
        error = 65536 * bit - SQUASH[x + 2048]
        rate = 16 + (pace * SHARE[16 + (self.count >> 4)] >> 8)
        step = error * rate + 128 >> 8
        self.w = w = [w + (i * step + 8192 >> 14) for w, i in zip(self.w, inputs)]
        if min(w) < -524288 or max(w) > 524288:
            self.w = [between(-524288, w, 524288) for w in w]
        if self.count < 16000:
            self.count += 1


class Payload:
    """Coded bits from the front, plain bits from the back."""

    def __init__(self, data):
        self.data, self.at, self.taken = data, 0, 0
        self.plain = int.from_bytes(data[::-1], "big")
        self.range, self.code = (1 << 64) - 1, 0
        self.code = self.word() << 32
        self.code |= self.word()

    def word(self):
        found = self.data[self.at:self.at + 4]
        self.at += 4
        need(self.at <= len(self.data) + 16, "a payload that ends too early")
        return int.from_bytes(found + bytes(4 - len(found)), "big")

    def bit(self, p):
        """With a chance of p in 65,536, which is kept from 32 to 65,504, that it is 1."""
        bound = (self.range >> 16) * (p if 32 <= p <= 65504 else between(32, p, 65504))
        bit = int(self.code < bound)
        if bit:
            self.range = bound
        else:
            self.code -= bound
            self.range -= bound
        if self.range < 1 << 32:
            self.range <<= 32
            self.code = self.code << 32 | self.word()
        return bit

    def by(self, slot, limit):
        bit = self.bit(slot.p >> 6)
        slot.learn(bit, limit)
        return bit

    def mixed(self, inputs, one, other, pace):
        x1, x2 = one.mix(inputs), other.mix(inputs)
        bit = self.bit(SQUASH[(x1 + x2 >> 1) + 2048])
        one.learn(inputs, x1, bit, pace)
        other.learn(inputs, x2, bit, pace)
        return bit

    def number(self, bits):
        self.taken += bits
        need(self.taken <= 8 * len(self.data), "more plain bits than there are")
        return self.plain >> 8 * len(self.data) - self.taken & (1 << bits) - 1

    def end(self):
        q = next(q for q in range(1, 6) if self.range >= 1 << 65 - 8 * q)
        plain = -(-self.taken // 8)
        need(self.at - 8 + q + plain == len(self.data), "coded and plain bits do not meet")
        need(self.number(8 * plain - self.taken) == 0, "bits behind the last plain one")


def steps(payload, span, bit):
    """Steps below the greatest class; `bit(i)` says whether there are more than i."""
    i = 0
    while i < span and i < 24 and bit(i):
        i += 1
    if i == 24 and span > 24:
        i += payload.number((span - 24).bit_length())
        need(i <= span, "a class below the least")
    return i


def mantissa(payload, bits, learned, bit):
    """Of so many bits, the first ones learned; `bit(depth, node)` tells one of those."""
    node, learned = 1, min(bits, learned)
    for depth in range(1, learned + 1):
        node = 2 * node + bit(depth, node)
    return node - (1 << learned) << bits - learned | payload.number(bits - learned)


class Learned:
    """What stands in front of a coded block, and how values become elements."""

    def __init__(self, entry, fields, count, forms):
        self.width, self.floats = 8 * entry.size, entry.code & 127 in FLOATS
        exponent, self.mantissa = FLOATS[entry.code & 127] if self.floats else (0, 0)
        self.signed = self.floats or 5 <= entry.code & 127 <= 7
        form = fields.u8()
        need(form & 1 and not form & ~forms and (self.floats or not form & 6), "form of a block")
        self.values = fields.varint()
        need(self.values <= count, "more values than elements")
        need(self.values or form in (1, 3), "form of a block without values")
        self.negative_zeros = bool(form & 2)
        self.greatest = self.span = self.trailing = 0
        self.lag = 2
        if self.values:
            self.greatest, self.span = fields.varint(), fields.varint()
            need(self.span <= self.greatest <= ((1 << exponent) - 1 if self.floats else self.width), "classes")
            if form & 4:
                self.trailing = fields.u8()
                need(0 < self.trailing <= self.mantissa, "trailing bits")
            if form & 8:
                self.lag = fields.varint()
                need(self.lag not in (0, 2) and self.lag < 1 << 31, "lag")
        self.is_empty = not self.values and not self.negative_zeros

    def bits(self, steps):
        return self.mantissa - self.trailing if self.floats else max(0, self.greatest - steps - 1)

    def element(self, sign, steps, mantissa):
        kind = self.greatest - steps
        if self.floats:
            word = kind << self.mantissa | mantissa << self.trailing
            need(word, "a value that is zero")
            return sign << self.width - 1 | word
        need(kind, "a value that is zero")
        magnitude = (1 << kind - 1) + mantissa
        return (-magnitude if sign else magnitude) & (1 << self.width) - 1


def learned(decode, forms):
    """A decoder of tensors from one of blocks' payloads."""
    def decoder(file, entry):
        need(entry.code & 127 in (1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 13), "no numbers")
        total = 0
        for number in range(len(entry.lengths)):
            count = len(entry.elements(number))
            block = file.block(entry, number)
            if block[0] == 0:
                need(len(block) == 1 + count * entry.size, "block that is stored as it is")
                yield block[1:]
                continue
            fields = Fields(block)
            head = Learned(entry, fields, count, forms(entry, number))
            out = [0] * count
            payload = fields.take(len(block) - fields.at)
            if head.is_empty:
                need(not payload, "a payload of nothing")
            else:
                payload = Payload(payload)
                decode(entry, number, head, payload, out)
                payload.end()
            yield np.array(out, f"u{entry.size}").astype(f"{'>' if entry.code & 128 else '<'}u{entry.size}").tobytes()
    return decoder


def small(entry, number, head, payload, out):
    new = dict(p=32768, count=2)
    long, low, step = slots(2, 39, **new), slots(40, 3, **new), slots(4, 24, **new)
    tree, sign, zero_sign = slots(25, 64, **new), slots(**new), slots(**new)

    def zeros(start, end):
        need(end <= len(out), "a gap behind the last element")
        if head.negative_zeros:
            for i in range(start, end):
                out[i] = payload.by(zero_sign, 40) << head.width - 1

    place, k, last = 0, 0, 1
    for _ in range(head.values):
        if head.values < len(out):
            j, k = int(k > 2), 0
            while k < 39 and payload.by(long[j][k], 40):
                k += 1
            gap, node = 1, 0
            for _ in range(min(k, 2)):
                bit = payload.by(low[k][node], 40)
                gap, node = 2 * gap + bit, 1 + bit
            gap = gap << max(0, k - 2) | payload.number(max(0, k - 2))
            zeros(place, place + gap - 1)
            place += gap - 1
        need(place < len(out), "a value behind the last element")
        s = steps(payload, head.span, lambda i: payload.by(step[min(last, 3)][i], 40))
        negative = payload.by(sign, 40) if head.signed else 0
        deep = 6 if not head.floats else 5 if s == head.span and s else 3
        m = mantissa(payload, head.bits(s), deep, lambda depth, node: payload.by(tree[min(s, 24)][node], 40))
        out[place] = head.element(negative, s, m)
        place, last = place + 1, s
    zeros(place, len(out))


class Shape:
    """Rows and columns of a block of encoding 5."""

    def __init__(self, entry, number):
        elements, axes = entry.elements(number), [n for n in entry.shape if n != 1]
        whole = len(axes) > 1 and entry.block % axes[-1] == 0
        self.columns = axes[-1] if whole else 1
        self.rows, self.first = len(elements) // self.columns, elements.start // self.columns
        self.kernel = whole and len(axes) > 2 and axes[-2] <= entry.block // self.columns
        self.inputs, self.width = (axes[-2], axes[-3]) if self.kernel else (1, 1)


OCTAVE = [sum(n >= 4 << i for i in range(7)) for n in range(257)]
LEVEL = [(a >= 1) + (a >= 4) + (a >= 8) for a in range(32)]


def octave(n):
    return OCTAVE[n] if n < 256 else 7


def level(a):
    """Of an amplitude, which is at most 31 either way."""
    return LEVEL[abs(a)]


def signum(a):
    return 0 if a == 0 else 1 if a > 0 else 2


def moved(mean, count, s):
    return mean + ((256 * min(s, 60) - mean) * MEAN_SHARE[min(count, 7)] >> 16)


def mixed(entry, number, head, payload, out):
    shape = Shape(entry, number)
    C, kernel = shape.columns, shape.kernel
    h, v = (shape.inputs, shape.width * shape.inputs) if kernel else (1, head.lag)
    d = between(30, head.values * 65536 // len(out), 65500)
    whole = Slot(d).stretched()

    def sets(count, weight, inputs, all=8):
        return [Weights(*[weight] * inputs, *[0] * (all - inputs)) for _ in range(count)]

    by_levels, densities, hashes, surroundings = slots(256), slots(1024), slots(2048), slots(512)
    zero_place, zero_near = sets(16, 7500, 8), sets(16, 7500, 8)
    rows, columns, near, lasts = slots(24, 16), slots(24, 16), slots(24, 256), slots(24, 64)
    means, around_class = slots(24, 64), slots(24, 8)
    class_step, class_mean = sets(24, 9000, 6, 6), [sets(8, 9000, 6, 6) for _ in range(8)]
    sums, cross, back, corners, by_class, of_zero = slots(32), slots(81), slots(81), slots(81), slots(17, 32), slots(32)
    sign_place, sign_sums = sets(16, 7500, 7), sets(32, 7500, 7)
    tree, column_tree = slots(25, 64), slots(8, 8, 64)
    tree_node, tree_depth = sets(64, 26000, 2, 2), sets(8, 26000, 2, 2)

    cz, cs, iz = slots(C, p=d, count=6), slots(C, p=32768, count=1), slots(shape.inputs, p=d, count=6)
    rz, cm, cn, rm, s1, s2, done = [], [0] * C, [0] * C, 896, 2, 2, 0
    amplitude, nothing = [], [0] * C

    for r in range(shape.rows):
        i = (shape.first + r) % shape.inputs
        x = (shape.first + r) // shape.inputs % shape.width

        def row(lag, holds=True):
            return amplitude[r - lag] if holds and r >= lag else nothing

        def said(lag, holds=True):
            return rz[r - lag].stretched() if holds and r >= lag else whole

        A, B, BB = row(h, not kernel or x >= 1), row(v), row(2 * v)
        AB, BA = row(v + h, x >= 1 if kernel else v > 1), row(v - h, x + 1 < shape.width if kernel else v > 1)
        AA, U = row(2 * h, x >= 2 if kernel else v != 2), row(1, i >= 1) if kernel else BB
        left, above = said(h, not kernel or x >= 1), said(v)
        beside = said(1, i >= 1) if kernel else said(2 * v)
        own = Slot(between(30, squash(2 * left + above + beside >> 2), 65504), 12)
        fresh, row_sign, rn = Slot(d, 3), Slot(32768, 4), 0
        other = iz[i].stretched() if kernel else left
        lr = 0 if r < 2 else 1 if r < 8 else 2 if r < 32 else 3
        now = [0] * C
        amplitude.append(now)
        for c in range(C):
            P = now[c - 1] if c else 0
            a, b = A[c], B[c]
            ab, ba, aa, bb = AB[c], BA[c], AA[c], BB[c]
            total = 4 * (a + b) + 2 * (ab + ba + aa + bb)
            size = 4 * (abs(a) + abs(b)) + 2 * (abs(ab) + abs(ba) + abs(aa) + abs(bb))
            levels = level(P) + 4 * level(a) + 16 * level(b) + 64 * level(U[c])
            around = 8 * octave(size) + octave(abs(total))
            signs = 16 * (total < 0) + (1 + 2 * octave(abs(total)) if total else 0)
            bit = 1
            if head.values < len(out):
                Z, Y = own.stretched(), cz[c].stretched()
                zr, zc = between(0, (Z - whole >> 6) + 8, 15), between(0, (Y - whole >> 6) + 8, 15)
                new = squash(Z + Y - whole)
                asked = [by_levels[levels], densities[zr + 16 * zc + 256 * (a != 0) + 512 * (b != 0)],
                         hashes[32 * (c % 64) + 2 * zc + (b != 0)], surroundings[around + 64 * (zr >> 1)]]
                inputs = [s.known(new, 1).stretched() for s in asked] + [Y, above, other, fresh.stretched()]
                lg = 0 if c == 0 else 1 if c == 1 else 2 if c < 4 else 3
                bit = payload.mixed(inputs, zero_place[4 * lg + lr],
                                    zero_near[(a != 0) + 2 * (b != 0) + 4 * (P != 0) + 8 * (bb != 0)], 5)
                for slot in asked:
                    slot.learn(bit, 255)
                for slot in (cz[c], own, fresh, iz[i]) if kernel else (cz[c], own, fresh):
                    slot.learn(bit, 1023)
            if not bit:
                if head.negative_zeros:
                    out[r * C + c] = payload.by(of_zero[signs].known(32768, 1), 255) << head.width - 1
                continue
            done += 1
            need(done <= head.values, "more values than there are")
            mr, mc = min(7, rm >> 7), min(7, cm[c] >> 7) if cn[c] else 7

            def more(k):
                asked = [rows[k][mr + 8 * (rn > 3)], columns[k][mc + 8 * (cn[c] > 3)], near[k][levels],
                         lasts[k][8 * min(7, s1) + min(7, s2)], means[k][8 * mr + mc], around_class[k][around >> 3]]
                new = asked[3].known(32768, 1).clipped()
                inputs = [s.known(new, 2).stretched() for s in asked]
                bit = payload.mixed(inputs, class_step[k], class_mean[min(k, 7)][mr], 45)
                for slot in asked:
                    slot.learn(bit, 30)
                return bit

            s = steps(payload, head.span, more)
            negative = 0
            if head.signed:
                X = signum(a) + 3 * signum(b)
                asked = [sums[signs], cross[X + 9 * signum(P) + 27 * signum(U[c])],
                         back[X + 9 * signum(aa) + 27 * signum(ab)],
                         corners[X + 9 * signum(ab) + 27 * signum(ba)], by_class[min(s, 16)][signs]]
                new = asked[0].known(32768, 2).clipped()
                inputs = [t.known(new, 1).stretched() for t in asked]
                inputs += [cs[c].stretched(), row_sign.stretched(), -8 * between(-255, total, 255)]
                negative = payload.mixed(inputs, sign_place[4 * min(3, cn[c]) + min(3, rn)], sign_sums[signs], 22)
                for slot in asked:
                    slot.learn(negative, 60)
                for slot in (cs[c], row_sign):
                    slot.learn(negative, 255)

            def next_bit(depth, node):
                first, second = tree[min(s, 24)][node], column_tree[min(s, 7)][mc][node]
                new = first.known(32768, 1).clipped()
                inputs = [first.stretched(), second.known(new, 4).stretched()]
                bit = payload.mixed(inputs, tree_node[node], tree_depth[depth], 14)
                first.learn(bit, 60)
                second.learn(bit, 60)
                return bit

            n = head.bits(s)
            m = mantissa(payload, n, 6 if not head.floats or (s == head.span and s) else 3, next_bit)
            out[r * C + c] = head.element(negative, s, m)
            t = m >> n - 4 if n >= 4 else m << 4 - n
            now[c] = max(1, 16 + t >> min(s, 5)) * (-1 if negative else 1)
            rm, cm[c] = moved(rm, rn, s), moved(cm[c], cn[c], s)
            rn, cn[c] = rn + 1, min(255, cn[c] + 1)
            s1, s2 = s, s1
        rz.append(own)
    need(done == head.values, "fewer values than there are")


DECODERS |= {
    4: learned(small, lambda entry, number: 7),
    5: learned(mixed, lambda entry, number: 7 if Shape(entry, number).kernel else 15),
}


# --- levels (encoding 9) ------------------------------------------------------------------------------------

def bit_fields(file, entry):
    below, above = entry.span
    width = (below + above - 1).bit_length()
    dense = entry.nonzeros == entry.count
    for number in range(len(entry.lengths)):
        count = len(entry.elements(number))
        stored, mask_bytes = file.block(entry, number), 0 if dense else -(-count // 8)
        need(len(stored) >= mask_bytes, "length of a block of fields")
        bits = np.ones(count, bool)
        if not dense:
            bits = np.unpackbits(np.frombuffer(stored[:mask_bytes], np.uint8), bitorder="little").astype(bool)
            need(not bits[count:].any(), "bits behind the last element")
            bits = bits[:count]
        m = int(bits.sum())
        need(len(stored) == mask_bytes + -(-m * width // 8), "length of a block of fields")
        digits = np.unpackbits(np.frombuffer(stored[mask_bytes:], np.uint8), bitorder="little").astype(np.int64)
        need(not digits[m * width:].any(), "bits behind the last field")
        fields = digits[:m * width].reshape(m, width) @ (1 << np.arange(width, dtype=np.int64))
        need(bool((fields < below + above).all()), "a field of no level")
        out = np.zeros(count, np.int64)
        out[bits] = np.where(fields < below, fields - below, fields - below + 1)
        yield out.astype(entry.dtype).tobytes()


def levels(file, entry):
    plane = entry.plane
    plane.entry.sums = entry.sums  # read behind all entries
    for number, stored in enumerate(PLANE_DECODERS[plane.entry.encoding](file, plane.entry)):
        yield plane.elements(np.frombuffer(stored, plane.entry.dtype), entry.elements(number))


DECODERS |= {9: levels}
PLANE_DECODERS = {key: decoder for key, decoder in DECODERS.items() if key not in (1, 6, 8, 9)} | {10: bit_fields}


class Plane:
    """The words that an entry's elements are stored as, and what they stand for."""
    FORMS = {1: (1,), 2: (2,), 3: (5, 2), 4: (5, 6, 2), 5: (5, 6, 2)}

    @classmethod
    def of(cls, entry):
        """None of what a later version added."""
        fields = Fields(entry.parameters)
        map, encoding = fields.u8(), fields.varint()
        need(encoding not in (1, 6, 8, 9), f"a plane in encoding {encoding}")
        return cls(entry) if map in cls.FORMS and encoding in PLANE_DECODERS else None

    def __init__(self, entry):
        need(entry.code & 127 in (1, 2, 3, 4), "levels of no floats")
        fields = Fields(entry.parameters)
        self.map, encoding, form, parameters = fields.u8(), fields.varint(), fields.u8(), fields.string()
        need(form in self.FORMS[self.map], f"a plane of type {form}")
        need(self.map > 2 or entry.size > 2, "narrow numbers for elements that are no wider")
        self.code, self.columns = entry.code, entry.columns
        self.table(fields)
        fields.end()
        self.entry = plane = copy.copy(entry)
        plane.code, plane.size, plane.encoding, plane.parameters = form, TYPES[form][1], encoding, parameters
        if encoding == 10:
            own = Fields(parameters)
            below, above = plane.span = own.varint(), own.varint()
            own.end()
            need(below <= 32767 and above <= 32767 and below + above > 0, "fields of no levels")
            need(form == 6 or form == 5 and below <= 128 and above <= 127, "fields of a plane that does not hold them")
        else:
            need(not parameters or encoding not in (0, 2, 7), "parameters")

    def table(self, fields):
        if self.map == 3:
            self.scales = np.frombuffer(fields.take(2 * self.columns), "<f2")
            need(bool(np.isfinite(self.scales).all()) and not np.signbit(self.scales).any(), "scales")
        if self.map > 3:
            self.below, above = fields.varint(), fields.varint()
            need(self.below <= 32767 and above <= 32767, "a table of more than 32,767")
            if self.map == 4:
                entries = np.frombuffer(fields.take(4 * (self.below + above)), "<f4").astype(np.float32)
            else:
                step = np.frombuffer(fields.take(4), "<f4").astype(np.float64)
                with np.errstate(over="ignore", invalid="ignore"):
                    ratios = np.frombuffer(fields.take(2 * (self.below + above)), "<f2").astype(np.float64)
                    entries = (step * ratios).astype(np.float32)
            need(bool(np.isfinite(entries).all()) and bool((self.rounded(entries) != 0).all()), "entries of a table")
            self.entries = np.concatenate([entries[:self.below], np.zeros(1, np.float32), entries[self.below:]])

    def rounded(self, floats):
        """As float32, what the element type makes of them."""
        code = self.code & 127
        if code == 1:
            return np.clip(floats, -65504, 65504).astype(np.float16).astype(np.float32)
        if code == 2:
            bits = floats.view(np.uint32).astype(np.uint64)
            bits = (bits + 0x7FFF + (bits >> np.uint64(16) & np.uint64(1)) & np.uint64(0xFFFF0000)).astype(np.uint32)
            bits = np.where(bits & 0x7F800000 == 0x7F800000, bits & 0x80000000 | 0x7F7F0000, bits)
            return bits.astype(np.uint32).view(np.float32)
        return floats

    def elements(self, words, places):
        """The bytes of the elements at `places` that these words stand for."""
        if self.map < 3:
            floats = words.astype(np.float32) if self.map == 1 else bfloat16(words)
            need(bool(np.isfinite(floats).all()) and not (np.signbit(floats) & (floats == 0)).any(), "numbers of a plane")
        else:
            levels = self.integers(words)
            if self.map == 3:
                need(bool((np.abs(levels) <= 127).all()), "a level past 127")
                scales = self.scales[np.arange(places.start, places.stop) % self.columns].astype(np.float32)
                need(not (levels[scales == 0] != 0).any(), "a level without a scale")
                floats = levels.astype(np.float32) * scales
            else:
                at = levels + self.below
                need(bool(((at >= 0) & (at < len(self.entries))).all()), "a level without an entry")
                floats = self.entries[at]
        code, floats = self.code & 127, self.rounded(floats)
        order = ">" if self.code & 128 else "<"
        if code == 2:
            return (floats.view(np.uint32) >> np.uint32(16)).astype(order + "u2").tobytes()
        return floats.astype(order + TYPES[code][0]).tobytes()

    def integers(self, words):
        if words.dtype.kind != "V":
            return words.astype(np.int64)
        floats = bfloat16(words)
        need(bool(np.isfinite(floats).all()), "a level that is no number")
        need(bool((floats == np.trunc(floats)).all()) and bool((np.abs(floats) <= 256).all()), "a level that is no integer")
        need(not (np.signbit(floats) & (floats == 0)).any(), "a level of -0")
        return floats.astype(np.int64)


def bfloat16(words):
    """Two bytes of no meaning to NumPy as the floats that they are."""
    return (words.view("<u2").astype(np.uint32) << np.uint32(16)).view(np.float32)


# --- documents ------------------------------------------------------------------------------------------

class Document:
    """The tree of an HDF5 file: `objects`, dictionaries that name one another by number."""

    def __init__(self, file, entry):
        self.file = file
        self.fields = fields = Fields(file.decoded(entry))
        self.superblock = fields.varint()
        need(self.superblock <= 3, "superblock")
        self.user_block = fields.string()
        self.objects = fields.several(self.object)
        self.mark_names(file.marks_names)
        fields.end()
        need(self.objects and self.objects[0]["kind"] == "group", "no root")
        for o in self.objects:
            for _, target in o.get("links", ()):
                need(isinstance(target, bytes) or target < len(self.objects), "link to nothing")

    def object(self):
        f = self.fields
        kind = f.choice((1, 2, 3))
        if kind == 1:
            order = f.choice((0, 1, 2))
            links = f.several(lambda: (self.name(), f.varint() if f.choice((1, 2)) == 1 else f.string()))
            need(len({name for name, _ in links}) == len(links), "two links of one name")
            return {"kind": "group", "link_order": order, "links": links, **self.attributes()}
        if kind == 3:
            return {"kind": "type", "type": self.datatype(), **self.attributes()}
        committed, type, space = f.varint(), self.datatype(), self.space()
        layout = f.choice((0, 1, 2))
        chunk = f.several(f.varint) if layout == 2 else None
        filters = f.several(lambda: (f.varint(), f.flag(), f.several(f.varint)))
        fill = f.choice((0, 1, 2))
        element = f.string() if fill == 2 else None
        times = f.choice((0, 1, 2)), f.choice((0, 1, 2))
        return {"kind": "dataset", "committed": committed, "type": type, "space": space, "layout": layout,
                "chunk": chunk, "filters": filters, "fill": fill, "fill_value": element, "times": times,
                **self.attributes(), "value": self.value(type, space)}

    def mark_names(self, has_runs):
        """Gives each object the marks of its links' and of its attributes' names: 0 ASCII, 1 UTF-8."""
        lists = []
        for o in self.objects:
            o["link_marks"] = [usual_mark(name) for name, _ in o.get("links", ())]
            o["attribute_marks"] = [usual_mark(name) for name in o["attributes"]]
            lists += [o["link_marks"], o["attribute_marks"]]
        if has_runs:
            runs = self.fields.several(self.fields.varint)
            need(runs and all(runs[1:]) and sum(runs) == sum(map(len, lists)), "runs of marks")
            changes = (turn % 2 for turn, names in enumerate(runs) for _ in range(names))
            for marks in lists:
                marks[:] = [mark ^ next(changes) for mark in marks]

    def name(self):
        name = self.fields.string()
        need(name and 0 not in name, "a name of nothing")
        return name

    def attributes(self):
        f = self.fields
        order = f.choice((0, 1, 2))
        found = {}

        def one():
            name, committed, type, space, value = self.name(), f.varint(), self.datatype(), self.space(), f.string()
            need(name not in found, "two attributes of one name")
            need(not plain(type) or len(value) == elements(space) * type["size"], "bytes of an attribute")
            found[name] = {"committed": committed, "type": type, "space": space, "value": value}

        f.several(one)
        return {"attribute_order": order, "attributes": found}

    def space(self):
        f = self.fields
        kind = f.choice((0, 1, 2))
        if kind < 2:
            return (None, ())[kind]
        rank = f.varint()
        need(rank <= 32, "rank")
        axes = [(f.varint(), f.varint()) for _ in range(rank)]
        return tuple(a for a, _ in axes), tuple(b - 1 if b else None for _, b in axes)

    def value(self, type, space):
        f = self.fields
        kind = f.choice((1, 2, 3, 4, 5))
        if kind == 1:
            tensors, number = self.file.of(5), f.varint()
            need(number < len(tensors), "values in no tensor")
            tensor = tensors[number]
            need(plain(type) and tensor.size == type["size"] and tensor.count == elements(space), "values of another tensor")
            return "tensor", tensor
        if kind == 2:
            value = f.string()
            need(plain(type) and len(value) == elements(space) * type["size"], "bytes of values")
            return "plain", value
        return {3: lambda: ("portable", f.string()), 4: lambda: ("unwritten", None), 5: lambda: ("unreadable", f.text())}[kind]()

    def datatype(self, depth=0):
        f = self.fields
        need(depth < 32, "types nested too deeply")
        kind = f.choice(range(1, 12))
        if kind in (1, 6):
            size, flags = f.varint(), f.choice(range(4))
            return {"class": {1: "integer", 6: "bitfield"}[kind], "size": size, "big": bool(flags & 1), "signed": bool(flags & 2),
                    "bits": (f.varint(), f.varint()), "padding": f.take(2)}
        if kind == 2:
            size, order = f.varint(), f.u8()
            return {"class": "float", "size": size, "order": order, "bits": (f.varint(), f.varint()), "padding": f.take(3),
                    "layout": [f.varint() for _ in range(5)], "bias": f.varint(), "normalisation": f.u8()}
        if kind == 3:
            return {"class": "string", "size": f.varint(), "padding": f.choice((0, 1, 2)), "utf8": f.flag()}
        if kind == 4:
            return {"class": "variable string", "padding": f.choice((0, 1, 2)), "utf8": f.flag()}
        if kind == 5:
            return {"class": "opaque", "size": f.varint(), "tag": f.string()}
        if kind == 7:
            size = f.varint()
            return {"class": "compound", "size": size, "members": f.several(lambda: (f.string(), f.varint(), self.datatype(depth + 1)))}
        if kind == 8:
            base = self.datatype(depth + 1)
            return {"class": "enumeration", "size": base.get("size", 0), "base": base, "members": f.several(lambda: (f.string(), f.string()))}
        if kind == 9:
            base, shape = self.datatype(depth + 1), f.several(f.varint)
            return {"class": "array", "size": base.get("size", 0) * math.prod(shape), "base": base, "shape": shape}
        if kind == 10:
            return {"class": "sequence", "base": self.datatype(depth + 1)}
        return {"class": "reference"}


def usual_mark(name):
    try:
        return int(not name.decode().isascii())
    except UnicodeDecodeError:
        return 0


def plain(type):
    """Whether a value is bytes alone."""
    if type["class"] == "compound":
        return all(plain(member) for _, _, member in type["members"])
    return plain(type["base"]) if type["class"] == "array" else type["class"] not in ("variable string", "sequence", "reference")


def elements(space):
    if space is None:
        return 0
    count = 1
    for dimension in space[0] if space else ():
        count *= dimension
    return count


# --- models ---------------------------------------------------------------------------------------------

def load(path):
    """{name: array} of all tensors in the packed file at `path`. Names are those that `coppice inspect` calls paths: of
    the dataset in the HDF5 file that was packed, in an archive with the member's name in front.

    NumPy has no bfloat16: such tensors come as the same numbers in float32. Arrays can be written to.

    Plain Python is slow at encoding 5, which `--level max` may use for every tensor and `default` for those of at most
    65,536 weights: some 20,000 weights a second where nine in ten are zero, fewer where they are not. What is loaded
    often is better packed with `--level fast`.
    """
    file = _open(path)
    return _located(path, lambda: {entry.name: _array(file, entry) for entry in file.of(5)})


def config(path):
    """The architecture of the model in the packed file at `path`, as Keras wrote it: JSON for
    `keras.models.model_from_json`. None where the file holds weights alone."""
    file = _open(path)

    def read():
        for part in (file.container() or {"parts": []})["parts"]:
            if part["content"] == "blob" and part["name"] == b"config.json":
                return file.decoded(part["entry"]).decode()
            if part["content"] == "document":
                root = _Node(file, file.document(part["entry"]), 0)
                text, version = root.texts("model_config"), root.texts("keras_version")
                if text and version and version[0].startswith("3"):
                    # Keras 3 leaves out of its .h5 files what its model_from_json asks for.
                    return json.dumps({"module": "keras", "registered_name": None, **json.loads(text[0])})
                if text:
                    return text[0]
        return None
    return _located(path, read)


def load_into(model, path):
    """Gives the Keras model (of Keras 2 or 3, any backend) the weights of the packed file at `path`, whatever of Keras's
    layouts was packed: .h5, .weights.h5, .keras. The optimizer is left alone.

    Layers are found as Keras finds them. In .h5 that is by name, numbers that Keras gave in passing aside (dense_3 for
    dense) as long as they stand in the same order; in .keras and Keras 3's .weights.h5 by their place in the model.
    Raises Mismatch where layers, shapes or the number of weights differ, and the model is as it was.
    """
    file = _open(path)
    tree = _located(path, lambda: _weights(file))
    variables = list(getattr(model, "variables", None) or model.weights)
    before = [variable.numpy() for variable in variables]
    try:
        _located(path, lambda: _load_by_name(model, tree) if tree.is_legacy else _load_by_place(model, tree))
    except Exception:
        for variable, value in zip(variables, before):
            variable.assign(value)
        raise


def _open(path):
    with open(path, "rb") as file:
        data = file.read()
    return _located(path, lambda: File(data))


def _located(path, work):
    """`work`'s result; its complaints with the path in front."""
    try:
        return work()
    except (Refused, Unknown, Mismatch) as error:
        raise type(error)(f"{path}: {error}") from None
    except RecursionError:
        raise Refused(f"{path}: groups are nested too deeply") from None


def _array(file, entry):
    array = np.frombuffer(file.decoded(entry), entry.dtype).reshape(entry.shape).copy()
    return _widened(array, ">" if entry.code & 128 else "<") if entry.code & 127 == 2 else array


def _widened(array, order="<"):
    """bfloat16 as float32: its bits are the upper half."""
    return (array.view(order + "u2").astype("<u4") << 16).view("<f4")


class _Node:
    """A group or dataset of a document."""

    def __init__(self, file, document, number, path=""):
        self.file, self.document, self.number, self.path = file, document, number, path
        self.object = document.objects[number]
        self.is_group = self.object["kind"] == "group"
        self.is_dataset = self.object["kind"] == "dataset"

    @property
    def is_legacy(self):
        """Whether weights lie by the names of layers, as up to Keras 2."""
        return self.texts("layer_names") is not None

    def children(self):
        """{name: node}, in the order of the file; soft links that lead nowhere left out."""
        found = ((name, self._follow(target)) for name, target in self.object.get("links", ()))
        return {_text(name): self._node(number, _text(name)) for name, number in found if number is not None}

    def child(self, path):
        """What lies at a path below; None where nothing does."""
        number = self._find(path.encode("utf-8", "surrogateescape"), self.number)
        return None if number is None else self._node(number, path)

    def _node(self, number, path):
        return _Node(self.file, self.document, number, f"{self.path}/{path}".lstrip("/"))

    def _follow(self, target):
        """The object that a link of this group leads to."""
        return self._find(target, self.number) if isinstance(target, bytes) else target

    def _find(self, path, start, hops=None):
        """The object at a path from another; at most 32 soft links are followed, one in another or behind another."""
        hops = iter(range(32)) if hops is None else hops
        number = 0 if path.startswith(b"/") else start
        for name in path.split(b"/"):
            if name in (b"", b"."):
                continue
            links = dict(self.document.objects[number].get("links", ()))
            target = links.get(name)
            if isinstance(target, bytes):
                target = None if next(hops, None) is None else self._find(target, number, hops)
            if target is None:
                return None
            number = target
        return number

    def texts(self, name):
        """An attribute of one text or several, as a list; None where there is none. Long lists lie in pieces, name0,
        name1 and so on."""
        attributes = self.object["attributes"]
        if name.encode() in attributes:
            return _texts(attributes[name.encode()])
        found, number = None, 0
        while f"{name}{number}".encode() in attributes:
            found = (found or []) + _texts(attributes[f"{name}{number}".encode()])
            number += 1
        return found

    def array(self):
        if not self.is_dataset:
            raise Mismatch(f"{self.path} is no dataset")
        kind, value = self.object["value"]
        shape, type = self.object["space"], self.object["type"]
        if kind == "tensor":
            return _array(self.file, value)
        if kind == "plain" and plain(type):
            return np.frombuffer(value, f"V{type['size']}").reshape(shape[0] if shape else ())
        raise Mismatch(f"{self.path} holds no numbers")


def _text(name):
    return name.decode("utf-8", "surrogateescape")


def _texts(attribute):
    """The texts in an attribute; [] where it has none."""
    type, value, count = attribute["type"], attribute["value"], elements(attribute["space"])
    if type["class"] == "string":
        size = type["size"]
        return [_text(value[n * size:(n + 1) * size].rstrip(b"\0")) for n in range(count)]
    if type["class"] == "variable string":
        fields = Fields(value)
        return [_text(fields.take(max(0, fields.varint() - 1))) for _ in range(count)]
    return []


def _weights(file):
    """The group of a file under which the weights lie."""
    container = file.container()
    if container is None or container["kind"] == "hdf5":
        raise Mismatch("holds tensors, but no model of Keras: load() gives them")
    name = b"model.weights.h5" if container["kind"] == "keras-archive" else b""
    for part in container["parts"]:
        if part["content"] == "document" and part["name"] == name:
            root = _Node(file, file.document(part["entry"]), 0)
            return root if root.is_legacy else root.child("model_weights") or root
    raise Mismatch("holds no weights")


# By name: a group for each layer, which lists its weights in the order of `trainable_weights` and then
# `non_trainable_weights`.

def _load_by_name(model, group):
    stored = {name: group.child(name) for name in group.texts("layer_names")}
    stored = {name: node for name, node in stored.items() if node is not None and node.texts("weight_names")}
    layers = [layer for layer in model.layers if _ordered(layer)]
    pairs = _paired(list(stored), layers)
    wanted = [(name, stored[name], layer, _ordered(layer)) for name, layer in pairs]
    top = group.child("top_level_model_weights")
    if top is not None and top.texts("weight_names"):
        wanted.append(("the model itself", top, model, _own(model)))
    changes = []
    for name, node, layer, variables in wanted:
        names = node.texts("weight_names")
        if len(names) != len(variables):
            raise Mismatch(f"layer {name}: {len(names)} weights in the file, {len(variables)} in the model "
                           f"({', '.join(map(_name, variables)) or 'is it built?'})")
        for weight, variable in zip(names, variables):
            dataset = node.child(weight)
            if dataset is None:
                raise Refused(f"layer {name}: {weight} is listed and not there")
            changes.append((variable, _fitting(dataset.array(), variable, f"layer {name}: {weight}")))
    for variable, array in changes:
        variable.assign(array)
    for layer in layers:
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()


def _ordered(layer):
    return list(layer.trainable_weights) + list(layer.non_trainable_weights)


def _own(holder):
    """The variables of a layer itself, those of layers in it left out."""
    for kind in ("variables", "weights"):
        found = [getattr(holder, f"_{which}_{kind}", None) for which in ("trainable", "non_trainable")]
        if all(isinstance(part, (list, tuple)) for part in found):
            return [variable for part in found for variable in part]
    return []


def _name(variable):
    return getattr(variable, "path", None) or variable.name


def _paired(names, layers):
    """(name in the file, layer) for all layers with weights."""
    by_name = {layer.name: layer for layer in layers}
    if set(by_name) == set(names) and len(by_name) == len(layers):
        return [(name, by_name[name]) for name in names]

    def bare(name):
        return re.sub(r"_\d+$", "", name)
    if len(names) == len(layers) and all(bare(n) == bare(l.name) for n, l in zip(names, layers)):
        return list(zip(names, layers))
    if not layers and names:
        raise Mismatch("the model has no weights yet: build it, or call it once")
    missing = [n for n in names if n not in by_name]
    extra = [n for n in by_name if n not in names]
    raise Mismatch(f"the file has {len(names)} layers with weights, the model {len(layers)}; "
                   f"only in the file: {_listed(missing)}; only in the model: {_listed(extra)}")


def _listed(names):
    return ", ".join(names[:5]) + (", …" if len(names) > 5 else "") if names else "none"


def _fitting(array, variable, what):
    """The array as the variable takes it. Shapes must be equal."""
    shape = tuple(int(n) for n in variable.shape)
    if array.shape != shape:
        raise Mismatch(f"{what}: shape {list(array.shape)} in the file, {list(shape)} in the model")
    type = getattr(variable.dtype, "name", None) or str(variable.dtype)
    if array.dtype.kind == "V":
        if (type, array.dtype.itemsize) != ("bfloat16", 2):
            raise Mismatch(f"{what}: of a type that NumPy does not know")
        array = _widened(array)
    try:
        return array.astype(type)
    except TypeError:
        return array.astype("f4") if array.dtype.kind == "f" else array     # the framework's own type, bfloat16


# By place: groups are named for the attributes of objects, members of a list for their classes; where an object has
# variables there is a group `vars` with datasets 0, 1 and so on. The object itself takes them.

PASSING = ("optimizer", "metrics", "loss_tracker", "compile_metrics", "compile_loss", "compiled_")


def _load_by_place(model, root):
    if not model.weights and _has_values(root):
        raise Mismatch("the model has no weights yet: build it, or call it once")
    covered = set()
    _take(model, root, covered)
    for name, node in root.children().items():
        if node.is_group and name != "vars" and not name.strip("_").startswith(PASSING):
            _descend(_attribute(model, name), node, covered)
    missing = [_name(v) for v in model.weights if id(v) not in covered]
    if missing:
        raise Mismatch(f"has no values for {_listed(missing)}")


def _descend(holder, node, covered):
    """Gives what lies in and below `node` to `holder`: an object, or a list of them."""
    if not _has_values(node) or holder is None and node.path.endswith(("seed_generator", "random_generator")):
        return
    if holder is None:
        raise Mismatch(f"the model has no {node.path}, for which the file has values")
    groups = {name: child for name, child in node.children().items() if child.is_group and name != "vars"}
    if isinstance(holder, (list, tuple, dict, set)):
        groups = {name: child for name, child in groups.items() if _has_values(child)}
        members = _members(holder, groups)
        for name in groups:
            if name not in members:
                _descend(None, groups[name], covered)
        for name, member in members.items():
            if name in groups:
                _descend(member, groups[name], covered)
    else:
        _take(holder, node, covered)
        for name, child in groups.items():
            _descend(_attribute(holder, name), child, covered)


def _take(holder, node, covered):
    """Hands an object its variables."""
    group = node.child("vars")
    if group is None or not group.is_group:
        return
    store = {}
    for name, dataset in group.children().items():
        array = dataset.array()
        if array.dtype.kind == "V" and dataset.texts("dtype") == ["bfloat16"]:
            array = _widened(array)
        store[name] = array
    if not store:
        return
    own = _own(holder)
    where = f"{node.path or 'the model'} ({getattr(holder, 'name', type(holder).__name__)})"
    for number, variable in enumerate(own if len(own) == len(store) else []):
        if str(number) in store:
            store[str(number)] = _fitting(store[str(number)], variable, f"{where}: {_name(variable)}")
    try:
        holder.load_own_variables(store)
    except Mismatch:
        raise
    except Exception as error:
        raise Mismatch(f"{where}: {str(error).partition(chr(10))[0]}") from error
    covered.update(map(id, own))


def _has_values(node, seen=None):
    seen = set() if seen is None else seen
    if node.number in seen:
        return False
    seen.add(node.number)
    return node.is_dataset or any(_has_values(child, seen) for child in node.children().values())


def _attribute(holder, name):
    """The object or list under a name; Keras 2.13 had another one for `layers`, and some names were private once."""
    if name == "_layer_checkpoint_dependencies":
        name = "layers"
    for way in (name, name.lstrip("_"), "_" + name):
        try:
            found = getattr(holder, way)
        except Exception:
            continue
        if hasattr(found, "load_own_variables") or isinstance(found, (list, tuple, dict, set)):
            return found
    return None


def _members(holder, wanted):
    """{name: member} of a list. Which of two members of a class is the second, and how the class is spelt, was not the
    same in all versions: the first way is taken in which all names are there."""
    members = list(holder.values()) if isinstance(holder, dict) else list(holder)
    once = [m for n, m in enumerate(members) if not any(m is other for other in members[:n])]
    for spelt in (r"(.)([A-Z][a-z]+)", r"(.)([A-Z][a-z0-9]+)"):
        for listed in (members, once):
            found, used = {}, {}
            for member in listed:
                if hasattr(member, "load_own_variables"):
                    name = re.sub(r"\W+", "", type(member).__name__)
                    name = re.sub(r"([a-z])([A-Z])", r"\1_\2", re.sub(spelt, r"\1_\2", name)).lower()
                elif isinstance(member, (list, tuple, dict)):
                    name = "container"
                else:
                    continue
                used[name] = used.get(name, -1) + 1
                found[f"{name}_{used[name]}" if used[name] else name] = member
            if set(wanted) <= set(found):
                return found
    return found


def _main(arguments):
    checks, paths = "--check" in arguments, [a for a in arguments if a != "--check"]
    if not paths or any(a.startswith("-") for a in paths):
        print("usage: python csrm.py [--check] FILE…", file=sys.stderr)
        return 64
    failed = 0
    for path in paths:
        try:
            file = _open(path)
            container = _located(path, file.container)
            print(f"{path}: {container['kind'] if container else 'tensors'}, version %d.%d" % file.version)
            for entry in file.of(5):
                shape = "×".join(map(str, entry.shape)) or "scalar"
                type = "bfloat16" if entry.code & 127 == 2 else entry.dtype.name
                print(f"  {entry.name}  {shape}  {type}  {entry.nonzeros} of {entry.count} not zero  "
                      f"{entry.end - entry.start} bytes, encoding {entry.encoding}")
            if checks:
                for entry in file.entries:
                    _located(path, lambda: file.decoded(entry))
        except BrokenPipeError:
            raise
        except (Refused, Unknown, OSError) as error:
            print(f"csrm.py: {error}", file=sys.stderr)
            failed = 1
    return failed


if __name__ == "__main__":
    try:
        sys.exit(_main(sys.argv[1:]))
    except BrokenPipeError:
        os._exit(141)
