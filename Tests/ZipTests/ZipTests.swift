import Documents
import Files
import Foundation
import Testing

@testable import Zip

struct ZipTests {
  let folder = try? TemporaryFolder()

  func member(method: UInt16 = 0, _ change: (inout ArchiveMember) -> Void = { _ in })
    -> ArchiveMember
  {
    var member = ArchiveMember()
    member.method = method
    change(&member)
    return member
  }

  /// Bytes of an archive with these members.
  func archive(
    _ members: [(String, [UInt8], ArchiveMember)], _ archive: Archive = Archive()
  ) throws -> [UInt8] {
    let folder = try #require(folder)
    let path = folder.file(UUID().uuidString + ".zip")
    let output = try OutputFile(path: path, replacing: false)
    var writer = try ZipWriter(archive, to: output)
    for (name, bytes, fields) in members {
      try writer.add(Name(name), fields, content: MemoryBytes(bytes))
    }
    try writer.finish()
    try output.commit()
    return try MappedFile(path: path).bytes()
  }

  func read(_ bytes: [UInt8], limits: Limits = .standard) throws -> ZipArchive {
    try ZipArchive(reading: MemoryBytes(bytes), path: "x.keras", limits: limits)
  }

  /// Everything read from `bytes`, written again.
  func copy(_ bytes: [UInt8]) throws -> [UInt8] {
    let read = try read(bytes)
    let folder = try #require(folder)
    let path = folder.file(UUID().uuidString + ".zip")
    let output = try OutputFile(path: path, replacing: false)
    var writer = try ZipWriter(read.archive, to: output)
    for member in read.members {
      try writer.add(member.name, member.fields, content: member.content)
    }
    try writer.finish()
    try output.commit()
    return try MappedFile(path: path).bytes()
  }

  static let text = Array(String(repeating: "pruning is not felling. ", count: 400).utf8)

  var sample: [(String, [UInt8], ArchiveMember)] {
    [
      (
        "metadata.json", Array("{}".utf8),
        member {
          $0.time = 0x1234
          $0.date = 0x5678
        }
      ),
      (
        "config.json", Self.text,
        member(method: 8) {
          $0.comment = [1, 2]
          $0.centralExtra = [7, 7, 1, 0, 9]
        }
      ),
      ("empty", [], member()),
      ("empty deflated", [], member(method: 8)),
      ("streamed", Self.text, member(method: 8) { $0.flags = 8 }),
      (
        "stored streamed", [1, 2, 3],
        member {
          $0.flags = 8
          $0.localExtra = [0xFE, 0xCA, 0, 0]
        }
      ),
      (
        "wide", Self.text,
        member {
          $0.versionNeeded = 45
          $0.externalAttributes = 0x81A4_0000
        }
      ),
      (
        "wide streamed", Self.text,
        member(method: 8) {
          $0.versionNeeded = 45
          $0.flags = 0x808
        }
      ),
    ]
  }

  @Test func whatIsWrittenIsRead() throws {
    let read = try read(archive(sample))
    #expect(read.members.map(\.name.description) == sample.map(\.0))
    for (member, (_, bytes, fields)) in zip(read.members, sample) {
      #expect(try member.content.bytes() == bytes)
      #expect(member.fields == fields)
    }
  }

  @Test func whatIsReadIsWrittenAgainByteForByte() throws {
    var extras = Archive()
    extras.comment = Array("a comment".utf8)
    let bytes = try archive(sample, extras)
    #expect(try copy(bytes) == bytes)
    extras.prefix = Array("#!/bin/sh\n".utf8)
    let prefixed = try archive(sample, extras)
    #expect(prefixed.starts(with: extras.prefix))
    #expect(try copy(prefixed) == prefixed)
  }

  @Test func bytesPutInFrontAreAccepted() throws {
    let read = try read(Array("#!/bin/sh\n".utf8) + archive(sample))
    #expect(read.archive.prefix == Array("#!/bin/sh\n".utf8))
    #expect(try read.members.map { try $0.content.bytes() } == sample.map(\.1))
  }

  @Test func storedMembersStayWhereTheyLie() throws {
    let folder = try #require(folder)
    let bytes = try archive(sample)
    let file = try folder.write(bytes, as: "mapped.zip")
    let member = try ZipArchive(reading: file, path: "x", limits: .standard).members[6]
    let offset = try #require(member.content.fileOffset)
    #expect(Array(bytes[offset..<offset + Self.text.count]) == Self.text)
  }

