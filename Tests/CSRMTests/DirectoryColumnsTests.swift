import Testing

@testable import CSRM

/// The fields of all entries by columns.
struct DirectoryColumnsTests {
  private static func entry(_ name: String, _ change: (inout EntryFields) -> Void = { _ in })
    -> EntryFields
  {
    var entry = EntryFields(
      kind: 5, name: Array(name.utf8), elementCode: 3, elementSize: 4, shape: [3, 2], encoding: 2,
      precision: 0, parameters: [], nonzeros: 4, gap: 0, stored: 17, alignment: 1, blockElements: 6,
      blockLengths: [17])
    change(&entry)
    return entry
  }

  private static let several = [
    entry("a") { $0.parameters = [1, 2, 3] },
    entry("a/kernel") {
      $0.alignment = 64
      // The first section ends at 64 + 17.
      $0.gap = 47
      $0.blockElements = 2
      $0.blockLengths = [5, 6, 7]
      $0.stored = 20
    },
    entry("a/kern"),
    entry("") {
      $0.shape = []
      $0.nonzeros = 0
      $0.blockElements = 1
      $0.encoding = 8
      $0.blockLengths = []
      $0.stored = 0
    },
    entry("a/kernel") {
      $0.shape = [0, 7]
      $0.nonzeros = 0
      $0.blockElements = 0
      $0.stored = 0
      $0.blockLengths = []
    },
  ]

  @Test func everyEntryComesBack() throws {
    let bytes = DirectoryColumns.bytes(of: Self.several)
    let found = try DirectoryColumns.entries(in: bytes, count: Self.several.count, most: 1000)
    #expect(found.map(\.bytes) == Self.several.map(\.bytes))
    // A later version's columns are passed over.
    let more = try DirectoryColumns.entries(
      in: bytes + [1, 2], count: Self.several.count, most: 1000)
    #expect(more.map(\.bytes) == Self.several.map(\.bytes))
    #expect(try DirectoryColumns.entries(in: [], count: 0, most: 0).isEmpty)
  }

  /// By hand, from csrm(5).
  @Test func columnsAsTheManualHasThem() {
    #expect(
      DirectoryColumns.bytes(of: [Self.entry("ab"), Self.entry("ac") { $0.parameters = [9] }]) == [
        5, 5, 0, 1, 97, 98, 0, 99, 0, 3, 3, 4, 4, 2, 2, 3, 2, 3, 2, 2, 2, 0, 0, 0, 1, 9, 2, 2, 1, 1,
        0, 0,
        1, 1, 17, 17, 0, 0,
      ])
  }

  @Test func everyTruncationIsRefused() {
    let bytes = DirectoryColumns.bytes(of: Self.several)
    for length in bytes.indices {
      #expect(throws: Malformed.self) {
        try DirectoryColumns.entries(
          in: Array(bytes[..<length]), count: Self.several.count, most: 1000)
      }
    }
  }

  /// Few bytes that name one long name again and again, and fields that cannot be.
  @Test func whatWouldNotFit() throws {
    func refused(
      _ entries: [EntryFields], most: Int = 1000, _ change: (inout [UInt8]) -> Void = { _ in }
    ) -> String? {
      var bytes = DirectoryColumns.bytes(of: entries)
      change(&bytes)
      do {
        _ = try DirectoryColumns.entries(in: bytes, count: entries.count, most: most)
        return nil
      } catch { return error.what }
    }
    let long = Self.entry(String(repeating: "x", count: 600))
    #expect(refused([long]) == nil)
    #expect(refused([long, long])?.contains("over 1000 bytes of names") == true)
    #expect(
      refused([Self.entry("a")], { $0[1] = 1 })?.contains("shares 1 bytes with one of 0") == true)
    #expect(refused([Self.entry("a") { $0.alignment = 0 }])?.contains("alignment 0") == true)
    #expect(refused([Self.entry("a") { $0.alignment = 8192 }])?.contains("alignment 8192") == true)
    #expect(
      refused([
        Self.entry("a") {
          $0.shape = [1 << 40, 2]
          $0.nonzeros = 0
        }
      ])?.contains("2^40") == true)
    // Behind the header there is no room for so much.
    #expect(
      refused([
        Self.entry("a") {
          $0.blockLengths = [Int.max]
          $0.stored = Int.max
        }
      ])?.contains("2^63") == true)
  }
}
