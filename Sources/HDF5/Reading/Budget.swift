/// What a file may still make its reader allocate for links, attributes and variable-length data.
/// Every byte of those lies in the file once, so what adds up to far more than the file is a trick:
/// many references to one long string, or many groups that share one index.
struct Budget {
  private var remaining: Int

  /// For a file of `fileSize` bytes. Shared attribute messages (H5Pset_shared_mesg) are the honest
  /// way to be larger than the file.
  init(fileSize: Int) { remaining = (64 << 20) + 4 * fileSize }

  mutating func charge(_ bytes: Int) throws(Trouble) {
    guard bytes <= remaining else {
      throw .damaged("its attributes and names unfold to far more bytes than the file has")
    }
    remaining -= bytes
  }
}
