import CSRM
import Files
import Parallel
import Reports

/// Sizes and speeds of several ways to store one model, taken in turns, so that what else the machine
/// does falls on all of them.
struct SizeBench {
  let contenders: [any Contender]
  let rounds: Int

  func report(on subject: BenchSubject) throws -> BenchSizeReport {
    var trials = [[Trial]](repeating: [], count: contenders.count)
    var absent: [Int: String] = [:]
    let threads = Parallel.threads
    let progress = RowProgress("measuring", rows: rounds * contenders.count, unit: "trial")
    defer { progress?.clear() }
    for _ in 0..<rounds {
      for (index, contender) in contenders.enumerated() where absent[index] == nil {
        do {
          let trial = try contender.trial(on: subject)
          trials[index].append(trial)
          if Console.isVerbose {
            progress?.clear()
            Console.explain(
              "\(contender.title): \(trial.bytes) bytes, in \(duration(trial.packing)), out \(duration(trial.unpacking))"
            )
          }
        } catch let missing as Absent {
          absent[index] = missing.reason
        } catch let error as CSRMError {
          guard case .cannotRound(_, let tensor, let reason) = error else { throw error }
          absent[index] = "\(tensor) \(reason)"
        } catch let error as ProgramError {
          absent[index] = "\(error)"
        } catch let error as Unfaithful {
          absent[index] = "\(error)"
        }
        progress?.advance(by: 1)
      }
    }
    try subject.checkUnchanged()
    let left = contenders.indices.compactMap { index in
      absent[index].map { BenchSizeReport.LeftOut(name: contenders[index].name, reason: $0) }
    }
    guard left.count < contenders.count else {
      let reasons = left.map { "\($0.name): \($0.reason)" }.joined(separator: "; ")
      throw Unsupported("\(subject.name): nothing could be measured (\(reasons))")
    }
    var report = BenchSizeReport(
      file: subject.name, container: subject.input.container.rawValue, bytes: subject.input.bytes,
      plainBytes: subject.bytes, decodedBytes: subject.decodedBytes, limit: subject.limit,
      rounds: rounds, threads: threads,
      rows: contenders.indices.filter { absent[$0] == nil }.map {
        row(contenders[$0], trials[$0])
      }, leftOut: left)
    report.sparsity = subject.sparsity.map { .init(target: $0.target, achieved: $0.achieved) }
    if subject.isCompressed {
      report.notes.append(
        "the file's own tensors are compressed already: gzip, zstd and xz get them as they are")
    }
    return report
  }

  private func row(_ contender: any Contender, _ trials: [Trial]) -> BenchSizeReport.Row {
    let packed = trials.last?.packed
    return BenchSizeReport.Row(
      name: contender.name, title: contender.title, bytes: trials.last?.bytes ?? 0,
      packSeconds: SizeBench.median(trials.map(\.packing)),
      unpackSeconds: SizeBench.median(trials.map(\.unpacking)),
      readSeconds: trials.last?.reading == nil
        ? nil : SizeBench.median(trials.compactMap(\.reading)),
      holdsTensorsAlone: contender.holdsTensorsAlone,
      parts: packed.map {
        .init(
          tensors: $0.tensorBytes, document: $0.documentBytes + $0.blobBytes,
          directory: $0.directoryBytes)
      },
      rounding: trials.last?.loss.map { .init(largestError: $0.largest, meanError: $0.mean) })
  }

  /// The middle one, or the mean of the two in the middle.
  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}
