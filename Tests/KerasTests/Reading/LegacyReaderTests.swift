import Documents
import Files
import JSON
import Tensors
import Testing

@testable import Keras

struct LegacyReaderTests {
  func model(_ draft: DraftDocument, _ edit: (inout Document) -> Void = { _ in }) throws -> Model {
    try readModel(draft.document(edit).container)
  }

  func names(_ model: Model) -> [String] { model.tensors.map(\.name) }

  @Test func orderIsThatOfTheLists() throws {
    let found = try model(twoDenseFile())
    #expect(names(found) == ["d1/kernel", "d1/bias", "d2/kernel", "d2/bias"])
    #expect(found.tensors.map(\.role) == [.kernel, .bias, .kernel, .bias])
    #expect(found.tensors.map(\.path)[0] == "model_weights/d1/d1/kernel:0")
    #expect(found.tensors.map(\.isPrunable) == [true, false, true, false])
    #expect(found.tensors[1].whyNot == "a bias")
    #expect(found.tensors.allSatisfy { $0.layerClass == "Dense" && $0.canBePruned })
    #expect(found.problems.isEmpty && found.notes.isEmpty)
    #expect(found.kerasVersion == "3.9.0" && found.name == "m")
  }

  @Test func withoutConfigurationNamesAreHints() throws {
    var draft = DraftDocument()
    draft.group("", Attribute.names("layer_names", ["embedding_1", "lstm_1", "bn", "thing"]))
    let weights: [(String, [(String, Dataset)])] = [
      ("embedding_1", [("embedding_1_W:0", numbers(9, 4))]),
      (
        "lstm_1",
        [
          ("lstm_1_W_i:0", numbers(4, 3)), ("lstm_1_U_i_1:0", numbers(3, 3)),
          ("lstm_1_b_i:0", numbers(3)),
        ]
      ),
      ("bn", [("bn_gamma:0", numbers(3)), ("bn_running_std_2:0", numbers(3))]),
      ("thing", [("odd", numbers(2, 2)), ("vector", numbers(2))]),
    ]
    for (layer, all) in weights {
      draft.group(layer, Attribute.names("weight_names", all.map { Name($0.0) }))
      for (name, dataset) in all { draft.add(dataset, at: "\(layer)/\(name)") }
    }
    let found = try model(draft)
    #expect(
      found.tensors.map(\.role)
        == [.embeddings, .kernel, .recurrentKernel, .bias, .gamma, .movingVariance, .other, .other])
    #expect(names(found)[1...2] == ["lstm_1/W_i", "lstm_1/U_i"])
    #expect(
      found.tensors.map(\.isPrunable) == [true, true, true, false, false, false, true, false])
    #expect(found.problems.isEmpty && found.graph == nil && found.topology == nil)
  }

  /// Each damage gives a problem that holds one of these words.
  @Test(arguments: [
    ("no layer_names", "layer_names is missing"), ("no weight_names", "weight_names is missing"),
    ("no dataset", "missing"), ("no group", "d2"), ("dangling link", "dangling"),
    ("link loop", "loop"),
    ("group for dataset", "a group and not a dataset"), ("type for dataset", "datatype"),
    ("dataset for group", "a dataset and not a group"), ("twice layer", "duplicate"),
    ("twice weight", "duplicate"),
    ("order", "order"), ("not UTF-8", "UTF-8"), ("more layers", "d3"), ("null space", "shape"),
    ("no elements", "shape"),
    ("transposed", "shape"), ("chain", "shape"), ("fewer", "expects 2"), ("more", "lists 3"),
  ])
  func damageIsAProblem(what: String, words: String) throws {
    let kernel = numbers(8, 6)
    let found = try model(twoDenseFile()) { document in
      let group = document.group(at: "model_weights/d1/d1") ?? 0
      func replace(_ dataset: Dataset?) {
        document.edit("model_weights/d1/d1") { $0.links.removeAll { $0.name == "kernel:0" } }
        guard let dataset else { return }
        document.objects.append(.dataset(dataset))
        link(.hard(document.objects.count - 1))
      }
      func link(_ target: Link.Target) {
        document.edit("model_weights/d1/d1") { group in
          group.links.append(Link(name: "kernel:0", target: target))
          group.links.sort { $0.name < $1.name }
        }
      }
      func set(_ path: String, _ attribute: String, _ names: [Name]) {
        document.edit(path) { group in
          group.attributes.removeAll { $0.name == Name(attribute) }
          group.attributes += Attribute.names(attribute, names)
        }
      }
      switch what {
      case "no layer_names": document.edit("model_weights") { $0.attributes = [] }
      case "no weight_names": document.edit("model_weights/d1") { $0.attributes = [] }
      case "no dataset": replace(nil)
      case "no group": document.edit("model_weights") { $0.links.removeAll { $0.name == "d2" } }
      case "dangling link":
        replace(nil)
        link(.soft("/nowhere"))
      case "link loop":
        replace(nil)
        link(.soft("kernel:0"))
      case "group for dataset":
        replace(nil)
        link(.hard(group))
      case "type for dataset":
        replace(nil)
        document.objects.append(.committedType(CommittedType(type: kernel.type)))
        link(.hard(document.objects.count - 1))
      case "dataset for group":
        document.objects.append(.dataset(kernel))
        let target = document.objects.count - 1
        document.edit("model_weights") { group in
          group.links = group.links.map {
            $0.name == "d2" ? Link(name: "d2", target: .hard(target)) : $0
          }
        }
      case "twice layer": set("model_weights", "layer_names", ["d1", "d1"])
      case "twice weight": set("model_weights/d1", "weight_names", ["d1/bias:0", "d1/bias:0"])
      case "order": set("model_weights", "layer_names", ["d2", "d1"])
      case "not UTF-8": set("model_weights", "layer_names", [Name(bytes: [0xFF, 0xFE]), "d2"])
      case "more layers":
        set("model_weights", "layer_names", ["d1", "d2", "d3"])
        let target = document.group(at: "model_weights/d2") ?? 0
        document.edit("model_weights") { $0.links.append(Link(name: "d3", target: .hard(target))) }
      case "null space":
        var empty = kernel
        empty.space = .null
        empty.value = .unwritten
        replace(empty)
      case "no elements":
        var empty = kernel
        empty.space = .simple([0, 6])
        empty.value = .unwritten
        replace(empty)
      case "transposed": replace(numbers(6, 8))
      case "chain":
        document.objects.append(.dataset(numbers(5, 3)))
        let target = document.objects.count - 1
        document.edit("model_weights/d2/d2") { group in
          group.links = group.links.map {
            $0.name == "kernel:0" ? Link(name: "kernel:0", target: .hard(target)) : $0
          }
        }
      case "fewer": set("model_weights/d1", "weight_names", ["d1/kernel:0"])
      case "more":
        set("model_weights/d1", "weight_names", ["d1/kernel:0", "d1/bias:0", "d1/extra:0"])
        document.objects.append(.dataset(numbers(6)))
        let target = document.objects.count - 1
        document.edit("model_weights/d1/d1") {
          $0.links.insert(Link(name: "extra:0", target: .hard(target)), at: 1)
        }
      default: Issue.record("unknown damage \(what)")
      }
    }
    #expect(!found.problems.isEmpty)
    #expect(found.problems.allSatisfy { $0.kind == .mismatch })
    #expect(found.problems.contains { $0.description.contains(words) }, "\(found.problems)")
    let error = #expect(throws: KerasError.self) { try found.checkSound(path: "x.h5") }
    #expect(error?.fault == .damaged)
  }

  @Test func unsupportedTypesAreProblemsOfTheirOwn() throws {
    func model(_ type: Datatype, _ value: Dataset.Value? = nil) throws -> Model {
      try self.model(twoDenseFile()) { document in
        guard
          case .object(let object, _) = document.resolve("model_weights/d1/d1/kernel:0", from: 0)
        else { return }
        let bytes = MemoryBytes([UInt8](repeating: 1, count: 48 * type.size))
        document.objects[object] = .dataset(
          Dataset(type: type, space: .simple([8, 6]), value: value ?? .plain(bytes)))
      }
    }
    let text = try model(.string(length: 4, padding: .nullPadded, isUTF8: false))
    #expect(text.problems.map(\.kind) == [.unsupported])
    #expect(text.problems[0].description.contains("type"))
    let zstd = try model(.float(.init(ieee: 4)), .unreadable(reason: "filter 32015 (zstd)"))
    #expect(zstd.problems.map(\.kind) == [.unsupported])
    #expect(zstd.problems[0].description.contains("32015"))
    // Integers are understood, and left alone.
    let integers = try model(.integer(.init(size: 4, isSigned: true)))
    #expect(integers.problems.isEmpty && integers.notes.count == 1)
    #expect(integers.tensors[0].whyNot == "integer" && !integers.tensors[0].canBePruned)
    #expect(integers.tensors[2].isPrunable)
    // An opaque type of two bytes is how Keras writes bfloat16.
    let brain = try model(.opaque(size: 2, tag: []))
    #expect(brain.tensors[0].isPrunable && brain.tensors[0].type == .bfloat16)
    // Floats of odd widths are carried.
    var float24 = Datatype.Float(ieee: 4)
    (float24.size, float24.precision) = (3, 24)
    let odd = try model(.float(float24))
    #expect(odd.problems.isEmpty && odd.tensors[0].isPrunable == false)
  }

  @Test func optimizerAndStraysAreListedLast() throws {
    var draft = twoDenseFile()
    draft.group("optimizer_weights", Attribute.names("weight_names", ["adam/b", "adam/a", "gone"]))
    draft.add(numbers(), at: "optimizer_weights/adam/a")
    draft.add(numbers(8, 6), at: "optimizer_weights/adam/b")
    draft.add(numbers(2, 2), at: "model_weights/stray/kernel")
    let found = try model(draft)
    #expect(
      names(found)[4...] == ["optimizer/adam/b", "optimizer/adam/a", "model_weights/stray/kernel"])
    #expect(found.tensors[4...].map(\.role) == [.optimizer, .optimizer, .other])
    #expect(found.tensors[4...].allSatisfy { !$0.isPrunable })
    #expect(found.problems.isEmpty)
    #expect(found.notes.contains { $0.contains("optimizer") && $0.contains("gone") })
    #expect(found.notes.contains { $0.contains("stray") })
  }

  @Test func renamedLayersAreMatchedByPosition() throws {
    let config = sequential(
      "m", input(8), dense("first", 6), layer("Dropout", "drop"), dense("second", 3))
    let found = try model(twoDenseFile(config))
    #expect(found.problems.isEmpty)
    #expect(found.notes.contains { $0.contains("order") })
    #expect(names(found) == ["d1/kernel", "d1/bias", "d2/kernel", "d2/bias"])
    #expect(found.topology?.kernels[0]?.after.map(\.tensor) == [2])
  }

  /// A layer that two nested models share is written under each.
  @Test func copiesOfSharedLayersAreMarked() throws {
    func inner(_ name: String) -> JSON.Value { sequential(name, input(4), dense("tied", 3)) }
    let config = sequential(
      "m", input(4), inner("m1"), layer("Reshape", "r", ["target_shape": [4]]), inner("m2"))
    let weights = [("tied/kernel", numbers(4, 3)), ("tied/bias", numbers(3))]
    let same = try model(legacyFile(config, [("m1", weights), ("m2", weights)]))
    #expect(names(same) == ["m1/tied/kernel", "m1/tied/bias", "m2/tied/kernel", "m2/tied/bias"])
    #expect(same.tensors.map(\.copyOf) == [nil, nil, 0, 1])
    #expect(same.tensors.map(\.isPrunable) == [true, false, false, false])
    // Two layers of one name that hold other values are two layers.
    let other = [("tied/kernel", numbers(4, 3, first: 1)), ("tied/bias", numbers(3))]
    let apart = try model(legacyFile(config, [("m1", weights), ("m2", other)]))
    #expect(apart.tensors.map(\.copyOf) == [nil, nil, nil, 1])
  }

  @Test func softLinksAreFollowedWithANote() throws {
    let found = try model(twoDenseFile()) { document in
      guard case .object(let object, _) = document.resolve("model_weights/d1/d1/kernel:0", from: 0)
      else { return }
      document.edit("model_weights/d1/d1") { group in
        group.links = [group.links[0], Link(name: "kernel:0", target: .soft("/elsewhere"))]
      }
      document.edit("") { $0.links.insert(Link(name: "elsewhere", target: .hard(object)), at: 0) }
    }
    #expect(found.problems.isEmpty)
    #expect(found.tensors[0].path == "elsewhere" && found.tensors[0].role == .kernel)
    #expect(found.notes.contains { $0.contains("soft link") })
  }

  @Test func namesAreNeverShownRaw() throws {
    let config = sequential("m", input(8), dense("\u{1b}[31mx", 7))
    let found = try model(
      legacyFile(config, [("\u{1b}[31mx", [("k\u{7}", numbers(8, 6)), ("b", numbers(6))])]))
    #expect(found.problems.count == 2)
    for problem in found.problems {
      #expect(!problem.description.unicodeScalars.contains { $0.value < 0x20 })
    }
  }
}
