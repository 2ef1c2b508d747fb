import Files

/// The strongest that can be done by hand: of each tensor a bit mask of its elements, then the first
/// bytes of those that are not zero, then their second bytes, and so on; all of it through xz or zstd,
/// whichever makes less of it.
struct PlanesContender: Contender {
  let name = "planes"
  let title = "mask, planes, xz/zstd"
  let holdsTensorsAlone = true

  func trial(on subject: BenchSubject) throws -> Trial {
    let coders = [ProgramContender.xz, .zstd].compactMap { coder in
      Program(named: coder.name).map { (coder: coder, program: $0) }
    }
    guard !coders.isEmpty else { throw Absent(reason: "neither xz nor zstd is installed") }
    let planes = try Scratch.file()
    let splitting = Stopwatch()
    for tensor in subject.numbers {
      try planes.write(
        try tensor.source.withBytes { ZeroPlanes.split($0, size: tensor.type.size) })
    }
    let split = splitting.seconds
    var best: Trial?
    for (coder, program) in coders {
      let run = try coder.run(program, on: planes.temporaryPath, bytes: planes.count)
      let joining = Stopwatch()
      let back = try joined(
        MappedFile(path: run.back.temporaryPath), subject, program: coder.name)
      let joinedIn = joining.seconds
      try back.require(holding: subject.numbers.map(\.source), program: coder.name)
      if best.map({ run.packed.size < $0.bytes }) ?? true {
        best = Trial(
          bytes: run.packed.size, packing: split + run.packing, unpacking: run.unpacking + joinedIn)
      }
    }
    guard let best else { throw Absent(reason: "neither xz nor zstd is installed") }
    return best
  }

  /// The tensors that `planes` are of.
  private func joined(
    _ planes: MappedFile, _ subject: BenchSubject, program: String
  ) throws -> OutputFile {
    let output = try Scratch.file()
    var end = 0
    for tensor in subject.numbers {
      let found = try planes.withBytes(end..<planes.count) {
        ZeroPlanes.join($0, size: tensor.type.size, count: tensor.source.count / tensor.type.size)
      }
      guard let found else { throw Unfaithful(program: program) }
      end += found.taken
      try output.write(found.bytes)
    }
    return output
  }
}

/// A tensor as a bit mask, lowest bit first, and the bytes of its non-zero elements in planes.
enum ZeroPlanes {
  /// `words` are elements of `size` bytes.
  static func split(_ words: UnsafeRawBufferPointer, size: Int) -> [UInt8] {
    let count = words.count / size
    let maskBytes = (count + 7) / 8
    var out = [UInt8](repeating: 0, count: maskBytes)
    var places: [Int] = []
    for index in 0..<count {
      let start = index * size
      var bits: UInt8 = 0
      for byte in start..<start + size { bits |= words[byte] }
      guard bits != 0 else { continue }
      out[index / 8] |= 1 << UInt8(index % 8)
      places.append(start)
    }
    out.reserveCapacity(maskBytes + places.count * size)
    for plane in 0..<size {
      for place in places { out.append(words[place + plane]) }
    }
    return out
  }

  /// The `count` elements that `planes` begins with, and how many bytes these take there; nil where it
  /// is too short.
  static func join(
    _ planes: UnsafeRawBufferPointer, size: Int, count: Int
  ) -> (bytes: [UInt8], taken: Int)? {
    let maskBytes = (count + 7) / 8
    guard planes.count >= maskBytes else { return nil }
    var places: [Int] = []
    for index in 0..<count where planes[index / 8] >> UInt8(index % 8) & 1 == 1 {
      places.append(index * size)
    }
    let taken = maskBytes + places.count * size
    guard planes.count >= taken else { return nil }
    var out = [UInt8](repeating: 0, count: count * size)
    var next = maskBytes
    for plane in 0..<size {
      for place in places {
        out[place + plane] = planes[next]
        next += 1
      }
    }
    return (out, taken)
  }
}
