import Documents
import Files
import Foundation
import HDF5
import Tensors
import Zip

@testable import Datasets

/// A fresh folder, gone when the value is.
final class TemporaryFolder {
  let path: String
  init() throws {
    path = NSTemporaryDirectory() + "/coppice-data-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  /// Writes a file and returns its path.
  func write(_ bytes: [UInt8], as name: String) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
    return file(name)
  }

  func write(_ text: String, as name: String) throws -> String {
    try write(Array(text.utf8), as: name)
  }

  /// An archive of these members, stored or deflated.
  func write(zip members: [(String, [UInt8])], method: UInt16, as name: String) throws -> String {
    let output = try OutputFile(path: file(name), replacing: true)
    var writer = try ZipWriter(Archive(), to: output)
    for (name, bytes) in members {
      var member = ArchiveMember()
      member.method = method
      // What numpy.savez marks its members with: room for zip64 sizes.
      member.versionNeeded = 45
      try writer.add(Name(name), member, content: MemoryBytes(bytes))
    }
    try writer.finish()
    try output.commit()
    return file(name)
  }

  /// `bytes` inside gzip.
  func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
    let archive = try ZipArchive(
      reading: MappedFile(path: write(zip: [("a", bytes)], method: 8, as: "\(UUID()).zip")),
      path: "a", limits: .standard)
    guard let inflated = archive.members[0].content as? InflatedBytes else { return [] }
    return try [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255] + inflated.compressed.bytes()
      + little(inflated.checksum) + little(UInt32(bytes.count))
  }

  /// An HDF5 file of these datasets.
  func write(hdf5 datasets: [(String, Dataset)], as name: String) throws -> String {
    var root = Group()
    var objects: [Object] = []
    for (index, (name, dataset)) in datasets.enumerated() {
      root.links.append(Link(name: Name(name), target: .hard(index + 1)))
      objects.append(.dataset(dataset))
    }
    let output = try OutputFile(path: file(name), replacing: true)
    try HDF5.write(Document(objects: [.group(root)] + objects), to: output)
    try output.commit()
    return file(name)
  }
}

func little<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian, Array.init)
}
func big<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] {
  withUnsafeBytes(of: value.bigEndian, Array.init)
}
func floats(_ values: [Float]) -> [UInt8] { values.flatMap { little($0.bitPattern) } }

/// A NumPy array: `descr` as NumPy writes it.
func npy(
  _ descr: String, _ shape: [Int], _ values: [UInt8], fortran: Bool = false, version: UInt8 = 1
) -> [UInt8] {
  let lengths = shape.map { "\($0), " }.joined()
  let text =
    "{'descr': '\(descr)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': (\(lengths)), }"
  let start = version == 1 ? 10 : 12
  let padding = String(repeating: " ", count: 63 - (start + text.utf8.count) % 64) + "\n"
  let header = Array((text + padding).utf8)
  return [0x93] + Array("NUMPY".utf8) + [version, 0]
    + (version == 1 ? little(UInt16(header.count)) : little(UInt32(header.count))) + header + values
}

/// An IDX file.
func idx(_ type: UInt8, _ shape: [Int], _ values: [UInt8]) -> [UInt8] {
  [0, 0, type, UInt8(shape.count)] + shape.flatMap { big(UInt32($0)) } + values
}

/// A dataset of numbers.
func dataset(_ type: Datatype, _ shape: [Int], _ values: [UInt8]) -> Dataset {
  Dataset(type: type, space: .simple(shape), value: .plain(MemoryBytes(values)))
}

let float32 = Datatype.float(.init(ieee: 4))
let int32 = Datatype.integer(.init(size: 4, isSigned: true))
let uint8 = Datatype.integer(.init(size: 1, isSigned: false))

/// Where the repository's fixtures are.
let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("fixtures").path

extension DataPart {
  /// All values of an input.
  func values(_ input: Int = 0) throws -> [Float] {
    try values(Array(0..<count), input)
  }

  func values(_ rows: [Int], _ input: Int = 0) throws -> [Float] {
    var all = [Float](repeating: .nan, count: rows.count * inputs[input].itemCount)
    try all.withUnsafeMutableBufferPointer { room in
      if let start = room.baseAddress { try read(rows, input: input, into: start) }
    }
    return all
  }

  func classes(_ target: Int = 0) throws -> [Int32] {
    var all = [Int32](repeating: -1, count: count * targets[target].positions)
    try all.withUnsafeMutableBufferPointer { room in
      if let start = room.baseAddress { try readClasses(0..<count, target: target, into: start) }
    }
    return all
  }

  func labelValues(_ target: Int = 0) throws -> [Float] {
    let width = targets[target].positions * targets[target].width
    var all = [Float](repeating: -1, count: count * width)
    try all.withUnsafeMutableBufferPointer { room in
      if let start = room.baseAddress { try readFloats(0..<count, target: target, into: start) }
    }
    return all
  }
}

extension DataSet {
  /// For a model of one input and one output of these item shapes.
  func fitted(_ input: [Int?], _ output: [Int?]) throws -> DataSet {
    try fitted(
      inputs: [ModelShape(name: "input", shape: input)],
      outputs: [ModelShape(name: "output", shape: output)])
  }
}

func options(_ change: (inout DataOptions) -> Void) -> DataOptions {
  var options = DataOptions()
  change(&options)
  return options
}
