import Files
import JSON
import Tensors

/// Compressed sparse rows in a compressed `.npz`, by SciPy: what a person does today who knows
/// Python. It holds the tensors alone.
struct SciPyContender: Contender {
  let name = "scipy"
  let title = "SciPy CSR, .npz"
  let holdsTensorsAlone = true

  /// Matrices are folded to two axes, the last one kept. Elements are taken as the integers of their
  /// bits, so that every bit comes back, -0.0 and types without a sparse matrix (float16) too.
  /// Prints the seconds of both ways; Python's own start is not in them.
  private static let script = """
    import sys
    sys.path = [p for p in sys.path if p]
    import json, time
    try:
        import numpy as np
        import scipy.sparse as sp
    except ImportError:
        sys.exit(3)
    shapes = json.load(sys.stdin)
    given, packed, back = sys.argv[1:4]

    def dtype(size):
        return np.dtype("u%d" % size)

    start = time.perf_counter()
    data, at, store = np.fromfile(given, np.uint8), 0, {}
    for n, (size, shape) in enumerate(shapes):
        count = int(np.prod(shape, dtype=np.int64)) * size
        if size not in (1, 2, 4, 8):
            # No integer is as wide: the bytes as they are.
            store[str(n)], at = data[at:at + count], at + count
            continue
        array = data[at:at + count].view(dtype(size)).reshape(shape)
        at += count
        if array.ndim > 1 and array.size:
            rows = sp.csr_matrix(array.reshape(-1, shape[-1]))
            store["%d/data" % n], store["%d/indices" % n], store["%d/indptr" % n] = rows.data, rows.indices, rows.indptr
        else:
            store[str(n)] = array
    with open(packed, "wb") as f:
        np.savez_compressed(f, **store)
    packing = time.perf_counter() - start

    start = time.perf_counter()
    with np.load(packed) as store, open(back, "wb") as f:
        for n, (size, shape) in enumerate(shapes):
            if str(n) in store:
                array = store[str(n)]
            else:
                parts = store["%d/data" % n], store["%d/indices" % n], store["%d/indptr" % n]
                columns = shape[-1]
                array = sp.csr_matrix(parts, shape=(len(parts[2]) - 1, columns)).toarray()
            array.tofile(f)
    unpacking = time.perf_counter() - start
    print(json.dumps([packing, unpacking]))
    """

  /// The script's exit code where SciPy cannot be imported.
  private static let noSciPy: Int32 = 3

  func trial(on subject: BenchSubject) throws -> Trial {
    guard let python = Program(named: "python3") else {
      throw Absent(reason: "python3 is not installed")
    }
    let given = try Scratch.file()
    var shapes: [JSON.Value] = []
    // A tensor without any element has no shape that says so where its space is null.
    for tensor in subject.numbers where tensor.source.count > 0 {
      try given.write(all: tensor.source)
      shapes.append([.integer(tensor.type.size), .array(tensor.shape.map(JSON.Value.integer))])
    }
    let list = try Scratch.file()
    try list.write(Array(JSON.Value.array(shapes).text().utf8))
    let packed = try Scratch.file()
    let back = try Scratch.file()
    let printed = try Scratch.file()
    do {
      try Scratch.run(
        python, ["-c", Self.script, given.temporaryPath, packed.temporaryPath, back.temporaryPath],
        input: list.temporaryPath, output: printed)
    } catch let error as ProgramError {
      if error == .failed(program: python.name, code: Self.noSciPy) {
        throw Absent(reason: "python3 has no SciPy")
      }
      throw error
    }
    try back.require(holding: subject.numbers.map(\.source), program: title)
    let text = try MappedFile(path: printed.temporaryPath).bytes()
    guard let seconds = try? JSON.parse(text).arrayValue?.compactMap(\.doubleValue),
      seconds.count == 2
    else { throw Unfaithful(program: title) }
    return Trial(bytes: packed.size, packing: seconds[0], unpacking: seconds[1])
  }
}
