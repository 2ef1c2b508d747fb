import Documents
import Files
import JSON
import Testing

@testable import Keras

struct ConversionTests {
  /// A compiled model with a nested one, a normalisation and optimizer state, and a stray array.
  var sample: Container {
    let inner = functional(
      "inner", inputs: ["i"], outputs: ["d2"], node(input(5, name: "i")),
      node(dense("d1", 4), on: ["i"]),
      node(layer("BatchNormalization", "bn", ["axis": -1]), on: ["d1"]),
      node(dense("d2", 3), on: ["bn"]))
    let config = sequential(
      "m", input(5), inner, layer("Dropout", "drop", ["rate": 0.5]),
      layer("LSTM", "rnn", ["units": 2]))
    var draft = legacyFile(
      config,
      [
        (
          "inner",
          [
            ("d1/kernel", numbers(5, 4)), ("d1/bias", numbers(4, first: 20)),
            ("bn/gamma", numbers(4, first: 30)),
            ("bn/beta", numbers(4, first: 40)), ("d2/kernel", numbers(4, 3, first: 50)),
            ("d2/bias", numbers(3, first: 70)),
            ("bn/moving_mean", numbers(4, first: 80)),
            ("bn/moving_variance", numbers(4, first: 90)),
          ]
        ),
        ("drop", []),
        (
          "rnn",
          [
            ("a", numbers(3, 8, first: 100)), ("b", numbers(2, 8, first: 130)),
            ("c", numbers(8, first: 150)),
          ]
        ),
      ])
    draft.group(
      "",
      [
        .text(
          "training_config",
          #"{"loss":"mse","optimizer_config":{"class_name":"Adam","config":{"name":"adam"}}}"#)
      ])
    draft.group("optimizer_weights", Attribute.names("weight_names", ["x", "y"]))
    draft.add(numbers(first: 7), at: "optimizer_weights/x")
    draft.add(numbers(2, first: 8), at: "optimizer_weights/y")
    draft.add(numbers(2, first: 9), at: "coppice/mask")
    return draft.document().container
  }

  func convert(_ container: Container, _ kind: ContainerKind, config: JSON.Value? = nil) throws
    -> Container
  {
    let architecture = config.map { Architecture(config: $0, kerasVersion: "3.9.0") }
    return try Conversion(container: container, path: "x.h5", architecture: architecture).converted(
      to: kind)
  }

  /// Every tensor by name, with its first value.
  func values(_ container: Container, config: JSON.Value? = nil) throws -> [String: [Float]] {
    let model = try readModel(container, config: config)
    #expect(model.problems.isEmpty, "\(model.problems)")
    var values: [String: [Float]] = [:]
    for tensor in model.tensors where tensor.role != .optimizer && tensor.isWeight {
      values[tensor.name] = container.parts[tensor.part].document?.dataset(tensor.object)?.floats
    }
    return values
  }

  @Test func everyLayoutHoldsTheSameWeights() throws {
    let start = sample
    let config = try #require(readModel(start).config)
    let wanted = try values(start)
    #expect(wanted.count == 11)
    for kind in [ContainerKind.kerasArchive, .kerasWeightsH5, .keras3WeightsH5] {
      let there = try convert(start, kind)
      #expect(there.kind == kind)
      #expect(try values(there, config: config) == wanted)
      let back = try convert(there, .kerasH5, config: config)
      #expect(try values(back) == wanted)
      #expect(HDF5File.kind(of: try #require(back.parts[0].document)) == .kerasH5)
      for other in [ContainerKind.kerasArchive, .kerasWeightsH5, .keras3WeightsH5]
      where other != kind {
        #expect(try values(convert(there, other, config: config), config: config) == wanted)
      }
    }
  }

  @Test func archivesAreWhatKeras3Reads() throws {
    let archive = try convert(sample, .kerasArchive)
    #expect(
      archive.parts.map(\.name.description) == ["metadata.json", "config.json", "model.weights.h5"])
    let document = try #require(archive.parts[2].document)
    // Numbers count in the file's own order, and groups are named by class.
    #expect(
      document.dataset(at: "layers/functional/layers/batch_normalization/vars/3")?.floats.first
        == 90)
    #expect(document.dataset(at: "layers/lstm/cell/vars/1")?.floats.first == 130)
    #expect(document.dataset(at: "optimizer/vars/1")?.floats.first == 8)
    #expect(document.dataset(at: "coppice/mask")?.floats.first == 9)
    let texts = ConfigurationTexts(archive)
    #expect(texts.kerasVersion == "3.9.0")
    #expect(texts.config?["compile_config"]?["optimizer"]?["class_name"] == "Adam")
    #expect(texts.config?["compile_config"]?["loss"] == "mse")
    // And back again.
    let back = try convert(archive, .kerasH5)
    let root = try #require(back.parts[0].document?.group(0))
    #expect(
      root.attributes.map(\.name) == [
        "backend", "keras_version", "model_config", "training_config",
      ])
    #expect(ConfigurationTexts(back).trainingConfig == ConfigurationTexts(sample).trainingConfig)
    #expect(back.parts[0].document?.dataset(at: "optimizer_weights/variable_1")?.floats.first == 8)
  }

  @Test func weightlessLayersKeepTheirGroups() throws {
    let back = try convert(try convert(sample, .kerasArchive), .kerasH5)
    let document = try #require(back.parts[0].document)
    let weights = try #require(document.group(at: "model_weights").flatMap(document.group))
    #expect(NameList("layer_names", in: weights.attributes).names == ["x", "inner", "drop", "rnn"])
    #expect(document.group(at: "model_weights/drop") != nil)
    #expect(document.group(at: "model_weights/top_level_model_weights") != nil)
    #expect(
      NameList(
        "weight_names",
        in: document.group(at: "model_weights/inner").flatMap(document.group)?.attributes ?? []
      ).names
        == [
          "inner/d1/kernel", "inner/d1/bias", "inner/bn/gamma", "inner/bn/beta", "inner/d2/kernel",
          "inner/d2/bias",
          "inner/bn/moving_mean", "inner/bn/moving_variance",
        ])
  }

  @Test func legacyEntriesOfLayersLoseTheirModules() throws {
    let config = try JSON.parse(
      """
      {"module": "keras", "class_name": "Sequential", "registered_name": null, "build_config": {}, "config": {"name": "m", "layers": [
        {"module": "keras.layers", "class_name": "Dense", "config": {"units": 3}, "registered_name": null, "build_config": {}, "name": "d"},
        {"module": "builtins", "class_name": "Mine", "config": {}, "registered_name": "pkg>Mine"},
        {"module": "keras.layers", "class_name": "GroupQueryAttention", "config": {}, "registered_name": null}]}}
      """)
    #expect(
      ConfigurationForm.legacy(config).text() == """
        {"class_name":"Sequential","config":{"name":"m","layers":[\
        {"class_name":"Dense","config":{"units":3},"name":"d"},{"class_name":"pkg>Mine","config":{}},\
        {"class_name":"GroupedQueryAttention","config":{}}]}}
        """)
  }

  @Test func wrappedKernelsAreWrittenTwiceForKeras3() throws {
    let inner: JSON.Value = ["class_name": "Dense", "config": ["name": "d", "units": 3]]
    let config = sequential("m", input(4), layer("SpectralNormalization", "sn", ["layer": inner]))
    let file = legacyFile(
      config, [("sn", [("k", numbers(4, 3)), ("b", numbers(3)), ("u", numbers(1, 3))])])
    let tree = try convert(file.document().container, .keras3WeightsH5)
    let document = try #require(tree.parts[0].document)
    let group = "layers/spectral_normalization"
    #expect(document.dataset(at: "\(group)/vars/0")?.floats == numbers(4, 3).floats)
    #expect(document.dataset(at: "\(group)/vars/1")?.space.dimensions == [1, 3])
    #expect(document.dataset(at: "\(group)/layer/vars/0")?.floats == numbers(4, 3).floats)
    #expect(try values(tree, config: config).count == 4)
  }

  @Test func brainFloatsAreMarkedForKeras3() throws {
    let config = sequential("m", input(2), dense("d", 2, ["use_bias": false]))
    var kernel = Dataset(
      type: .opaque(size: 2, tag: []), space: .simple([2, 2]), value: .unwritten)
    kernel.value = .plain(MemoryBytes([0, 0x3F, 0x80, 0x3F, 0, 0x40, 0x80, 0x40]))
    let tree = try convert(
      legacyFile(config, [("d", [("k", kernel)])]).document().container, .keras3WeightsH5)
    let written = try #require(tree.parts[0].document?.dataset(at: "layers/dense/vars/0"))
    #expect(written.attributes.named("dtype")?.text == Array("bfloat16".utf8))
  }

  @Test func refusals() throws {
    func failure(_ container: Container, _ kind: ContainerKind) -> KerasError? {
      #expect(throws: KerasError.self) { try convert(container, kind) }
    }
    let old = legacyFile(
      twoDense,
      [
        ("d1", [("a", numbers(8, 6)), ("b", numbers(6))]),
        ("d2", [("a", numbers(6, 3)), ("b", numbers(3))]),
      ], version: "2.15.0")
    let archive = failure(old.document().container, .kerasArchive)
    #expect(archive?.fault == .unsupported && archive?.description.contains("Keras 2") == true)
    #expect(try convert(old.document().container, .keras3WeightsH5).kind == .keras3WeightsH5)
    let bare = failure(twoDenseFile(nil).document().container, .kerasArchive)
    #expect(bare?.fault == .unsupported && bare?.description.contains("--config-from") == true)
    let mine = sequential("m", input(8), layer("Mine", "d1"), dense("d2", 3))
    #expect(
      failure(twoDenseFile(mine).document().container, .kerasArchive)?.description.contains("Mine")
        == true)
    // What does not hold together is not carried into another layout.
    let wrong = sequential("m", input(8), dense("d1", 7), dense("d2", 3))
    #expect(failure(twoDenseFile(wrong).document().container, .kerasArchive)?.fault == .damaged)
    var plain = DraftDocument()
    plain.add(numbers(3), at: "x")
    #expect(failure(plain.document().container, .kerasH5)?.fault == .unsupported)
  }

  /// The layers of a legacy file move as they are, whatever their class.
  @Test func legacyLayoutsNeedNoKnownClasses() throws {
    let mine = sequential("m", input(8), layer("Mine", "d1"), dense("d2", 3))
    let weights = try convert(twoDenseFile(mine).document().container, .kerasWeightsH5)
    let document = try #require(weights.parts[0].document)
    #expect(document.dataset(at: "d1/d1/kernel:0")?.floats == numbers(8, 6).floats)
    #expect(HDF5File.kind(of: document) == .kerasWeightsH5)
    let whole = try convert(weights, .kerasH5, config: mine)
    #expect(
      whole.parts[0].document?.dataset(at: "model_weights/d1/d1/kernel:0")?.floats
        == numbers(8, 6).floats)
    #expect(whole.parts[0].document?.dataset(at: "d1/d1/kernel:0") == nil)
  }

  @Test func strippingTheOptimizer() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("m.h5")
    let output = try OutputFile(path: path, replacing: false)
    try ModelFile.write(sample, as: .kerasH5, to: output)
    try output.commit()
    var opened = try ModelFile.open(path)
    #expect(opened.model.tensors.count { $0.role == .optimizer } == 2)
    let notes = opened.stripOptimizer()
    #expect(notes.count == 1 && notes[0].contains("2 tensors, 12 bytes"))
    #expect(opened.model.tensors.count { $0.role == .optimizer } == 0)
    #expect(opened.model.trainingConfig != nil)
    #expect(opened.container.parts[0].document?.group(at: "optimizer_weights") == nil)
    #expect(opened.container.parts[0].document?.dataset(at: "model_weights/rnn/a") != nil)
    #expect(opened.stripOptimizer() == ["No optimizer state to leave out."])
  }
}
