import Keras

/// A layer around others that is taken apart into calls of plain layers.
protocol Wrapper: SendableMetatype {
  static var classNames: [String] { get }

  /// The outputs of the wrapper `layer` for `inputs`.
  static func lower(
    _ layer: LayerGraph.Layer, _ call: Invocation, _ inputs: [Int], _ scope: NetworkBuilder.Scope,
    _ builder: NetworkBuilder
  ) throws(NetworkError) -> [Int]
}

/// Every wrapper. A new one is a file under `Wrappers/` and a line here.
enum WrapperList {
  static let all: [any Wrapper.Type] = [
    Bidirectional.self,
    ChannelsFirstConvLSTM.self,
    RNN.self,
    SpectralNormalization.self,
    TimeDistributed.self,
  ]

  static let byName: [String: any Wrapper.Type] = {
    var table: [String: any Wrapper.Type] = [:]
    for type in all {
      for name in type.classNames { table[name] = type }
    }
    return table
  }()
}
