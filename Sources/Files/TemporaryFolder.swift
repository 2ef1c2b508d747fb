#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Where temporary files of any size go: TMPDIR, or /var/tmp, since /tmp lies in memory on many
/// machines.
public enum TemporaryFolder {
  public static var path: String {
    if let named = getenv("TMPDIR"), named[0] != 0 { return String(cString: named) }
    return access("/var/tmp", W_OK) == 0 ? "/var/tmp" : "/tmp"
  }
}
