import CFuzzer

@testable import CSRM

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// usage: FUZZ_TARGET=TARGET fuzz [libFuzzer's options] [CORPUS…]
///
/// (The target is no argument, because libFuzzer calls itself with its own.)
/// `reader` takes whole files, with checksums and without; `document` the fields of a document; a
/// name of an encoding takes `FuzzedBlock`s of that encoding. A crash, a hang and a step outside a
/// buffer are findings; an error that is thrown is not.
@main
struct Fuzz {
  static func main() {
    guard let name = getenv("FUZZ_TARGET").map({ String(cString: $0) }), let run = target(name)
    else {
      print("usage: FUZZ_TARGET=\(names.joined(separator: "|")) fuzz [options] [corpus…]")
      return
    }
    let arguments = CommandLine.arguments
    var count = Int32(arguments.count)
    var values: [UnsafeMutablePointer<CChar>?] = arguments.map { argument in
      argument.withCString { text in
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: argument.utf8.count + 1)
        copy.update(from: text, count: argument.utf8.count + 1)
        return copy
      }
    }
    values.append(nil)
    values.withUnsafeMutableBufferPointer { values in
      var base = values.baseAddress
      _ = LLVMFuzzerRunDriver(&count, &base, run)
    }
  }

  private typealias Run = @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32

  private static var names: [String] {
    ["reader", "document"] + FuzzedBlock.encodings.map(\.description)
  }

  private static func target(_ name: String) -> Run? {
    switch name {
    case "reader":
      return { data, size in
        let bytes = Array(UnsafeBufferPointer(start: data, count: size))
        try? Everything.read(bytes)
        return 0
      }
    case "document":
      return { data, size in
        let bytes = Array(UnsafeBufferPointer(start: data, count: size))
        let tensors = [
          DocumentReader.Tensor(bytes: 24, elementSize: 4, value: .unwritten),
          DocumentReader.Tensor(bytes: 4200, elementSize: 7, value: .unwritten),
        ]
        _ = try? DocumentReader.document(from: bytes, stored: bytes.count, tensors: tensors)
        _ = try? ContainerFields(from: bytes, stored: bytes.count)
        return 0
      }
    default:
      guard let encoding = FuzzedBlock.encodings.first(where: { $0.description == name }) else {
        return nil
      }
      wanted = encoding.id
      return { data, size in
        guard size > 0, let data, Int(data[0]) == Fuzz.wanted,
          let block = FuzzedBlock(UnsafeRawBufferPointer(start: data, count: size))
        else { return -1 }
        try? block.decode()
        return 0
      }
    }
  }

  /// The encoding that is fuzzed; set once, before the driver runs.
  nonisolated(unsafe) private static var wanted = 0
}
