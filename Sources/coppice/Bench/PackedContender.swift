import CSRM
import Files
import Keras

/// `.csrm`, packed in one way.
///
/// Nothing is compared with what was packed: the checksums that the file has of every tensor are
/// looked at where it is read.
struct PackedContender: Contender {
  let name: String
  let title: String
  private let options: PackOptions
  private let rounding: (any ValueRounding)?

  init(_ level: PackingLevel) {
    name = level.rawValue
    title = ".csrm, --level \(level.rawValue)"
    var options = PackOptions()
    options.level = level.packing
    self.options = options
    rounding = nil
  }

  /// At the default level, with the weights rounded.
  init(_ rounding: any ValueRounding) {
    name = rounding.name
    title = ".csrm, --values \(rounding.name)"
    options = PackOptions()
    self.rounding = rounding
  }

  private init(name: String, title: String, options: PackOptions) {
    self.name = name
    self.title = title
    self.options = options
    rounding = nil
  }

  static var rows: PackedContender {
    var options = PackOptions()
    options.layout = .csr
    return PackedContender(name: "csr", title: ".csrm, --layout csr", options: options)
  }

  func trial(on subject: BenchSubject) throws -> Trial {
    var container = subject.plain.container
    var options = options
    if let memory = subject.limits.memory { options.memory = memory }
    let output = try Scratch.file()
    let packing = Stopwatch()
    var loss: RoundingLoss?
    if let rounding {
      let rounded = try ModelRounding(
        rounding, options, of: subject.plain, file: subject.name
      ).round(container)
      loss = rounded.reduce(into: RoundingLoss()) { $0.add($1.values.loss) }
      container = rounded.applied(to: container, of: subject.plain.model)
    }
    let summary = try Packer.pack(container, named: subject.name, options: options, into: output)
    let packed = packing.seconds

    let back = try Scratch.file()
    let unpacking = Stopwatch()
    let opened = try PackedFile(
      MappedFile(path: output.temporaryPath), name: subject.name, limits: subject.limits)
    Inputs.keepMemory(of: opened)
    try ModelFile.write(try opened.container(), as: container.kind, to: back)
    let unpacked = unpacking.seconds

    let reading = Stopwatch()
    let model = try ModelFile.open(
      MappedFile(path: output.temporaryPath), name: subject.name,
      options: OpenOptions(limits: subject.limits))
    try model.withAllPieces { _, _ in }
    return Trial(
      bytes: output.size, packing: packed, unpacking: unpacked, reading: reading.seconds,
      packed: summary, loss: loss)
  }
}
