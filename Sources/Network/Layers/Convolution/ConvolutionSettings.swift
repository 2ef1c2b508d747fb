import CKernels
import Keras

/// The numbers of a convolution, in the words of each Keras.
struct ConvolutionSettings {
  let rank: Int
  let kernel: [Int]
  let strides: [Int]
  let dilation: [Int]
  let padding: Window.Padding
  let groups: Int

  init(_ definition: Definition) throws(LayerFault) {
    rank = try Self.rank(of: definition.className)
    let settings = definition.settings
    if settings.value("kernel_size") != nil {
      kernel = try definition.ints("kernel_size", count: rank)
    } else if rank == 1 {
      kernel = [try definition.int("filter_length")]
    } else if rank == 2 {
      kernel = [try definition.int("nb_row"), try definition.int("nb_col")]
    } else {
      kernel = [
        try definition.int("kernel_dim1"), try definition.int("kernel_dim2"),
        try definition.int("kernel_dim3"),
      ]
    }
    strides = try definition.ints(
      "strides", "subsample", "subsample_length", count: rank, default: 1)
    dilation = try definition.ints("dilation_rate", "atrous_rate", count: rank, default: 1)
    let words = rank == 1 ? Window.Padding.words : ["valid", "same"]
    let word = try definition.choice("padding", "border_mode", among: words, default: "valid")
    padding = Window.Padding(rawValue: word) ?? .valid
    groups = try definition.int("groups", default: 1)
  }

  /// The number before the D of a class's name.
  static func rank(of className: String) throws(LayerFault) -> Int {
    guard let digit = className.compactMap(\.wholeNumberValue).first, (1...3).contains(digit) else {
      throw .unsupported("a convolution without a rank in its name")
    }
    return digit
  }

  /// The windows over the spatial dimensions of `input`, whose channels come last.
  func windows(_ input: Signal) throws(LayerFault) -> [Window] {
    guard input.rank == rank + 1 else {
      throw .bad("takes \(rank + 1) dimensions and is given the shape \(input.text)")
    }
    var windows: [Window] = []
    for i in 0..<rank {
      windows.append(
        try Window(
          input.shape[i], kernel: kernel[i], stride: strides[i], dilation: dilation[i],
          padding: padding))
    }
    return windows
  }

  /// The same where `windows` is known not to throw: in `forward`, after `infer`.
  func checkedWindows(_ input: Signal) -> [Window] {
    guard let windows = try? windows(input) else { preconditionFailure("infer has checked it") }
    return windows
  }
}

extension ck_conv_geometry {
  /// The last two of `windows` over images of so many channels.
  init(_ windows: [Window], channels: Int, outputs: Int, groups: Int = 1) {
    let rows = windows.count > 1 ? windows[windows.count - 2] : .none
    let columns = windows[windows.count - 1]
    self.init(
      height: Int32(rows.input), width: Int32(columns.input), channels: Int32(channels),
      out_height: Int32(rows.output), out_width: Int32(columns.output),
      out_channels: Int32(outputs), kernel_height: Int32(rows.kernel),
      kernel_width: Int32(columns.kernel), stride_height: Int32(rows.stride),
      stride_width: Int32(columns.stride), dilation_height: Int32(rows.dilation),
      dilation_width: Int32(columns.dilation), pad_top: Int32(rows.before),
      pad_left: Int32(columns.before), groups: Int32(groups))
  }
}
