/// The criteria that coppice knows by name.
public enum Criteria {
  public static let all: [any Criterion] = [
    Magnitude(), L2(), LAMP(), Lookahead(), Wanda(), Random(),
  ]

  /// Those that look at gradients, and so need training.
  public static let withGradients = [
    "taylor", "obd", "fisher", "snip", "grasp", "synflow", "bn-scale",
  ]

  /// Reads `lamp`, or a weighted sum such as `magnitude*0.5+lookahead*0.5` (a name alone has weight
  /// 1). Throws `PruningError.unknownCriterion`, and `criterionNeedsGradients` for one of
  /// `withGradients`.
  public static func parse(_ text: String) throws(PruningError) -> any Criterion {
    if !text.contains("+"), !text.contains("*") { return try named(text) }
    var terms: [WeightedSum.Term] = []
    for part in text.split(separator: "+", omittingEmptySubsequences: false) {
      let factors = part.split(separator: "*", omittingEmptySubsequences: false).map {
        trimmed($0)
      }
      guard factors.count <= 2 else { throw .unknownCriterion(text) }
      let criterion = try named(factors[0])
      guard let weight = factors.count == 2 ? Double(factors[1]) : 1, weight > 0, weight.isFinite
      else { throw .criterionWeight(text) }
      terms.append(WeightedSum.Term(criterion: criterion, weight: weight))
    }
    return WeightedSum(terms)
  }

  private static func named(_ name: String) throws(PruningError) -> any Criterion {
    if let criterion = all.first(where: { $0.name == name }) { return criterion }
    // The paper's word for what its authors ran.
    let name = name == "hessian" ? "fisher" : name
    throw withGradients.contains(name) ? .criterionNeedsGradients(name) : .unknownCriterion(name)
  }

  private static func trimmed(_ text: Substring) -> String {
    String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
