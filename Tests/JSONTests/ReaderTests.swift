import Testing

@testable import JSON

struct ReaderTests {
  @Test func keepsOrderAndTheLastOfEqualKeys() throws {
    let value = try JSON.parse(#"{"b": 1, "a": [true, false, null], "b": {"c": "x"}}"#)
    #expect(value.objectValue?.keys == ["b", "a"])
    #expect(value["b"]?["c"] == "x")
    #expect(value["a"] == [true, false, nil])
  }

  @Test func findsKeysAmongMany() throws {
    let text = "{" + (0..<100).map { "\"k\($0)\": \($0)" }.joined(separator: ",") + ", \"k7\": -7}"
    let object = try #require(try JSON.parse(text).objectValue)
    #expect(object.count == 100)
    #expect(object["k7"] == -7)
    #expect(object["k99"] == 99)
    #expect(object["k100"] == nil)
  }

  @Test func keysAreBytes() throws {
    let object = try #require(try JSON.parse("{\"\u{e9}\": 1, \"e\u{301}\": 2}").objectValue)
    #expect(object.count == 2)
    #expect(object["e\u{301}"] == 2)
  }

  @Test(arguments: [
    ("0", 0), ("-0", 0), ("-12", -12), ("9223372036854775807", Int.max),
    ("-9223372036854775808", Int.min),
  ])
  func integersAreExact(text: String, value: Int) throws {
    #expect(try JSON.parse(text) == .integer(value))
  }

  @Test func otherNumbers() throws {
    #expect(try JSON.parse("1e400").doubleValue == .infinity)
    #expect(try JSON.parse("-1e400").doubleValue == -.infinity)
    #expect(try JSON.parse("1e-400").doubleValue == 0)
    #expect(try JSON.parse("1.0") == .double(1))
    #expect(try JSON.parse("1.0").integerValue == nil)
    #expect(try JSON.parse("-0.0").doubleValue?.sign == .minus)
    #expect(try JSON.parse("18446744073709551616") == .number(.bigInteger("18446744073709551616")))
    #expect(try JSON.parse("18446744073709551616").doubleValue == 18_446_744_073_709_551_616)
  }

  @Test func nonFiniteOnRequest() throws {
    let value = try JSON.parse("[NaN, Infinity, -Infinity]", options: .python)
    let numbers = try #require(value.arrayValue).map { $0.doubleValue ?? 0 }
    #expect(numbers[0].isNaN)
    #expect(numbers[1...] == [.infinity, -.infinity])
    for text in ["NaN", "Infinity", "-Infinity"] {
      #expect(throws: JSONError(problem: .nonFinite, offset: text == "-Infinity" ? 1 : 0, line: 1))
      {
        try JSON.parse(text)
      }
    }
  }

  @Test func byteOrderMarkOnRequest() throws {
    #expect(try JSON.parse("\u{feff}[1]", options: .python) == [1])
    #expect(throws: JSONError.self) { try JSON.parse("\u{feff}[1]") }
  }

  @Test func escapes() throws {
    #expect(
      try JSON.parse(#""\"\\\/\b\f\n\r\t\u0041\u00e9\ud83c\udf33""#)
        == "\"\\/\u{8}\u{c}\n\r\tA\u{e9}🌳")
    #expect(try JSON.parse(#""a\u0000b""#) == "a\0b")
  }

  @Test(arguments: [
    #""\ud800""#, #""\udc00x""#, #""\udc00\ud800""#, #""\ud800\ud83c\udf33""#, #""\udbfe\udc00""#,
    "\"\u{10F800}\"", "\"\u{10FFFF}\u{10F7FF}\"", #""\ud800\u0041""#,
  ])
  func loneSurrogatesComeBack(text: String) throws {
    let value = try JSON.parse(text)
    let again = try JSON.parse(value.text())
    #expect(value == again)
    #expect(value.text() == again.text())
  }

  @Test func surrogatesAreDistinct() throws {
    let texts = [#""\ud800""#, #""\ud801""#, #""\udbfe\udc00""#, #""\ud800\udc00""#]
    #expect(Set(try texts.map { try JSON.parse($0) }).count == texts.count)
    #expect(try JSON.parse(texts[0]).text() == #""\ud800""#)
  }

  @Test func depthIsBounded() throws {
    let deep = String(repeating: "[", count: 1000) + String(repeating: "]", count: 1000)
    #expect(try JSON.parse(deep).arrayValue?.count == 1)
    let bomb = String(repeating: "[", count: 200_000) + String(repeating: "]", count: 200_000)
    let error = #expect(throws: JSONError.self) { try JSON.parse(bomb) }
    #expect(error?.problem == .tooDeep(limit: 1000))
    #expect(error?.description.contains("nested too deeply") == true)
    let objects = String(repeating: "{\"a\":", count: 2000)
    #expect(throws: JSONError(problem: .tooDeep(limit: 1000), offset: 5000, line: 1)) {
      try JSON.parse(objects)
    }
  }

  @Test(arguments: [
    "", " ", "[", "[1", "[1,", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "\"a", "\"\\",
    "\"\\u12",
    "tru", "n", "-", "[1,]", "[,1]", "[,]", "{,}", "{\"a\":1,}", "{a:1}", "{\"a\" 1}", "[1 2]",
    "1 2", "[]]", "}",
    "]", "01", "-01", "1.", ".5", "1e", "1e+", "+1", "0x1", "1_0", "'a'", "\"\\x41\"",
    "\"\\u00g0\"", "\"a\nb\"",
    "\"\u{1}\"", "nul", "truex", "True", "[1}", "{\"a\":1]", "// c\n1", "--1", "-NaN", "[1,,2]",
    "{\"a\":,}",
    "{\"a\":1 \"b\":2}", "{1:2}", "[\"a\":1]",
  ])
  func refusesWhatIsNotJSON(text: String) {
    #expect(throws: JSONError.self) { try JSON.parse(text, options: .python) }
  }

  @Test(
    arguments: [
      [0xFF], [0xC3, 0x28], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xF4, 0x90, 0x80, 0x80],
      [0xF4, 0x8F, 0xA0], [0xE2, 0x82],
    ] as [[UInt8]])
  func refusesWhatIsNotUTF8(bytes: [UInt8]) {
    for tail in ["", "\\n"] {
      let text = Array("\"a".utf8) + bytes + Array((tail + "\"").utf8)
      let error = #expect(throws: JSONError.self) { try JSON.parse(text) }
      #expect(error?.problem == .notUTF8)
      #expect(error?.description.contains("UTF-8") == true)
    }
  }

  @Test func saysWhere() {
    #expect(throws: JSONError(problem: .expected("':'"), offset: 11, line: 3)) {
      try JSON.parse("{\n\n  \"key\" 1}".replacing("\"key\" ", with: "\"key\"\t"))
    }
  }

  /// Every prefix of a text is refused, and none crashes.
  @Test func everyPrefixIsRefused() throws {
    let text = Array(
      #" {"a": [1, -2.5e+3, "x\u00e9\ud83c\udf33\ud800 \#u{e9}"], "b": {"c": null, "d": [[], {}]}, "e": true}"#
        .utf8)
    _ = try JSON.parse(text)
    for length in 0..<text.count {
      #expect(throws: JSONError.self) { try JSON.parse(Array(text[..<length])) }
    }
  }
}
