import JSON
import Keras
import Testing

@testable import Network

struct OperationTests {
  typealias Case = (name: String, config: String, constants: [String], values: [Float])

  func trial(_ name: String, _ config: String = "{}", constants: [String] = []) throws -> LayerTrial
  {
    var arguments: [Invocation.Bound] = [.value(0)]
    for constant in constants { arguments.append(.constant(try JSON.parse(constant))) }
    return LayerTrial(
      className: name, config: config, module: "keras.src.ops.numpy", arguments: arguments)
  }

  /// `[[1, 2, 3], [4, 5, 6]]` as one sample.
  let matrix: LayerTrial.Array = ([1, 2, 3], [1, 2, 3, 4, 5, 6])

  @Test(
    arguments: [
      ("Add", "{}", ["1"], [2, 3, 4, 5, 6, 7]),
      ("Subtract", "{}", ["[1, 2, 3]"], [0, 0, 0, 3, 3, 3]),
      ("Divide", "{}", ["[[[1], [2]]]"], [1, 2, 3, 2, 2.5, 3]),
      ("FloorDivide", "{}", ["-4"], [-1, -1, -1, -1, -2, -2]),
      ("Mod", "{}", ["-4"], [-3, -2, -1, 0, -3, -2]),
      ("Power", "{}", ["2"], [1, 4, 9, 16, 25, 36]),
      ("Greater", "{}", ["3"], [0, 0, 0, 1, 1, 1]),
      (
        "Maximum", "{}",
        [#"{"class_name": "__numpy__", "config": {"value": [3, 3, 3], "dtype": "f"}}"#],
        [3, 3, 3, 4, 5, 6]
      ),
      ("Square", "{}", [], [1, 4, 9, 16, 25, 36]), ("Round", "{}", [], [1, 2, 3, 4, 5, 6]),
      ("Clip", #"{"x_min": 2, "x_max": 4}"#, [], [2, 2, 3, 4, 4, 4]),
      ("Threshold", #"{"threshold": 3, "default_value": -1}"#, [], [-1, -1, -1, 4, 5, 6]),
      ("Sum", #"{"axis": 1}"#, [], [5, 7, 9]),
      ("Mean", #"{"axis": -1, "keepdims": true}"#, [], [2, 5]),
      ("Var", #"{"axis": [1, 2]}"#, [], [2.916667]), ("Argmax", #"{"axis": 2}"#, [], [2, 2]),
      ("Transpose", #"{"axes": [0, 2, 1]}"#, [], [1, 4, 2, 5, 3, 6]),
      ("Flip", #"{"axis": -1}"#, [], [3, 2, 1, 6, 5, 4]),
      ("Repeat", #"{"repeats": 2, "axis": 1}"#, [], [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6]),
      ("Tile", #"{"repeats": [1, 1, 2]}"#, [], [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6]),
      ("Roll", #"{"shift": 1, "axis": 2}"#, [], [3, 1, 2, 6, 4, 5]),
      ("Take", #"{"axis": 2}"#, ["[2, -3]"], [3, 1, 6, 4]),
      ("Pad", #"{"pad_width": [[0, 0], [0, 0], [1, 1]]}"#, ["9"], [9, 1, 2, 3, 9, 9, 4, 5, 6, 9]),
      (
        "Pad", #"{"pad_width": [[0, 0], [1, 0], [0, 2]], "mode": "reflect"}"#, [],
        [4, 5, 6, 5, 4, 1, 2, 3, 2, 1, 4, 5, 6, 5, 4]
      ),
      ("Cumsum", #"{"axis": 2}"#, [], [1, 3, 6, 4, 9, 15]),
      ("Matmul", "{}", ["[[1, 0], [0, 1], [1, 1]]"], [4, 5, 10, 11]),
      ("Matmul", "{}", ["[1, 1, 1]"], [6, 15]), ("Dot", "{}", ["[1, 0, 1]"], [4, 10]),
      ("Tensordot", #"{"axes": 2}"#, ["[[1, 0, 0], [0, 0, 1]]"], [7]),
      (
        "Softmax", #"{"axis": 1}"#, [],
        [0.04742587, 0.04742587, 0.04742587, 0.9525741, 0.9525741, 0.9525741]
      ),
      ("Glu", #"{"axis": 1}"#, [], [0.9820138, 1.986614, 2.992582]),
      ("OneHot", #"{"num_classes": 2}"#, [], [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
      ("Cast", #"{"dtype": "bool"}"#, [], [1, 1, 1, 1, 1, 1]),
    ] as [Case])
  func oneTensor(operation: Case) throws {
    let trial = try trial(operation.name, operation.config, constants: operation.constants)
    #expect(agree(try trial.output(matrix).values, operation.values))
  }

  @Test(
    arguments: [
      ("[null]", [1, 1, 2, 3], [1, 2, 3, 4, 5, 6]), ("1", [1, 3], [4, 5, 6]),
      ("-2", [1, 3], [1, 2, 3]),
      (
        #"{"class_name": "__slice__", "config": {"start": 1, "stop": null, "step": null}}"#,
        [1, 1, 3],
        [4, 5, 6]
      ),
      (#"{"class_name": "__ellipsis__", "config": {}}, 0"#, [1, 2], [1, 4]),
      (
        #"{"start": null, "stop": null, "step": -1}, {"start": null, "stop": -1, "step": 2}"#,
        [1, 2, 1],
        [4, 1]
      ),
    ] as [(String, [Int], [Float])])
  func slices(key: String, shape: [Int], values: [Float]) throws {
    let whole =
      #"{"class_name": "__slice__", "config": {"start": null, "stop": null, "step": null}}"#
    // What begins with a bracket takes the place of what follows the batch.
    let rest = key.hasPrefix("[") ? String(key.dropFirst().dropLast()) : key
    let found = try trial("GetItem", constants: ["[\(whole), \(rest)]"]).output(matrix)
    #expect(found.shape == shape && found.values == values)
  }

  /// Python's `range(*slice(start, stop, step).indices(size))`.
  @Test(
    arguments: [
      (nil, nil, 1, 5, 0, 5), (1, nil, 1, 5, 1, 4), (nil, -1, 1, 5, 0, 4), (-3, -1, 1, 5, 2, 2),
      (7, nil, 1, 5, 5, 0), (-9, 2, 1, 5, 0, 2), (nil, nil, -1, 5, 4, 5), (3, 0, -2, 5, 3, 2),
      (nil, -9, -3, 5, 4, 2), (0, nil, -1, 5, 0, 1), (nil, nil, 2, 0, 0, 0), (4, 1, 1, 5, 4, 0),
    ] as [(Int?, Int?, Int, Int, Int, Int)])
  func elementsOfSlices(
    start: Int?, stop: Int?, step: Int, size: Int, first: Int, count: Int
  ) {
    let found = SliceKey.elements(start, stop, step, of: size)
    #expect(found.1 == count && (count == 0 || found.0 == first))
  }

  @Test func severalTensors() throws {
    let other: LayerTrial.Array = ([1, 2, 3], [6, 5, 4, 3, 2, 1])
    var trial = try trial("Where")
    trial.arguments = [.value(0), .value(1), .constant(0)]
    #expect(
      try trial.outputs([([1, 2, 3], [1, 0, 1, 0, 1, 0]), other])[0].values == [6, 0, 4, 0, 2, 0])
    trial.className = "Stack"
    trial.config = #"{"axis": -1}"#
    trial.arguments = [.list([.value(0), .value(1)])]
    let stacked = try trial.outputs([matrix, other])[0]
    #expect(stacked.shape == [1, 2, 3, 2])
    #expect(stacked.values == [1, 6, 2, 5, 3, 4, 4, 3, 5, 2, 6, 1])
    trial.className = "Einsum"
    trial.config = #"{"subscripts": "bij,bkj->bik"}"#
    trial.arguments = [.value(0), .value(1)]
    #expect(try trial.outputs([matrix, other])[0].values == [28, 10, 73, 28])
    trial.className = "Split"
    trial.config = #"{"indices_or_sections": [1], "axis": 2}"#
    trial.arguments = [.value(0)]
    let parts = try trial.outputs([matrix])
    #expect(parts.map(\.shape) == [[1, 2, 1], [1, 2, 2]])
    #expect(parts.map(\.values) == [[1, 4], [2, 3, 5, 6]])
  }

  /// What would take other samples into account, or is no such operation.
  @Test(
    arguments: [
      ("Sum", "{}", []), ("Sum", #"{"axis": 0}"#, []), ("Mean", #"{"axis": [0, 1]}"#, []),
      ("Transpose", "{}", []), ("Transpose", #"{"axes": [1, 0, 2]}"#, []),
      ("Reshape", #"{"newshape": [6]}"#, []), ("Reshape", #"{"newshape": [-1, 3]}"#, []),
      ("ExpandDims", #"{"axis": 0}"#, []), ("Flip", "{}", []), ("GetItem", "{}", ["[0]"]),
      ("GetItem", "{}", ["[null]"]), ("Add", "{}", ["[[[1]], [[2]]]"]),
      ("Pad", #"{"pad_width": [[1, 0], [0, 0], [0, 0]]}"#, []),
      ("Tile", #"{"repeats": [2, 1, 1]}"#, []),
      ("Softmax", #"{"axis": null}"#, []), ("Roll", #"{"shift": 1}"#, []),
      ("Take", #"{"axis": 0}"#, ["[0]"]), ("Cast", #"{"dtype": "string"}"#, []),
    ] as [(String, String, [String])])
  func workAlongTheBatchIsRefused(name: String, config: String, constants: [String]) throws {
    let trial = try trial(name, config, constants: constants)
    #expect { try trial.output(matrix) } throws: { ($0 as? LayerFault)?.kind == .unsupported }
  }

  @Test(
    arguments: [
      ("Sum", #"{"axis": 3}"#, []), ("Add", "{}", ["[1, 2]"]), ("Take", #"{"axis": 2}"#, ["[3]"]),
      ("GetItem", "{}", [#"[{"start": null}, 2]"#]), ("Matmul", "{}", ["[[1, 2]]"]),
      ("Reshape", #"{"newshape": [null, 4]}"#, []), ("Squeeze", #"{"axis": 1}"#, []),
      ("Split", #"{"indices_or_sections": 2, "axis": 2}"#, []),
    ] as [(String, String, [String])])
  func whatDoesNotFitIsRefused(name: String, config: String, constants: [String]) throws {
    let trial = try trial(name, config, constants: constants)
    #expect(throws: LayerFault.self) { try trial.output(matrix) }
  }

  /// `x + [[1.0], [2.0], [3.0]]` for samples of 3 × 3: Keras 3 on TensorFlow takes the column for a
  /// bias of the last dimension; Keras 2 does not.
  @Test func aSumWithAColumn() throws {
    let zeros: LayerTrial.Array = ([1, 3, 3], [Float](repeating: 0, count: 9))
    var trial = try trial("Add", constants: ["[[1], [2], [3]]"])
    #expect(try trial.output(zeros).values == [1, 2, 3, 1, 2, 3, 1, 2, 3])
    trial.age = .two
    #expect(try trial.output(zeros).values == [1, 1, 1, 2, 2, 2, 3, 3, 3])
  }
}
