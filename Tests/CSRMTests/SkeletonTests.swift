import Documents
import Files
import Foundation
import Tensors
import Testing

@testable import CSRM

/// A file with tensors in it is packed, and comes back to the byte.
struct SkeletonTests {
  /// A folder that goes away with the test.
  private final class Folder {
    let path: String
    init() throws {
      path = FileManager.default.temporaryDirectory.path + "/csrm-\(UUID().uuidString)"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  /// A file of `bytes` with a float tensor for each of `extents`, which lie in it as they are.
  private func container(_ folder: Folder, _ bytes: [UInt8], _ extents: [Range<Int>]) throws
    -> Container
  {
    let path = folder.path + "/original"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    let original = try MappedFile(path: path)
    var container = Models.container(
      extents.enumerated().map { index, extent in
        let slice = ByteSlice(original, extent)
        return (Name("t\(index)"), Models.dataset(.float32, [extent.count / 4], slice))
      })
    container.original = original
    return container
  }

  private func restored(_ file: PackedFile) throws -> [UInt8] {
    let sink = MemorySink()
    try file.restoreOriginal(to: sink)
    return sink.bytes
  }

  private var exact: PackOptions {
    var options = PackOptions()
    options.bytesExact = true
    return options
  }

  @Test func theVeryFileComesBack() throws {
    let folder = try Folder()
    var random = Sequence64(6)
    let bytes = random.elements(1000, size: 4, oneIn: 2) + [1, 2, 3]
    for extents in [[], [0..<400], [40..<80, 80..<120, 1001..<2001], [3003..<4003], [0..<4000]] {
      let packed = try Models.packed(container(folder, bytes, extents), exact)
      let file = try Models.open(packed)
      #expect(file.holdsOriginal)
      #expect(try restored(file) == bytes)
      #expect(file.verify().isWhole)
      #expect(
        try Packer.measure(container(folder, bytes, extents), options: exact).totalBytes
          == packed.count)
    }
  }

  @Test func newValuesLieWhereTheOldOnesLay() throws {
    let folder = try Folder()
    let bytes = (0..<200).map { UInt8($0) }
    var container = try container(folder, bytes, [20..<60, 100..<140])
    container.replaceValue(part: 0, object: 2, with: MemoryBytes([UInt8](repeating: 0, count: 40)))
    let file = try Models.open(Models.packed(container, exact))
    var expected = bytes
    for index in 100..<140 { expected[index] = 0 }
    #expect(try restored(file) == expected)
    #expect(file.verify().isWhole)
  }

  @Test func largeFilesComeBackAPieceAtATime() throws {
    let folder = try Folder()
    var random = Sequence64(8)
    let bytes = random.elements(1_500_000, size: 4, oneIn: 3)
    let container = try container(folder, bytes, [1000..<5_000_000, 5_000_004..<5_500_004])
    #expect(try restored(Models.open(Models.packed(container, exact))) == bytes)
  }

  @Test func whatCannotBeRebuiltIsRefused() throws {
    let folder = try Folder()
    func fault(_ container: Container) -> Fault? {
      do {
        _ = try Models.packed(container, exact)
        return nil
      } catch { return (error as? CSRMError)?.fault }
    }
    // Values that are not stored as they are, and were changed.
    var container = try container(folder, [UInt8](0..<100), [0..<40])
    if case .document(var document) = container.parts[0].content {
      document.objects[1] = .dataset(Models.dataset(.float32, [2], MemoryBytes([UInt8](0..<8))))
      container.parts[0].content = .document(document)
    }
    #expect(fault(container) == nil)
    container.replaceValue(part: 0, object: 1, with: MemoryBytes([UInt8](repeating: 0, count: 8)))
    #expect(fault(container) == .unsupported)
    // A compressed member.
    var member = ArchiveMember()
    member.method = 8
    var archive = try self.container(folder, [UInt8](0..<100), [0..<40])
    archive.kind = .kerasArchive
    archive.archive = Archive()
    archive.parts[0].member = member
    #expect(fault(archive) == .unsupported)
    // Members stored as they are, but the archive has checksums of values that were changed.
    member.method = 0
    archive.parts[0].member = member
    #expect(fault(archive) == nil)
    archive.replaceValue(part: 0, object: 1, with: MemoryBytes([UInt8](repeating: 0, count: 40)))
    #expect(fault(archive) == .unsupported)
  }

  @Test func withoutItTheOriginalIsRefused() throws {
    let file = try Models.open(Models.packed(Models.container(.float32, [1], [0, 0, 0, 1])))
    #expect(!file.holdsOriginal)
    #expect(throws: CSRMError.noOriginal(file: "test.csrm")) { try restored(file) }
  }

  @Test func listsOfExtentsAreChecked() throws {
    let list = ExtentList(
      fileLength: 300, checksum: 7, extents: [.init(gap: 3, tensor: 1), .init(gap: 0, tensor: 0)])
    let bytes = Array(list.bytes.dropFirst(ExtentList.prefix))
    #expect(try ExtentList(from: bytes) == list)
    #expect(throws: Malformed.self) { try ExtentList(from: bytes + [0]) }
    #expect(throws: Malformed.self) { try ExtentList(from: bytes.dropLast()) }
  }
}
