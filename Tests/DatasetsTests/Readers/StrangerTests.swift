import Testing

@testable import Datasets

struct StrangerTests {
  let folder = try? TemporaryFolder()

  @Test(
    arguments: [
      ([], "empty"), ([0x89, 0x50, 0x4E, 0x47, 1], "PNG"), ([0x80, 4, 0x95, 11], "pickle"),
      (Array("PAR1....".utf8), "Parquet"), (Array("MATLAB 5.0 MAT-file".utf8), "MATLAB"),
      ([0xFF, 0xFE, 0x61, 0], "UTF-16"), (Array("<!DOCTYPE html>\n<p>".utf8), "HTML"),
      (Array("{\"x\": [1,\n 2]}".utf8), "JSON"), ([1, 2, 3, 4], "nothing that is known"),
      (Array("version https://git-lfs.github.com/spec/v1\noid".utf8), "LFS"),
    ] as [([UInt8], String)])
  func strangersAreNamed(bytes: [UInt8], word: String) throws {
    let path = try #require(folder).write(bytes, as: "data")
    let error = #expect(throws: DataError.self) { try Datasets.open(path) }
    #expect(error?.description.contains(word) == true)
    #expect(error?.fault == .damaged)
  }

  @Test func filesThatAreNotThere() throws {
    let folder = try #require(folder)
    for path in [folder.path, folder.file("none.h5")] {
      let error = #expect(throws: DataError.self) { try Datasets.open(path) }
      #expect(error?.fault == .missing)
    }
  }
}
