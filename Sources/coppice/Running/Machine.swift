#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What the machine has.
enum Machine {
  /// Bytes of memory. What takes more is refused before it is asked for: the kernel would hand it out, and
  /// end this process or another when it is used.
  static let memory = max(1 << 30, sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)))
}
