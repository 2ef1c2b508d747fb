import CHDF5
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The one door to libhdf5: whoever calls it holds the lock.
///
/// Debian's build is thread-safe by a lock of its own, other builds are not at all, and an error
/// left on the stack of a thread that is not the main one makes 1.10 print "infinite loop closing
/// library" at exit. So: one caller at a time, no printing, and an empty stack when a caller leaves.
enum Library {
  private static let isReady = Mutex(false)
  /// Reads from bytes in memory. Set once, and used inside the lock only.
  nonisolated(unsafe) private(set) static var imageDriver: hid_t = -1

  /// Calls `body` while no other thread is in the library. Must not be nested: `body` reads no
  /// `ByteSource` that could itself need the library.
  static func locked<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let result = try isReady.withLock { (ready) throws(Failure) -> Unchecked<Result> in
      if !ready {
        prepare()
        ready = true
      }
      chdf5_silence_errors()
      defer { chdf5_clear_errors() }
      return Unchecked(value: try body())
    }
    return result.value
  }

  private struct Unchecked<Value>: @unchecked Sendable { let value: Value }

  private static func prepare() {
    // Every file is closed by the one who opened it, so there is nothing to do at exit; and what
    // could not be closed (a full disk) would only make noise there.
    H5dont_atexit()
    // For versions without H5Pset_file_locking. What the user has set stays.
    setenv("HDF5_USE_FILE_LOCKING", "FALSE", 0)
    H5open()
    chdf5_silence_errors()
    _ = chdf5_register_keep_as_stored()
    imageDriver = chdf5_register_image_driver()
    LZF.register()
    chdf5_clear_errors()
  }
}

/// What a call into the library answered, or the library's own words where it failed.
@discardableResult
func check<Answer: SignedInteger>(_ answer: Answer) throws(Trouble) -> Answer {
  guard answer >= 0 else { throw .library(takeMessage()) }
  return answer
}

/// What we say when our driver has no bytes there; the library only says that reading failed.
let pastTheEnd = "it refers to bytes past its own end"

/// The innermost message of this thread's error stack, which is emptied.
func takeMessage() -> String {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: 8192) { text in
    chdf5_take_error(text.baseAddress, text.count)
    let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    var words = systemReason(in: String(decoding: bytes, as: UTF8.self))
    if words == "driver read request failed" { words = pastTheEnd }
    return words.isEmpty ? "the library gives no reason" : words.printable(limit: 300)
  }
}

/// `No space left on device` out of the library's `file write failed: …, error message = '…', …`.
private func systemReason(in words: String) -> String {
  let mark = "error message = '"
  guard let start = words.firstRange(of: mark)?.upperBound,
    let end = words[start...].firstIndex(of: "'")
  else { return words }
  return String(words[start..<end])
}

/// Where the values of a contiguous dataset begin in the file, user block included; nil where no
/// room was made for them yet.
func valuesOffset(of dataset: hid_t, userBlock: Int) -> UInt64? {
  let offset = H5Dget_offset(dataset)
  // The library adds the user block to "nowhere" too.
  guard offset != chdf5_no_address(), offset != chdf5_no_address() &+ haddr_t(userBlock)
  else {
    chdf5_clear_errors()
    return nil
  }
  return UInt64(offset)
}

/// An identifier of the library that is given back when this value goes away.
struct Handle: ~Copyable {
  let id: hid_t

  /// Takes over what a call answered, and throws the library's words where that is no identifier.
  init(_ answer: hid_t) throws(Trouble) { id = try check(answer) }

  deinit { if H5Idec_ref(id) < 0 { chdf5_clear_errors() } }
}
