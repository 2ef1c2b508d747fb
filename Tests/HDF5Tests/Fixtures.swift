import Documents
import Files
import Foundation
import Testing

@testable import HDF5

/// The files in `fixtures/hdf5` (see INDEX.md there).
enum Fixtures {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "fixtures/hdf5")

  static func path(_ name: String) -> String { folder.appending(path: name).path }

  static func read(_ name: String) throws -> Document {
    try HDF5.read(MappedFile(path: path(name)))
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appending(path: name)))
  }

  /// What h5py read: file, path of the dataset, bytes.
  static func values() throws -> [String: [String: [UInt8]]] {
    let data = try Data(contentsOf: folder.appending(path: "values.json"))
    return try JSONDecoder().decode([String: [String: String]].self, from: data).mapValues {
      $0.mapValues { hex in
        stride(from: 0, to: hex.utf8.count, by: 2).map {
          let digits = hex.utf8.dropFirst($0).prefix(2)
          return UInt8(String(decoding: digits, as: UTF8.self), radix: 16) ?? 0
        }
      }
    }
  }
}

/// A folder of one test's own, gone when the value is.
final class Scratch {
  let folder: URL

  init() throws {
    folder = URL(filePath: NSTemporaryDirectory()).appending(path: "coppice-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func path(_ name: String) -> String { folder.appending(path: name).path }
}

extension Document {
  func dataset(_ path: String) -> Dataset? {
    var object: Object? = objects.first
    for part in path.split(separator: "/") {
      guard case .group(let group)? = object,
        let link = group.links.first(where: { $0.name == Name(String(part)) }),
        case .hard(let id) = link.target
      else { return nil }
      object = objects[id]
    }
    if case .dataset(let dataset)? = object { return dataset }
    return nil
  }

  var root: Group {
    if case .group(let group)? = objects.first { group } else { Group() }
  }

  func attribute(_ name: Name) -> Attribute? { root.attributes.first { $0.name == name } }
}
