#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Coppice {
  /// Ends the process through the C library, so that its buffers are flushed.
  static func exit(withCode status: ExitStatus) -> Never { Glibc.exit(status.rawValue) }
}
