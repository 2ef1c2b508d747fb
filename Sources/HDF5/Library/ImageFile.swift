import CHDF5
import Files

/// An HDF5 file that lies in a source of bytes, to be opened for as long as a look at it takes.
///
/// The library reads the very bytes of the source, through a driver of our own and without a copy:
/// one way for mapped files and members of archives alike, no lock on the file, and nothing left
/// open afterwards. Opening takes some 0.1 ms.
final class ImageFile: Sendable {
  let bytes: any ByteSource
  /// The size of the user block: addresses count from here.
  let base: Int
  /// For messages.
  let name: String

  init(bytes: any ByteSource, base: Int, name: String) {
    self.bytes = bytes
    self.base = base
    self.name = name
  }

  /// Opens the file and calls `body` with its identifier, inside the library's lock.
  func open<Result>(_ body: (hid_t) throws(HDF5Error) -> Result) throws(HDF5Error) -> Result {
    try HDF5.reading(name) {
      try bytes.withBytes { image in
        try Library.locked { () throws(HDF5Error) in
          let file: Handle
          do throws(Trouble) {
            file = try open(image)
          } catch {
            throw translated(error)
          }
          return try body(file.id)
        }
      }
    }
  }

  private func open(_ image: UnsafeRawBufferPointer) throws(Trouble) -> Handle {
    let access = try Handle(chdf5_new_access_list())
    try check(chdf5_use_image(access.id, Library.imageDriver, image.baseAddress, image.count))
    try check(H5Pset_fclose_degree(access.id, H5F_CLOSE_STRONG))
    return try Handle(chdf5_open_read_only("image", access.id))
  }

  /// The library's reasons for not opening a file, in words that say what to do.
  private func translated(_ trouble: Trouble) -> HDF5Error {
    guard case .library(let words) = trouble else { return trouble.whileReading(name, at: "/") }
    if words.contains("truncated file") {
      let declared = words.firstRange(of: "stored_eof = ").flatMap {
        Int(words[$0.upperBound...].prefix { $0.isNumber })
      }
      return .truncated(file: name, declared: declared, present: bytes.count)
    }
    if words == pastTheEnd { return .truncated(file: name, declared: nil, present: bytes.count) }
    return .damaged(file: name, place: nil, reason: words)
  }
}
