#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file that appears whole or not at all: written under a temporary name beside its place, synced,
/// renamed. Dropped without `commit`, it leaves nothing.
public final class OutputFile: ByteSink {
  public let path: String
  /// Where the bytes are until `commit`: for libraries that insist on a path.
  public let temporaryPath: String
  public private(set) var count = 0
  private let descriptor: Int32
  private let replaces: Bool
  private var isOpen = true
  private var isCommitted = false

  /// Makes the temporary file. Throws `FileError.exists` where `path` is there and `replacing` is
  /// false, and `.cannotCreate` where the folder is missing or may not be written to.
  public init(path: String, replacing: Bool) throws(FileError) {
    var status = stat()
    if lstat(path, &status) == 0 {
      if status.st_mode & S_IFMT == S_IFDIR {
        throw .cannotCreate(path: path, reason: "is a directory")
      }
      if !replacing { throw .exists(path: path) }
    }
    // Following a link keeps the link: the file it points to is the one that is replaced.
    let place = OutputFile.resolved(path)
    var template = Array("\(OutputFile.folder(of: place))/.coppice-XXXXXX".utf8CString)
    var made: Int32 = -1
    var reason = ""
    Temporaries.add {
      made = mkstemp(&template)
      if made < 0 { reason = lastErrorText() }
      return made < 0 ? nil : Self.text(template)
    }
    guard made >= 0 else { throw .cannotCreate(path: path, reason: reason) }
    _ = fcntl(made, F_SETFD, FD_CLOEXEC)
    let mask = umask(0)
    umask(mask)
    fchmod(made, 0o666 & ~mask)
    self.path = place
    descriptor = made
    replaces = replacing
    temporaryPath = Self.text(template)
  }

  private static func text(_ template: [CChar]) -> String {
    String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    if isOpen { close(descriptor) }
    if !isCommitted {
      unlink(temporaryPath)
      Temporaries.remove(temporaryPath)
    }
  }

  public func write(_ bytes: UnsafeRawBufferPointer) throws {
    try writeAll(bytes, to: descriptor, at: count, path: path)
    count += bytes.count
  }

  /// Writes at an offset, which may lie past the end; several threads may do so at once. Does not
  /// move the place where `write(_:)` goes on.
  public func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
    try writeAll(bytes, to: descriptor, at: offset, path: path)
  }

  /// The bytes that the temporary file holds now, whoever wrote them.
  public var size: Int {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? Int(status.st_size) : count
  }

  /// Syncs the bytes and puts the file in its place.
  public func commit() throws(FileError) {
    precondition(!isCommitted)
    guard fsync(descriptor) == 0 else { throw .writeFailed(path: path, reason: lastErrorText()) }
    isOpen = false
    guard close(descriptor) == 0 else { throw .writeFailed(path: path, reason: lastErrorText()) }
    if replaces {
      guard rename(temporaryPath, path) == 0 else {
        throw .cannotCreate(path: path, reason: lastErrorText())
      }
    } else {
      // link(2) refuses an existing name, so of two runs at once the second one is told.
      if link(temporaryPath, path) == 0 {
        unlink(temporaryPath)
      } else if errno == EEXIST {
        throw .exists(path: path)
      } else {
        // A file system without hard links.
        guard rename(temporaryPath, path) == 0 else {
          throw .cannotCreate(path: path, reason: lastErrorText())
        }
      }
    }
    isCommitted = true
    Temporaries.remove(temporaryPath)
    let folder = open(OutputFile.folder(of: path), O_RDONLY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func resolved(_ path: String) -> String {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK,
      let whole = realpath(path, nil)
    else { return path }
    defer { free(whole) }
    return String(cString: whole)
  }
}
