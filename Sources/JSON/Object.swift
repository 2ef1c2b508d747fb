extension JSON {
  /// The members of a JSON object in the order of the text.
  ///
  /// Keys are equal when their bytes are: Swift's own equality of text calls two spellings of `é`
  /// the same, Keras does not. Setting a key that is there replaces its value and keeps its place.
  public struct Object: Sendable, Hashable {
    public private(set) var keys: [String]
    public private(set) var values: [Value]
    /// Where each key is, once there are so many that looking through them would be slow.
    private var places: [KeyBytes: Int]?

    private static let indexedFrom = 12

    public init() {
      keys = []
      values = []
    }

    /// The last of equal keys wins, in the place of the first, as in Python.
    public init(_ members: some Sequence<(String, Value)>) {
      self.init()
      for (key, value) in members { self[key] = value }
    }

    /// The members as a reader finds them: mostly without duplicates, so they are taken as they are
    /// and set one by one only where a key comes twice.
    init(keys: ArraySlice<String>, values: ArraySlice<Value>) {
      self.init()
      if keys.count < Self.indexedFrom, !Self.hasDuplicates(keys) {
        self.keys = Array(keys)
        self.values = Array(values)
      } else {
        for (key, value) in zip(keys, values) { self[key] = value }
      }
    }

    private static func hasDuplicates(_ keys: ArraySlice<String>) -> Bool {
      for i in keys.indices.dropFirst() {
        for j in keys.startIndex..<i where haveSameBytes(keys[i], keys[j]) { return true }
      }
      return false
    }

    public var count: Int { keys.count }
    public var isEmpty: Bool { keys.isEmpty }

    /// Every key with its value.
    public var members: Zip2Sequence<[String], [Value]> { zip(keys, values) }

    /// The value of `key`; setting nil removes the member.
    public subscript(key: String) -> Value? {
      get { index(of: key).map { values[$0] } }
      set {
        switch (index(of: key), newValue) {
        case (let place?, let value?): values[place] = value
        case (let place?, nil):
          keys.remove(at: place)
          values.remove(at: place)
          places = nil
          indexIfLarge()
        case (nil, let value?): append(key, value)
        case (nil, nil): break
        }
      }
    }

    private mutating func append(_ key: String, _ value: Value) {
      keys.append(key)
      values.append(value)
      if places != nil { places?[KeyBytes(key)] = keys.count - 1 } else { indexIfLarge() }
    }

    private mutating func indexIfLarge() {
      guard keys.count >= Self.indexedFrom else { return }
      var all: [KeyBytes: Int] = [:]
      for (place, key) in keys.enumerated() { all[KeyBytes(key)] = place }
      places = all
    }

    private func index(of key: String) -> Int? {
      if let places { return places[KeyBytes(key)] }
      return keys.firstIndex { haveSameBytes($0, key) }
    }

    public static func == (a: Object, b: Object) -> Bool {
      a.values == b.values && a.keys.elementsEqual(b.keys, by: haveSameBytes)
    }

    public func hash(into hasher: inout Hasher) {
      for key in keys { KeyBytes(key).hash(into: &hasher) }
      hasher.combine(values)
    }
  }

  /// A key compared by its bytes.
  private struct KeyBytes: Sendable, Hashable {
    let text: String
    init(_ text: String) { self.text = text }

    static func == (a: KeyBytes, b: KeyBytes) -> Bool { haveSameBytes(a.text, b.text) }

    func hash(into hasher: inout Hasher) {
      var text = text
      text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
  }
}

/// Swift's own equality is the fast first answer: texts that differ by it have other bytes too.
private func haveSameBytes(_ a: String, _ b: String) -> Bool {
  a == b && a.utf8.elementsEqual(b.utf8)
}