  /// An archive cut off anywhere fails in one of its own errors.
  @Test func everyTruncationIsNoticed() throws {
    let bytes = try archive(sample)
    for length in 0..<bytes.count {
      let error = #expect(throws: ZipError.self) { try read(Array(bytes[..<length])) }
      #expect(error?.fault == .damaged)
    }
  }

  /// Any byte changed: it fails in one of its own errors, or gives no other content.
  @Test func everyChangedByteIsNoticedOrHarmless() throws {
    let bytes = try archive([
      ("a", Array("content".utf8), member()), ("b", Self.text, member(method: 8)),
    ])
    for place in bytes.indices {
      for change: UInt8 in [0x01, 0x80, 0xFF] {
        var damaged = bytes
        damaged[place] ^= change
        do {
          let members = try read(damaged).members
          for (member, content) in zip(members, [Array("content".utf8), Self.text]) {
            let found = try member.content.bytes()
            #expect(try found == content || CRC32.of(MemoryBytes(found)) != member.checksum)
          }
        } catch is ZipError {}
      }
    }
  }

  @Test func refusals() throws {
    let bytes = try archive([("config.json", [UInt8](repeating: 0, count: 5000), member(method: 8))]
    )
    let directory = try #require(
      bytes.indices.first { bytes[$0...].starts(with: [0x50, 0x4B, 1, 2]) })
    func changed(_ offset: Int, _ value: [UInt8], header: Int? = nil) -> [UInt8] {
      var all = bytes
      all.replaceSubrange(directory + offset..<directory + offset + value.count, with: value)
      if let header { all.replaceSubrange(header..<header + value.count, with: value) }
      return all
    }
    func failure(_ bytes: [UInt8]) -> ZipError? {
      #expect(throws: ZipError.self) {
        for member in try read(bytes).members { _ = try member.content.bytes() }
      }
    }
    let bomb = failure(changed(24, [0, 0, 0, 5], header: 22))
    #expect(bomb?.description.contains("bomb") == true && bomb?.fault == .damaged)
    let lying = failure(changed(24, [5, 0, 0, 0], header: 22))
    #expect(lying?.description.contains("more bytes than its size says") == true)
    let short = failure(changed(24, [0, 0x20, 0, 0], header: 22))
    #expect(short?.description.contains("fewer bytes") == true)
    #expect(failure(changed(24, [5, 0, 0, 0]))?.description.contains("another size") == true)
    #expect(failure(changed(16, [0, 0, 0, 0], header: 14))?.description.contains("CRC") == true)
    let lzma = failure(changed(10, [14, 0], header: 8))
    #expect(lzma?.description.contains("lzma") == true && lzma?.fault == .unsupported)
    let secret = failure(changed(8, [1, 0], header: 6))
    #expect(secret?.description.contains("encrypted") == true && secret?.fault == .unsupported)
    #expect(throws: ZipError.self) { try read(bytes, limits: Limits(decodedBytes: 4999)) }
    _ = try read(bytes, limits: Limits(decodedBytes: 5000))
  }

  @Test func overlappingMembersAreRefused() throws {
    let bytes = try archive([("a", [1, 2, 3], member()), ("a", [1, 2, 3], member())])
    // The second entry's offset: 20 bytes before its name, which ends the directory.
    let end = bytes.count - 22
    var overlapping = bytes
    overlapping.replaceSubrange(end - 1 - 4..<end - 1, with: [0, 0, 0, 0])
    #expect(throws: ZipError.self) { try read(overlapping) }
    let twice = try read(bytes)
    let error = #expect(throws: ZipError.self) { try twice.member(named: "a") }
    #expect(error?.description.contains("duplicate") == true)
    #expect(try twice.member(named: "b") == nil)
  }

  @Test func checksumMatchesItsPortableTwin() throws {
    // "123456789" is the check value of every CRC catalogue.
    #expect(Array("123456789".utf8).withUnsafeBytes { CRC32.update(0, $0) } == 0xCBF4_3926)
    let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
    for count in Array(0..<300) + [1023, 4096, 5000] {
      for start in 0..<4 where start + count <= bytes.count {
        let (fast, portable) = bytes[start..<start + count].withUnsafeBytes {
          (CRC32.update(0xDEAD_BEEF, $0), CRC32.update(0xDEAD_BEEF, $0, portable: true))
        }
        #expect(fast == portable)
      }
    }
  }

  @Test func checksumOfManyPieces() throws {
    let bytes = [UInt8](repeating: 0x5A, count: 2 * CRC32.pieceSize + 12345)
    #expect(
      try CRC32.of(MemoryBytes(bytes))
        == bytes.withUnsafeBytes { CRC32.update(0, $0, portable: true) })
    #expect(try CRC32.of(MemoryBytes([])) == 0)
  }
}
