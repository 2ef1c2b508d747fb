"""Reads .csrm files with NumPy and zlib alone, written from man/csrm.5 and from nothing else: what this
cannot read, the page does not say. Slow and plain; refuses whatever the page says must be refused."""
import struct
import sys
import zlib

import numpy as np

MAGIC = bytes.fromhex("8943 5352 4D0D 0A1A")
KINDS = {1: "container", 2: "document", 3: "blob", 4: "skeleton", 5: "tensor", 6: "pool"}
TYPES = {1: ("f2", 2), 2: ("V2", 2), 3: ("f4", 4), 4: ("f8", 8), 5: ("i1", 1), 6: ("i2", 2), 7: ("i4", 4), 8: ("i8", 8),
         9: ("u1", 1), 10: ("u2", 2), 11: ("u4", 4), 12: ("u8", 8), 13: ("?", 1)}
CONTAINERS = {"keras-h5", "keras-weights-h5", "keras3-weights-h5", "keras-archive", "hdf5"}


class Refused(Exception):
    """The file is damaged, or breaks a must."""


class Unknown(Exception):
    """A later version's: an encoding, a precision, a kind of container."""


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
        if self.known:
            need(blocks == (-(-self.count // self.block) if self.count else 0), "number of blocks")
            need(not self.parameters, "parameters")
            if self.encoding != 1:
                need(sum(self.lengths) == stored, "blocks do not fill their section")
            if self.encoding in (1, 2, 7):
                need(self.block * self.size <= 1 << 27, "block over 128 MiB")

    @property
    def known(self):
        return self.encoding in DECODERS and self.precision == 0

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
        need(head == header and length == len(self.data) and codec < 2, "footer")
        need(at >= 64 and at + stored == length - 64, "directory is elsewhere")
        directory = self.data[at:at + stored]
        need(crc32c(directory) == own, "directory checksum")
        need(count <= 1 << 20 and inflated <= 1 << 28, "limits of a directory")
        if codec:
            need(inflated <= 1032 * stored, "bomb")
            fields, table = inflate(directory, inflated)
        else:
            fields, table = directory[:inflated], directory[inflated:]
        need(len(fields) == inflated, "directory")
        self.entries = []
        reader, end = Fields(fields), 64
        for _ in range(count):
            entry = Entry(Fields(reader.take(reader.varint())), end, at)
            need(not any(self.data[end:entry.start]), "padding")
            end = entry.end
            self.entries.append(entry)
        reader.end()
        need(end == at, "a hole before the directory")
        keys = [(e.kind, e.name.encode()) for e in self.entries]
        need(all(a < b for a, b in zip(keys, keys[1:])), "order of entries")
        need(len(table) == 4 * sum(len(e.lengths) + 1 for e in self.entries), "table of checksums")
        sums = iter(np.frombuffer(table, "<u4").tolist())
        for entry in self.entries:
            entry.sums = [next(sums) for _ in entry.lengths]
            entry.sum = next(sums)
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
        need(crc32c(whole) == entry.sum, "decoded checksum")
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
        need(crc32c(b"".join(parts)) == entry.sums[number], f"{entry.name}: checksum of block {number}")
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


DECODERS = {0: raw, 1: compressed_rows, 2: bitmask, 6: constant, 7: deflated}


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
            return {"class": "array", "size": base.get("size", 0) * int(np.prod(shape)), "base": base, "shape": shape}
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


if __name__ == "__main__":
    for path in sys.argv[1:]:
        packed = File(open(path, "rb").read())
        print(path, "version %d.%d" % packed.version)
        for e in packed.entries:
            print(f"  {KINDS.get(e.kind, e.kind)} {e.name!r} {e.dtype} {list(e.shape)} encoding {e.encoding}, "
                  f"{e.nonzeros} of {e.count} non-zero, {e.end - e.start} bytes in {len(e.lengths)} blocks")
            if e.known:
                packed.decoded(e)
