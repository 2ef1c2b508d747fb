#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Coppice {
  /// Ends the process through the C library, so that its buffers are flushed.
  static func exit(withCode status: ExitStatus) -> Never {
    #if canImport(Glibc)
      Glibc.exit(status.rawValue)
    #else
      Darwin.exit(status.rawValue)
    #endif
  }
}
