import Testing

@testable import Files

struct SHA256Tests {
  /// FIPS 180-4's examples, and lengths around a block from `sha256sum`.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
  ])
  func publishedVectors(text: String, digest: String) throws {
    let source = MemoryBytes(Array(text.utf8))
    #expect(try SHA256.hexadecimal(of: source) == digest)
    #expect(try SHA256.hexadecimal(of: source, portable: true) == digest)
  }

  @Test func bothTwinsAgreeAtEveryLength() throws {
    for length in 0...200 {
      let source = MemoryBytes((0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37) })
      #expect(
        try SHA256.hexadecimal(of: source) == SHA256.hexadecimal(of: source, portable: true))
    }
  }
}
