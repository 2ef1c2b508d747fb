import CSRM
import Documents
import Files
import HDF5
import Keras
import Reports

extension SizeTable {
  /// gzip takes a second for 20 MB: up to here it is measured unasked.
  private static let gzipLimit = 4 << 20

  /// The sizes of a run: input, output, and for files of at most 4 MiB what gzip -9 makes of the
  /// input and of the pruned model in the input's own container. The latter is left out where there is
  /// no room for it in the folder of temporary files: the output is in its place by now.
  static func measured(
    _ opened: OpenedModel, pruned: Container, receipt: Delivery.Receipt
  ) throws -> SizeTable {
    let input = opened.file.count
    var table = SizeTable(input: input, output: receipt.bytes)
    let optimizer = opened.model.tensors.filter { $0.role == .optimizer }.reduce(0) {
      $0 + ($1.source?.count ?? 0)
    }
    if optimizer > 0 { table.withoutOptimizer = max(0, input - optimizer) }
    guard input <= gzipLimit else { return table }
    table.inputGzip9 = try GzipSize.level9(of: opened.file)
    do {
      table.prunedGzip9 = try gzipped(pruned)
    } catch let error as any Reportable where [.cannotCreate, .inputOutput].contains(error.fault) {
      Console.explain("not measured: gzip -9 of the pruned model: \(error)")
    }
    return table
  }

  private static func gzipped(_ container: Container) throws -> Int {
    let plain = try OutputFile(
      path: "\(TemporaryFolder.path)/coppice-plain-\(UInt32.random(in: 0 ... .max))",
      replacing: true)
    try ModelFile.write(container, as: container.kind, to: plain, storage: .asRead)
    return try GzipSize.level9(of: MappedFile(path: plain.temporaryPath))
  }
}
