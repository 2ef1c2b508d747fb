import Testing

@testable import Datasets

struct CSVTests {
  let folder = try? TemporaryFolder()

  func open(_ text: String, _ change: (inout DataOptions) -> Void = { _ in }) throws -> DataSet {
    try Datasets.open(try #require(folder).write(text, as: "table"), options(change))
  }

  func failure(_ text: String, _ change: (inout DataOptions) -> Void = { _ in }) -> DataError? {
    #expect(throws: DataError.self) { try open(text, change) }
  }

  static let plain = "a,b,c\n1,2,0\n-3.5,4e2,1\n"

  @Test(
    arguments: [
      plain, "\u{FEFF}a,b,c\r\n1,2,0\r\n-3.5,4e2,1\r\n\r\n\n", "a\tb\tc\n1\t2\t0\n-3.5\t4e2\t1",
      "a;b;c\r1;2;0\r-3.5;4e2;1\r", "\"a\",\"b\",\"c\"\n\"1\", 2 ,\"0\"\n\"-3.5\",\"4e2\",1",
      "a,b,c\n\n1,2,0\n\n-3.5,400.0,1", ",a,b,c\n0,1,2,0\n1,-3.5,4e2,1\n",
    ])
  func waysToWriteTheSame(text: String) throws {
    let set = try open(text).fitted([2], [2])
    #expect(set.format == .csv)
    #expect(try set.all.values() == [1, 2, -3.5, 400])
    #expect(try set.all.classes() == [0, 1])
  }

  @Test(
    arguments: [
      ("a,b,c\n1,2,3\n", nil, nil, [1, 2], [3]), ("a,Label,c\n1,2,3\n", nil, nil, [1, 3], [2]),
      ("y,b,c\n1,2,3\n", nil, nil, [2, 3], [1]), ("y,b,c\n1,2,3\n", nil, "b", [1, 3], [2]),
      ("a,b,c\n1,2,3\n", "c,a", nil, [3, 1], []), ("a,b,y\n1,2,3\n", "b", nil, [2], [3]),
      ("a,b,c\n1,2,3\n", "b", "a", [2], [1]),
    ] as [(String, String?, String?, [Float], [Float])])
  func columns(text: String, x: String?, y: String?, features: [Float], label: [Float]) throws {
    let set = try open(text) { options in
      options.x = x.map { [ArrayName($0)] } ?? []
      options.y = y.map { [ArrayName($0)] } ?? []
    }
    #expect(try set.all.values() == features)
    if label.isEmpty {
      #expect(set.all.targets.isEmpty)
    } else {
      #expect(try set.fitted([nil], [1]).all.labelValues() == label)
    }
  }

  @Test func columnsForSeveralInputs() throws {
    let set = try open("a,b,y\n1,2,3\n4,5,6\n") { $0.x = [ArrayName("second=a,first=b")] }
    let fitted = try set.fitted(inputs: [
      ModelShape(name: "first", shape: [1]), ModelShape(name: "second", shape: [1]),
    ])
    #expect(try fitted.all.values(0) == [2, 5])
    #expect(try fitted.all.values(1) == [1, 4])
  }

  @Test func wordsBecomeClassesInSortedOrder() throws {
    let set = try open("a,kind\n1,\"pear, red\"\n2,apple\n3,Zebra\n4,apple\n5,3rd\n")
    #expect(set.all.targets[0].classNames == ["3rd", "Zebra", "apple", "pear, red"])
    #expect(try set.fitted([1], [4]).all.classes() == [3, 2, 1, 2, 0])
    #expect(set.notes.contains { $0.contains("4 classes") })
  }

  @Test(
    arguments: [
      ("a,b,y\n1,2,3\n1,2\n", ["row 2 has 2 fields", "header has 3", "line 3"]),
      ("a,b,y\n1,2,3,4\n", ["row 1 has 4 fields", "line 2"]),
      ("a,b,y\n1,2,3\n\n1,two,3\n", ["column 'b' of row 2", "'two'", "line 4"]),
      ("a,b,y\n1,,3\n", ["column 'b' of row 1 is empty"]),
      ("a,b,y\n1,2,\n", ["column 'y' of row 1 is empty"]),
      ("a,b,y\n1,\"2,3\n4,5,6\n", ["quote", "line 2"]), ("a,b,y\n1,0x10,3\n", ["'0x10'"]),
      ("1,2,3\n4,5,6\n", ["first line holds numbers"]), ("a,b,y\n", ["empty"]),
      ("a,b,y\n1,\u{1B}[31m,3\n", ["\\u{1b}"]),
      ("a,b,y\n1,2,  \n", ["column 'y' of row 1"]),
      ("a,b,y\n1,2,0\n1,2,10\n1,2,?\n", ["'?'", "row 3", "no number", "line 4"]),
      ("a,b,y\n1,2,cat\n1,2,7\n", ["'7'", "row 2", "words", "line 3"]),
      ("a,b,y\n1,\"2\"3,0\n", ["closing quote", "line 2"]),
      ("a,y,y\n1,2,3\n", ["two columns called 'y'"]),
    ])
  func badTables(text: String, words: [String]) throws {
    let error = failure(text)
    #expect(error?.fault == .damaged)
    for word in words { #expect(error?.description.contains(word) == true, "\(word)") }
  }

  /// `größe` in Latin-1: a name or a class that nobody could write on a command line.
  @Test func textInAnotherEncodingIsRefused() throws {
    let word = Array("gr".utf8) + [0xF6, 0xDF, 0x65]
    for (bytes, place) in [
      (word + Array(",b,y\n1,2,0\n".utf8), "column 1 is not UTF-8"),
      (Array("a,b,y\n1,2,".utf8) + word + [10], "not UTF-8 text (line 2)"),
    ] {
      let path = try #require(folder).write(bytes, as: "latin")
      let error = #expect(throws: DataError.self) { try Datasets.open(path) }
      #expect(error?.fault == .damaged && error?.description.contains(place) == true)
    }
  }

  /// `nan` is a number among numbers, refused when it is read, and a word among words.
  @Test func labelsThatMayBeEither() throws {
    #expect(
      try open("a,y\n1,nan\n2,inf\n3,not\n").all.targets[0].classNames == ["inf", "nan", "not"])
    #expect(throws: DataError.self) { try open("a,y\n1,0\n2,nan\n").fitted([1], [2]).all.classes() }
  }

  @Test func spacesMayFollowAQuote() throws {
    #expect(try open("a,y\n\"1\" ,\"2\"\t\n").all.values() == [1])
  }

  @Test func namesWithCommasAreNames() throws {
    let text = "\"a,b\",c,d,y\n1,2,3,0\n"
    #expect(try open(text) { $0.x = [ArrayName("a,b")] }.all.values() == [1])
    #expect(try open(text) { $0.x = [ArrayName("d,c")] }.all.values() == [3, 2])
    #expect(try open(text) { $0.x = [ArrayName("in=a,b"), ArrayName("on=c")] }.all.values() == [1])
    #expect(failure(text) { $0.x = [ArrayName("a,b,c")] }?.description.contains("'a'") == true)
  }

  /// 20,000 columns: 229 KB of names.
  @Test func linesOfNamesMayBeLong() throws {
    let names = (0..<20_000).map { "pixel\($0)" }.joined(separator: ",")
    let set = try open("\(names)\n\([String](repeating: "7", count: 20_000).joined(separator: ","))\n")
    #expect(set.all.inputs[0].itemCount == 19_999)
  }

  @Test func aColumnOfWeights() throws {
    let text = "a,w,b,y\n1,0.5,2,0\n3,2,4,1\n"
    let set = try open(text) { $0.sampleWeights = ["w"] }
    #expect(try set.all.values() == [1, 2, 3, 4])
    #expect(try set.all.readWeights() == [0.5, 2])
    #expect(set.all.weightsName == "w")
    #expect(try open(text).all.hasWeights == false)
    #expect(failure(text) { $0.sampleWeights = ["v"] }?.fault == .usage)
    #expect(failure("a,y\n1,2\n") { $0.sampleWeights = ["a"] }?.fault == .damaged)
    let both = failure(text) {
      $0.sampleWeights = ["y"]
      $0.y = [ArrayName("y")]
    }
    #expect(both?.fault == .usage)
    #expect(failure(text) { $0.sampleWeights = ["w", "b"] }?.fault == .usage)
    #expect(failure("a,w,y\n1,heavy,0\n") { $0.sampleWeights = ["w"] }?.fault == .damaged)
  }

  @Test func badColumns() throws {
    let unknown = failure(Self.plain) { $0.y = [ArrayName("z")] }
    #expect(unknown?.fault == .usage && unknown?.description.contains("a, b, c") == true)
    let both = failure(Self.plain) {
      $0.x = [ArrayName("a")]
      $0.y = [ArrayName("a")]
    }
    #expect(both?.fault == .usage)
    #expect(failure("a,a,y\n1,2,3\n") { $0.x = [ArrayName("a")] }?.fault == .damaged)
  }

  @Test func missingNumbersAreRefusedWhenRead() throws {
    let error = #expect(throws: DataError.self) { try open("a,b,y\n1,2,0\n3,nan,1\n").all.values() }
    #expect(error?.description.contains("row 1 of 'features'") == true)
    let kept = try open("a,b,y\n3,nan,1\n") { $0.allowsNonfinite = true }.all.values()
    #expect(kept[0] == 3 && kept[1].isNaN)
  }

  /// Rows of a table have no shape of their own.
  @Test func rowsTakeTheShapeOfTheModel() throws {
    let set = try open("a,b,c,d,y\n1,2,3,4,0\n").fitted([2, 2, 1], [2])
    #expect(set.all.inputs[0].itemShape == [2, 2, 1])
    #expect(set.notes.contains { $0.contains("2 × 2 × 1") })
  }

  @Test(
    arguments: [
      ("1", 1), ("-0.1", -0.1), ("+2.5", 2.5), (".5", 0.5), ("5.", 5), ("1e3", 1000),
      ("123456789012345678", 123_456_789_012_345_680), ("0.000000000000001", 1e-15),
      ("3.14159265358979323846", .pi), ("inf", .infinity), (" 7\t", 7),
      ("2.2250738585072014e-308", 2.2250738585072014e-308),
    ] as [(String, Double)])
  func numbers(text: String, value: Double) {
    let bytes = Array(text.utf8)
    #expect(DecimalNumber.value(of: bytes, bytes.indices) == value)
  }

  @Test(arguments: ["", " ", "-", ".", "1e", "1,5", "0x1p3", "one", "1 2", "nan(1)", "--1", "1-"])
  func noNumbers(text: String) {
    let bytes = Array(text.utf8)
    #expect(DecimalNumber.value(of: bytes, bytes.indices) == nil)
  }
}
