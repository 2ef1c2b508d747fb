import Documents
import Testing

@testable import Keras

struct AttributeTextTests {
  func fixed(_ name: String, _ texts: [String], length: Int, _ padding: Datatype.StringPadding)
    -> Attribute
  {
    let filler: UInt8 = padding == .spacePadded ? 0x20 : 0
    let value = texts.flatMap { text in
      Array(text.utf8) + [UInt8](repeating: filler, count: length - text.utf8.count)
    }
    return Attribute(
      name: Name(name), type: .string(length: length, padding: padding, isUTF8: false),
      space: .simple([texts.count]), value: value)
  }

  @Test(arguments: [Datatype.StringPadding.nullTerminated, .nullPadded, .spacePadded])
  func fixedLength(padding: Datatype.StringPadding) {
    let attribute = fixed("layer_names", ["dense", "conv2d_1", ""], length: 9, padding)
    #expect(attribute.texts == ["dense", "conv2d_1", ""].map { Array($0.utf8) })
  }

  @Test func bytesInsidePaddingStay() {
    let padded = Attribute(
      name: "x", type: .string(length: 4, padding: .nullPadded, isUTF8: false), space: .scalar,
      value: [65, 0, 66, 0])
    #expect(padded.text == [65, 0, 66])
    let full = Attribute(
      name: "x", type: .string(length: 2, padding: .nullTerminated, isUTF8: false), space: .scalar,
      value: [65, 66])
    #expect(full.text == [65, 66])
  }

  @Test func variableLength() {
    let long = String(repeating: "x", count: 300)
    let attributes = Attribute.names("weight_names", ["a/kernel:0", "", Name(long)])
    #expect(attributes.count == 1)
    #expect(attributes[0].texts == ["a/kernel:0", "", long].map { Array($0.utf8) })
    #expect(Attribute.text("x", long).text == Array(long.utf8))
  }

  @Test func cutOffValuesAreNoText() {
    var attribute = Attribute.names("n", ["abc"])[0]
    for count in attribute.value.indices {
      attribute.value = Array(attribute.value.prefix(count))
      #expect(attribute.texts == nil)
    }
  }

  @Test func emptyListsOfEveryKind() {
    let empty = [
      Attribute.names("n", [])[0],
      Attribute(
        name: "n", type: .variableString(padding: .nullTerminated, isUTF8: true), space: .null,
        value: []),
      Attribute(
        name: "n", type: .string(length: 1, padding: .nullPadded, isUTF8: false),
        space: .simple([0]), value: []),
    ]
    for attribute in empty {
      let list = NameList("n", in: [attribute])
      #expect(list.isPresent && list.names.isEmpty && list.fault == nil)
    }
    let missing = NameList("n", in: [])
    #expect(!missing.isPresent && missing.names.isEmpty && missing.fault == nil)
  }

  @Test func splitLists() {
    let names = (0..<9000).map { Name("layer_\($0)") }
    let parts = Attribute.names("layer_names", names)
    #expect(parts.map(\.name) == ["layer_names0", "layer_names1", "layer_names2"])
    #expect(NameList("layer_names", in: parts.reversed()).names == names)
    let gap = NameList("layer_names", in: [parts[0], parts[2]])
    #expect(gap.fault?.contains("layer_names1 is missing") == true)
    #expect(gap.names.count == 4032)
  }

  @Test func whatIsNoListOfNames() {
    let floats = Attribute(
      name: "n", type: .float(.init(ieee: 8)), space: .simple([2]),
      value: [UInt8](repeating: 0, count: 16))
    #expect(NameList("n", in: [floats]).fault == "is not a list of strings")
    var table = Attribute.names("n", ["a", "b"])[0]
    table.space = .simple([1, 2])
    #expect(NameList("n", in: [table]).fault == "has more than one dimension")
  }
}
