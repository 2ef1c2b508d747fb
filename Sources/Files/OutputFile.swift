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
  /// false, and `.cannotCreate` where the folder is missing or may not be written to, or where there is
  /// something that is no regular file: a device that is put aside by a rename would be gone for all.
  public init(path: String, replacing: Bool) throws(FileError) {
    try Self.checkName(path, replacing: replacing)
    // Following a link keeps the link: what it leads to is what is made or replaced.
    let place = OutputFile.behindLinks(path)
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

  /// Throws what making an output at `path` would throw, and leaves nothing: told before hours of work.
  public static func check(_ path: String, replacing: Bool) throws(FileError) {
    _ = try OutputFile(path: path, replacing: replacing)
  }

  /// The part of `check` that touches nothing: whether something is in the way at `path`, and
  /// whether its folder can be written to.
  public static func checkName(_ path: String, replacing: Bool) throws(FileError) {
    var status = stat()
    if stat(path, &status) == 0 {
      if let kind = FileKind.words(status.st_mode) {
        throw .cannotCreate(path: path, reason: "is \(kind)")
      }
      if !replacing { throw .exists(path: path) }
    } else if errno == ELOOP {
      throw .cannotCreate(path: path, reason: lastErrorText())
    } else if !replacing, lstat(path, &status) == 0 {
      // A link that leads nowhere.
      throw .exists(path: path)
    }
    guard access(folder(of: behindLinks(path)), W_OK | X_OK) == 0 else {
      throw .cannotCreate(path: path, reason: lastErrorText())
    }
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

  /// Whether outputs at two paths would be one file, however the paths are spelt and whether or not
  /// something is there.
  public static func isSamePlace(_ one: String, _ other: String) -> Bool {
    let (first, second) = (behindLinks(one), behindLinks(other))
    if first == second { return true }
    if let there = FileIdentity(first) { return there == FileIdentity(second) }
    guard let folder = FileIdentity(self.folder(of: first)) else { return false }
    return folder == FileIdentity(self.folder(of: second))
      && first.split(separator: "/").last == second.split(separator: "/").last
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Where `path` leads when links are followed, whether or not something is there.
  private static func behindLinks(_ path: String) -> String {
    var place = path
    // Linux follows as many.
    for _ in 0..<40 {
      var status = stat()
      guard lstat(place, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return place }
      if let whole = realpath(place, nil) {
        defer { free(whole) }
        return String(cString: whole)
      }
      var target = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
      guard readlink(place, &target, target.count - 1) > 0 else { return place }
      let next = target.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
      place = next.hasPrefix("/") ? next : folder(of: place) + "/" + next
    }
    return place
  }
}
