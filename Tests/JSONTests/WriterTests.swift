import Testing

@testable import JSON

struct WriterTests {
  let sample: JSON.Value = ["b": [1, 2.5, nil], "a": [:], "c": [], "d": ["e": true]]

  @Test func compact() {
    #expect(sample.text() == #"{"b":[1,2.5,null],"a":{},"c":[],"d":{"e":true}}"#)
  }

  @Test func pretty() {
    #expect(
      sample.text(.pretty) == """
        {
          "b": [
            1,
            2.5,
            null
          ],
          "a": {},
          "c": [],
          "d": {
            "e": true
          }
        }
        """)
  }

  @Test(arguments: [
    0.0, -0.0, 1, 0.1, 1e22, 1e23, Double.leastNonzeroMagnitude, .greatestFiniteMagnitude, 2 / 3,
    123456789.125, 1e16,
    1e-5,
  ])
  func doublesComeBack(number: Double) throws {
    let text = JSON.Value.double(number).text()
    let again = try #require(try JSON.parse(text).doubleValue)
    #expect(again.bitPattern == number.bitPattern)
    #expect(try JSON.parse(text) == .double(number), "not read as an integer")
  }

  @Test func nonFinite() {
    let value: JSON.Value = [.double(.nan), .double(.infinity), .double(-.infinity)]
    #expect(value.text() == "[null,null,null]")
    #expect(value.text(nonFinite: .python) == "[NaN,Infinity,-Infinity]")
  }

  @Test func escapesWhatATerminalWouldObey() {
    let text: JSON.Value = "\u{1b}[31m\u{7}\u{9b}\0\n\"\\é🌳\u{202e}\u{7f}"
    #expect(text.text() == #""\u001b[31m\u0007\u009b\u0000\n\"\\é🌳\u202e\u007f""#)
  }

  @Test func everyCharacterComesBack() throws {
    var text = ""
    for code in (0 as UInt32)...0x2100 { text.unicodeScalars.append(Unicode.Scalar(code) ?? "x") }
    let value = JSON.Value.string(text)
    let again = try #require(try JSON.parse(value.text()).stringValue)
    #expect(again.unicodeScalars.elementsEqual(text.unicodeScalars))
  }

  @Test func settingAndRemovingMembers() {
    var object = JSON.Object((0..<20).map { ("k\($0)", .integer($0)) })
    object["k3"] = nil
    object["k4"] = "four"
    object["new"] = 1
    #expect(object.count == 20)
    #expect(object["k3"] == nil)
    #expect(object["k19"] == 19)
    #expect(object.keys.prefix(5) == ["k0", "k1", "k2", "k4", "k5"])
    #expect(object["k4"] == "four")
    #expect(object.keys.last == "new")
  }
}
