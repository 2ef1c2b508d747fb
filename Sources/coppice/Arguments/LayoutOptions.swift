import ArgumentParser
import CSRM
import Datasets

/// `--layout`, which says two things: how sparse tensors lie in a packed file, and which axis of
/// images is their channels. A command that does both takes both.
struct LayoutOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Of packed tensors: csr, plain rows that can be mapped and computed on in place. Of images in data: nhwc or nchw.",
      valueName: "layout"))
  var layout: [Layout] = []

  enum Layout: String, ExpressibleByArgument, CaseIterable { case csr, nhwc, nchw }

  /// Throws where a layout is given that the command has no use for, or two of a kind.
  func check(packing: Bool, data: Bool) throws {
    for word in layout {
      let isPacking = word == .csr
      guard isPacking ? packing : data else {
        throw ValidationError(
          "--layout \(word.rawValue) is about \(isPacking ? "packed files" : "images in --data")")
      }
    }
    if layout.count(where: { $0 != .csr }) > 1 {
      throw ValidationError("--layout nhwc and --layout nchw contradict each other")
    }
  }

  var packing: PackOptions.Layout { layout.contains(.csr) ? .csr : .automatic }

  var data: DataOptions.Layout? {
    layout.contains(.nchw) ? .nchw : layout.contains(.nhwc) ? .nhwc : nil
  }
}
