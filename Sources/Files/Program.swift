#if canImport(Glibc)
  @preconcurrency import Glibc
#else
  import Darwin
#endif

/// Another program of this machine, run without a shell.
public struct Program: Sendable, Equatable {
  public let name: String
  /// Where it was found.
  public let path: String

  /// The program called `name` in the folders of `PATH`; nil where there is none that may be run.
  /// Folders that are named by no full path are passed over: what they hold depends on where the
  /// user stands.
  public init?(named name: String) {
    let folders = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
    for folder in folders.split(separator: ":") where folder.hasPrefix("/") {
      let path = "\(folder)/\(name)"
      var status = stat()
      guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, access(path, X_OK) == 0
      else { continue }
      self.name = name
      self.path = path
      return
    }
    return nil
  }

  /// Runs the program to its end. Throws `ProgramError` where it cannot be started or ends otherwise
  /// than with 0.
  ///
  /// It reads the file at `input`; what it prints takes the place of what the file at `output` holds,
  /// which is there. Without them it reads nothing, and what it prints is dropped, as is what it says
  /// on standard error. Variables of the environment that are in `hidden` are not there for it.
  public func run(
    _ arguments: [String], input: String? = nil, output: String? = nil, hiding hidden: [String] = []
  ) throws(ProgramError) {
    let process = try Children.start { () throws(ProgramError) in
      try spawn(arguments, input: input, output: output, hiding: hidden)
    }
    guard let status = Children.awaitEnd(of: process) else {
      throw .cannotStart(program: name, reason: "its end was not reported")
    }
    let signal = status & 0x7f
    if signal != 0 { throw .killed(program: name, signal: signal) }
    let code = status >> 8 & 0xff
    if code != 0 { throw .failed(program: name, code: code) }
  }

  private func spawn(
    _ arguments: [String], input: String?, output: String?, hiding hidden: [String]
  ) throws(ProgramError) -> pid_t {
    #if canImport(Glibc)
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #else
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_addopen(&actions, 0, input ?? "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output ?? "/dev/null", O_WRONLY | O_TRUNC, 0)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    // A group of its own: an interrupt from the terminal comes to us alone, and we end the group.
    // Signals that we ignore, or that this thread blocks, would stay so in the program.
    var defaults = sigset_t()
    sigemptyset(&defaults)
    for signal in [SIGINT, SIGTERM, SIGPIPE] { sigaddset(&defaults, signal) }
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    var blocked = sigset_t()
    sigemptyset(&blocked)
    posix_spawnattr_setsigmask(&attributes, &blocked)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

    var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var variables = Program.environment(without: hidden)
    var process: pid_t = 0
    let fault = posix_spawn(&process, path, &actions, &attributes, &words, &variables)
    guard fault == 0 else {
      throw .cannotStart(program: name, reason: String(cString: strerror(fault)))
    }
    return process
  }

  private static func environment(without hidden: [String]) -> [UnsafeMutablePointer<CChar>?] {
    var variables: [UnsafeMutablePointer<CChar>?] = []
    var next = environ
    while let variable = next.pointee {
      let name = String(cString: variable).prefix { $0 != "=" }
      if !hidden.contains(String(name)) { variables.append(variable) }
      next += 1
    }
    return variables + [nil]
  }
}

/// What can go wrong with another program.
public enum ProgramError: Error, Equatable, Sendable, Reportable {
  case cannotStart(program: String, reason: String)
  /// It ended with another exit code than 0.
  case failed(program: String, code: Int32)
  case killed(program: String, signal: Int32)

  public var fault: Fault { .inputOutput }

  public var description: String {
    switch self {
    case .cannotStart(let program, let reason): "\(program): cannot be run: \(reason)"
    case .failed(let program, let code): "\(program): failed with exit code \(code)"
    case .killed(let program, let signal): "\(program): ended by signal \(signal)"
    }
  }
}
