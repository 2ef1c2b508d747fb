#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What can go wrong between a path and its bytes.
public enum FileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// No such file, or a part of the path is missing or loops.
  case notFound(path: String, reason: String)
  /// A folder, a FIFO, a socket or a device.
  case notRegular(path: String, what: String)
  case cannotRead(path: String, reason: String)
  /// The file on disk is another than when it was opened.
  case changed(path: String)
  /// The output exists and `--force` was not given. Some can be passed over instead.
  case exists(path: String, canBeSkipped: Bool = false)
  /// The folder is missing, or may not be written to.
  case cannotCreate(path: String, reason: String)
  /// Nobody reads from the pipe any more that standard output leads to.
  case closedPipe
  /// Writing failed half-way: the disk is full, a quota, a fault of the device.
  case writeFailed(path: String, reason: String)

  public var description: String {
    switch self {
    case .notFound(let path, let reason): "\(path): \(reason)"
    case .notRegular(let path, let what): "\(path): is \(what), not a regular file"
    case .cannotRead(let path, let reason): "\(path): cannot be read: \(reason)"
    case .changed(let path):
      "\(path): the file changed while it was read. Run again when it is at rest."
    case .exists(let path, let canBeSkipped):
      "\(path): exists. Use --force to replace it\(canBeSkipped ? " or --skip-existing to pass over it" : "")."
    case .cannotCreate(let path, let reason): "\(path): cannot be created: \(reason)"
    case .closedPipe: "standard output: nobody reads it any more"
    case .writeFailed(let path, let reason):
      "\(path): writing failed: \(reason). Nothing was left behind."
    }
  }
}

/// The words of the C library for `errno`.
func lastErrorText() -> String { String(cString: strerror(errno)) }

/// What tells one state of a file from another: device, inode, size in bytes, time of last change.
struct FileStamp: Equatable, Sendable {
  let device: UInt64
  let inode: UInt64
  let size: Int
  let seconds: Int
  let nanoseconds: Int

  /// The stamp of the regular file at `path`, symbolic links followed.
  init(path: String) throws(FileError) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      let missing = errno == ENOENT || errno == ENOTDIR || errno == ELOOP
      throw missing
        ? .notFound(path: path, reason: lastErrorText())
        : .cannotRead(path: path, reason: lastErrorText())
    }
    if let what = FileKind.words(status.st_mode) { throw .notRegular(path: path, what: what) }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    size = Int(status.st_size)
    #if os(Linux)
      seconds = status.st_mtim.tv_sec
      nanoseconds = status.st_mtim.tv_nsec
    #else
      seconds = status.st_mtimespec.tv_sec
      nanoseconds = status.st_mtimespec.tv_nsec
    #endif
  }
}
