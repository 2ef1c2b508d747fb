/// How the values of a tensor were rounded before they were stored (csrm(5), Precision). It says what
/// was lost; how what is left was stored is the encoding's matter.
public enum Precision: Int, Sendable, Hashable, CaseIterable, CustomStringConvertible {
  /// Nothing was lost.
  case exact = 0
  case float16, bfloat16
  /// 8-bit levels with a scale a column.
  case int8
  /// The means of clusters.
  case codebook
  /// A grid whose levels were chosen by what they cost.
  case rateDistortion

  /// As `--values` has it.
  public var description: String {
    switch self {
    case .exact: "exact"
    case .float16: "f16"
    case .bfloat16: "bf16"
    case .int8: "int8"
    case .codebook: "codebook"
    case .rateDistortion: "rd"
    }
  }
}
