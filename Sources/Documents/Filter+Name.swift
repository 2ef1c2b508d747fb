extension Dataset.Filter {
  /// The filter's name as HDF5's registry has it, or its number.
  public var name: String {
    switch id {
    case 1: "deflate"
    case 2: "shuffle"
    case 3: "fletcher32"
    case 4: "szip"
    case 5: "n-bit"
    case 6: "scale-offset"
    case 32000: "lzf"
    case 32001: "blosc"
    case 32004: "lz4"
    case 32008: "bitshuffle"
    case 32015: "zstd"
    case 32026: "blosc2"
    default: "filter \(id)"
    }
  }
}
