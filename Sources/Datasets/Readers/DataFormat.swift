import Documents
import Files

/// The kinds of data files. The raw values name them in reports.
public enum DataFormat: String, Sendable, CaseIterable {
  case hdf5 = "HDF5"
  case npz = ".npz"
  case npy = ".npy"
  case idx = "IDX"
  case csv = "CSV"

  /// Files are recognised in the order of the cases: text is what nothing else was.
  var reader: any DataReader.Type {
    switch self {
    case .hdf5: HDF5Arrays.self
    case .npz: NPZ.self
    case .npy: NPY.self
    case .idx: IDX.self
    case .csv: CSV.self
    }
  }
}

/// What reads one kind of data file.
protocol DataReader {
  /// Whether `source` is such a file, by its content.
  static func recognises(_ source: any ByteSource) throws -> Bool
  /// What the file holds; `file` is its name for messages. No values are read that need not be.
  static func read(
    _ source: any ByteSource, file: String, options: DataOptions
  ) throws -> DataContents
}

/// What a data file holds.
struct DataContents: Sendable {
  enum Arrays: Sendable {
    /// Any number of arrays with names that say what they are.
    case named([StoredArray])
    /// One array; labels are in a file of their own.
    case single(StoredArray)
    /// The columns of a table, already told apart. An input or output is named where the user named it.
    case table(
      inputs: [(place: String?, array: StoredArray)], label: (place: String?, array: StoredArray)?,
      weights: StoredArray?)
  }

  let format: DataFormat
  let arrays: Arrays
  /// What somebody should know of how the file was understood.
  var notes: [String] = []

  /// What its arrays are called.
  var names: [String] {
    switch arrays {
    case .named(let arrays): arrays.map(\.name)
    case .single(let array): [array.name]
    case .table(let inputs, let label, let weights):
      (inputs.map(\.array) + [label?.array, weights].compactMap(\.self)).map(\.name)
    }
  }
}

extension DataContents {
  /// Opens the file at `path` as what its bytes say it is, gzip undone.
  static func open(_ path: String, _ options: DataOptions) throws(DataError) -> DataContents {
    try DataError.reading(path) {
      var source: any ByteSource = try MappedFile(path: path)
      if try Gzip.recognises(source) { source = try Gzip.unpacked(source, file: path) }
      for format in DataFormat.allCases where try format.reader.recognises(source) {
        return try format.reader.read(source, file: path, options: options)
      }
      throw try Stranger.error(source, file: path)
    }
  }
}

extension Limits {
  /// 1 TiB decoded: data are read a piece at a time, and what has to be unpacked as a whole goes to a
  /// temporary file.
  static let data = Limits(decodedBytes: 1 << 40)
}

extension ByteSource {
  /// The first bytes, at most `count` of them.
  func prefix(_ count: Int) throws -> [UInt8] {
    try withBytes(0..<Swift.min(count, self.count)) { [UInt8]($0) }
  }
}
