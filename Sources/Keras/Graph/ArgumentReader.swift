import Documents
import JSON

/// Reads what a call of a layer takes, in the spelling of each Keras (keras-files.md, section 5):
/// Keras 1 and 2 write `[[["a", 0, 0, {}]]]`, operations of Keras 2 one level less, Keras 3
/// `{"args": […], "kwargs": {…}}` with tensors as `__keras_tensor__`.
struct ArgumentReader {
  /// The names that make a triple a tensor and not a constant.
  let layers: Set<Name>

  func call(_ node: JSON.Value) -> LayerGraph.Call {
    if let object = node.objectValue {
      if object["args"] != nil || object["kwargs"] != nil {
        return LayerGraph.Call(
          (object["args"]?.arrayValue ?? []).map(modern),
          keywords: keywords(object["kwargs"], modern))
      }
      // A dictionary of inputs in Keras 2.
      return LayerGraph.Call([dictionary(object, entry)])
    }
    guard let entries = node.arrayValue else { return LayerGraph.Call([]) }
    if entries.first?.stringValue != nil { return call(flat: [node]) }
    return call(flat: entries)
  }

  /// Keras 1 and 2: the tensors one after another; keywords stand in the entries.
  private func call(flat entries: [JSON.Value]) -> LayerGraph.Call {
    var keywords: [(name: String, value: LayerGraph.Argument)] = []
    for entry in entries {
      guard let fields = entry.arrayValue, fields.count > 3 else { continue }
      for (name, value) in self.keywords(fields[3], older)
      where !keywords.contains(where: { $0.name == name }) {
        keywords.append((name, value))
      }
    }
    return LayerGraph.Call(entries.map(entry), keywords: keywords)
  }

  private func keywords(
    _ value: JSON.Value?, _ read: (JSON.Value) -> LayerGraph.Argument
  ) -> [(name: String, value: LayerGraph.Argument)] {
    (value?.objectValue ?? JSON.Object()).members.map { ($0, read($1)) }
  }

  /// `["name", call, output, …]`, whether there is a layer of that name or not.
  private func triple(_ value: JSON.Value) -> LayerGraph.TensorReference? {
    guard let fields = value.arrayValue, fields.count >= 3, let name = fields[0].stringValue,
      let call = fields[1].integerValue, let output = fields[2].integerValue, call >= 0,
      output >= 0
    else { return nil }
    return LayerGraph.TensorReference(layer: Name(name), call: call, output: output)
  }

  /// The same where the name is that of a layer: what else looks so may be a constant.
  private func reference(_ value: JSON.Value) -> LayerGraph.TensorReference? {
    triple(value).flatMap { layers.contains($0.layer) ? $0 : nil }
  }

  /// Where nothing but a tensor can stand, so that a layer which is not there is missed.
  private func entry(_ value: JSON.Value) -> LayerGraph.Argument {
    triple(value).map { .tensor($0) } ?? .constant(value)
  }

  /// A keyword's value in Keras 1 and 2.
  private func older(_ value: JSON.Value) -> LayerGraph.Argument {
    if let reference = reference(value) { return .tensor(reference) }
    if let members = value.arrayValue {
      let read = members.map(older)
      return read.contains { !$0.tensors.isEmpty } ? .list(read) : .constant(value)
    }
    return .constant(value)
  }

  private func modern(_ value: JSON.Value) -> LayerGraph.Argument {
    if let object = value.objectValue {
      if object["class_name"]?.stringValue == "__keras_tensor__" {
        return (object["config"]?["keras_history"]).map(entry) ?? .constant(value)
      }
      if object["class_name"] != nil { return .constant(value) }
      let read = dictionary(object, modern)
      return read.tensors.isEmpty ? .constant(value) : read
    }
    if let members = value.arrayValue {
      let read = members.map(modern)
      return read.contains { !$0.tensors.isEmpty } ? .list(read) : .constant(value)
    }
    return .constant(value)
  }

  /// In the order of the keys, which is that of a Keras model's inputs and outputs, whatever the
  /// configuration's is.
  private func dictionary(
    _ object: JSON.Object, _ read: (JSON.Value) -> LayerGraph.Argument
  ) -> LayerGraph.Argument {
    .dictionary(
      object.members.sorted { $0.0.unicodeScalars.lexicographicallyPrecedes($1.0.unicodeScalars) }
        .map { ($0, read($1)) })
  }

  /// `input_layers` or `output_layers`: one triple flat or in a list, several, or a dictionary.
  func boundary(_ value: JSON.Value) -> LayerGraph.Argument {
    if let reference = triple(value) { return .tensor(reference) }
    if let object = value.objectValue {
      return dictionary(object, boundary)
    }
    return .list((value.arrayValue ?? []).map(boundary))
  }
}
