import Documents
import Files

/// What can be wrong with a user's data, or with what was asked of it.
///
/// `array` is the name of an array in the file; `row` counts from 0, as arrays are indexed; `line`
/// counts from 1, as editors do.
public enum DataError: Reportable {
  /// Opening or mapping the file failed.
  case file(FileError)
  /// What holds the array failed: the HDF5 file, the zip archive.
  case source(any Reportable)
  /// The file is no kind of data that is read.
  case unknownFormat(file: String, what: String, advice: String)
  /// Cut off, or a structure that does not hold.
  case damaged(file: String, what: String)
  /// The file declares more than it can hold; it was not read.
  case unsafe(file: String, what: String)
  /// Understood, but not supported: a number type, a pickled object.
  case unsupported(file: String, what: String, advice: String)
  /// No array of that name; `present` are those that are there. `isAsked` where the user gave the
  /// name.
  case noArray(file: String, name: String, present: [String], isAsked: Bool)
  /// Arrays contradict each other or the model: shapes, numbers of rows or classes.
  case mismatch(file: String, what: String, advice: String)
  /// A value that cannot be used, in `row` of `array`.
  case badValue(file: String, array: String, row: Int, what: String, advice: String)
  /// A line of a table that cannot be used.
  case badLine(file: String, line: Int, what: String, advice: String)
  /// Options that contradict each other or the data.
  case usage(file: String, what: String, advice: String)
  /// There is no room for the values that had to be unpacked.
  case noRoom(file: String, folder: String, reason: String)

  public var description: String {
    switch self {
    case .file(let error): error.description
    case .source(let error): error.description
    case .unknownFormat(let file, let what, let advice):
      "\(file): \(what); it is not HDF5, .npz, .npy, IDX or CSV. \(advice)"
    case .damaged(let file, let what): "\(file): \(what). Get the file again."
    case .unsafe(let file, let what): "\(file): \(what). It was not read."
    case .noArray(let file, let name, let present, let isAsked):
      "\(file): has no array '\(name.printable())' (\(DataError.list(present))). "
        + (isAsked ? "Check the name." : "Name the arrays with --x and --y.")
    case .badValue(let file, let array, let row, let what, let advice):
      "\(file): \(what) (row \(row) of '\(array.printable())', counted from 0). \(advice)"
    case .badLine(let file, let line, let what, let advice):
      "\(file): \(what) (line \(line)). \(advice)"
    case .unsupported(let file, let what, let advice), .mismatch(let file, let what, let advice),
      .usage(let file, let what, let advice):
      "\(file): \(what). \(advice)"
    case .noRoom(let file, let folder, let reason):
      "\(file): cannot be unpacked into a temporary file in \(folder): \(reason). Name a folder with room in TMPDIR."
    }
  }

  public var fault: Fault {
    switch self {
    case .file(let error): error.fault
    case .source(let error): error.fault
    case .unknownFormat, .damaged, .unsafe, .mismatch, .badValue, .badLine: .damaged
    case .noArray(_, _, _, let isAsked): isAsked ? .usage : .damaged
    case .unsupported: .unsupported
    case .usage: .usage
    case .noRoom: .inputOutput
    }
  }

  /// `it has x_train, y_train`; at most a dozen of them.
  private static func list(_ names: [String]) -> String {
    if names.isEmpty { return "it has none" }
    let shown = names.prefix(12).map { $0.printable(limit: 40) }.joined(separator: ", ")
    return names.count > 12 ? "it has \(shown) and \(names.count - 12) more" : "it has \(shown)"
  }

  /// Runs `body`, which reads from sources, and gives its errors a form of ours.
  static func reading<Result>(_ file: String, _ body: () throws -> Result) throws(DataError)
    -> Result
  {
    do {
      return try body()
    } catch let error as DataError {
      throw error
    } catch let error as FileError {
      throw .file(error)
    } catch let error as any Reportable {
      throw .source(error)
    } catch {
      throw .damaged(file: file, what: "cannot be read: \(error)")
    }
  }
}

/// `28 × 28 × 1`, `()` for single values; `any` where a length is not fixed.
func shapeText(_ shape: [Int?]) -> String {
  shape.isEmpty ? "()" : shape.map { $0.map { "\($0)" } ?? "any" }.joined(separator: " × ")
}

extension [Int] {
  /// Whether both are the same shape but for axes of 1.
  func isAlike(_ other: [Int]) -> Bool { filter { $0 != 1 } == other.filter { $0 != 1 } }
}

extension Collection where Element == Int {
  /// The product, or nil where it does not fit in 63 bits or a factor is negative.
  var checkedProduct: Int? {
    var product = 1
    for factor in self {
      let (next, overflow) = product.multipliedReportingOverflow(by: factor)
      if overflow || factor < 0 { return nil }
      product = next
    }
    return product
  }
}
