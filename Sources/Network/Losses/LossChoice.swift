import JSON
import Keras

/// The loss of every output of a model: as asked for, else as the file says, else as the output's
/// activation suggests.
struct LossChoice {
  let losses: CompiledLosses
  let activations: [OutputActivation]
  let notes: [String]
  /// Whether the user named the loss.
  private let isAsked: Bool

  init(_ network: Network, _ model: Model, asked: String?) throws(NetworkError) {
    let names = network.outputs.map(\.name)
    isAsked = asked != nil
    var activations = model.graph.map(OutputActivation.all) ?? []
    if activations.count != names.count {
      activations = [OutputActivation](repeating: .other, count: names.count)
    }
    self.activations = activations
    var notes: [String] = []
    if let asked {
      do throws(LossFault) {
        losses = try CompiledLosses(Self.value(asked), weights: nil, outputs: names)
        // Found out before any work.
        for case let settings? in losses.settings where !Self.isOpen(settings) {
          _ = try LossList.make(settings)
        }
      } catch {
        throw .badLoss(what: error.what)
      }
    } else {
      let config = model.trainingConfig
      do throws(LossFault) {
        losses = try CompiledLosses(
          config?["loss"], weights: config?["loss_weights"], outputs: names)
      } catch {
        losses = CompiledLosses(outputs: names.count)
        notes.append(
          "The file's own loss is left out: \(error.what) is not supported. --loss names another.")
      }
    }
    self.notes = notes
  }

  /// The loss of the output at `place`; its `loss` is nil where coppice does not compute it.
  func loss(
    of place: Int, width: Int, classNumbers: Bool, smoothing: Double? = nil
  ) -> (loss: (any Loss)?, name: String?, note: String?) {
    guard var settings = losses.settings[place] else {
      if !isAsked, !notes.isEmpty { return (nil, nil, nil) }
      if losses.settings.contains(where: { $0 != nil }) { return (nil, nil, nil) }
      var standard = standard(for: activations[place], width: width, classNumbers: classNumbers)
      if let smoothing { standard.config["label_smoothing"] = .double(smoothing) }
      return (
        try? LossList.make(standard), standard.name,
        "No loss in the file: \(standard.name)\(standard.config.isEmpty ? "" : " of logits") is reported."
      )
    }
    if Self.isOpen(settings) {
      settings.name =
        width == 1
        ? "binary_crossentropy"
        : classNumbers ? "sparse_categorical_crossentropy" : "categorical_crossentropy"
    }
    if let smoothing { settings.config["label_smoothing"] = .double(smoothing) }
    do throws(LossFault) {
      if isAsked, activations[place] == .linear, settings.config["from_logits"] == nil {
        // Whoever names a cross-entropy for an output of plain numbers means logits.
        settings.config["from_logits"] = true
      }
      return (try LossList.make(settings), settings.name, nil)
    } catch {
      return (
        nil, nil,
        "The file's own loss is left out: \(error.what) is not supported. --loss names another."
      )
    }
  }

  private func standard(
    for activation: OutputActivation, width: Int, classNumbers: Bool
  ) -> LossSettings {
    let classes = classNumbers ? "sparse_categorical_crossentropy" : "categorical_crossentropy"
    switch activation {
    case .softmax where width > 1: return LossSettings(name: classes)
    case .sigmoid: return LossSettings(name: "binary_crossentropy")
    case .softmax, .linear, .other:
      guard classNumbers else { return LossSettings(name: "mean_squared_error") }
      return LossSettings(
        name: classes,
        config: activation == .linear ? JSON.Object([("from_logits", true)]) : .init())
    }
  }

  /// `crossentropy`: Keras takes the one that fits the shapes.
  private static func isOpen(_ settings: LossSettings) -> Bool {
    ["crossentropy", "ce"].contains(settings.name)
  }

  /// A name as it is, or JSON.
  private static func value(_ text: String) throws(LossFault) -> JSON.Value {
    guard text.hasPrefix("{") || text.hasPrefix("[") else { return .string(text) }
    guard let value = try? JSON.parse(Array(text.utf8)) else {
      throw LossFault(what: "the loss \(text.printable(limit: 40)), which is no JSON,")
    }
    return value
  }
}
