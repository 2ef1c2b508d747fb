import Files

/// An array of a data file, and the model's input or output that it is for.
public struct ArrayName: Sendable, Hashable {
  /// The input or output; nil where the order decides.
  public var place: String?
  /// The array: its path in HDF5, its name in .npz, a column of a table; for labels of .npy and IDX
  /// files, the path of the file that holds them.
  public var array: String

  public init(place: String? = nil, array: String) {
    self.place = place
    self.array = array
  }

  /// `array` or `input=array`, as the command line has it.
  public init(_ text: String) {
    if let sign = text.firstIndex(of: "="), sign != text.startIndex {
      self.init(place: String(text[..<sign]), array: String(text[text.index(after: sign)...]))
    } else {
      self.init(array: text)
    }
  }

  /// The same as the path of a file of labels: one with an equals sign in it, that is there, is a path
  /// as a whole.
  var asPath: ArrayName {
    guard let place, FileIdentity("\(place)=\(array)") != nil else { return self }
    return ArrayName(array: "\(place)=\(array)")
  }

  /// As it was given.
  var text: String { place.map { "\($0)=\(array)" } ?? array }

  /// The names that `given` stand for, where `isThere` tells what there is: one with commas in it that
  /// nothing is called by is a list.
  static func lists(_ given: [ArrayName], _ isThere: (String) -> Bool) -> [ArrayName] {
    given.flatMap { name in
      guard name.text.contains(",") else { return [name] }
      if isThere(name.text) { return [ArrayName(array: name.text)] }
      if isThere(name.array) { return [name] }
      return name.text.split(separator: ",").map { ArrayName(String($0)) }
    }
  }
}
