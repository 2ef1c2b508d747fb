import Documents
import Files
import HDF5
import Keras

/// The model's own container with HDF5's shuffle and deflate at level 9: what `--store deflate` writes.
struct DeflateContender: Contender {
  let name = "hdf5"
  let title = "HDF5 shuffle, deflate 9"

  func trial(on subject: BenchSubject) throws -> Trial {
    let container = subject.plain.container
    let output = try Scratch.file()
    let packing = Stopwatch()
    try ModelFile.write(container, as: container.kind, to: output, storage: .deflate(level: 9))
    let packed = packing.seconds

    // Several threads write at places of their own, which such a file allows.
    nonisolated(unsafe) let back = try Scratch.file()
    let unpacking = Stopwatch()
    let opened = try ModelFile.open(
      MappedFile(path: output.temporaryPath), name: subject.name,
      options: OpenOptions(limits: subject.limits))
    // In the order of the file, which is the same in both.
    try opened.withAllPieces { try back.write($0, at: $1) }
    let seconds = unpacking.seconds
    let reading = Stopwatch()
    try opened.withAllPieces { _, _ in }
    let read = reading.seconds
    try back.require(
      holding: subject.plain.model.tensors.compactMap(\.source), program: title)
    return Trial(bytes: output.size, packing: packed, unpacking: seconds, reading: read)
  }
}
