/// The criteria that coppice knows by name.
public enum Criteria {
  public static let all: [any Criterion] = [
    Magnitude(), L2(), LAMP(), Lookahead(), Wanda(), Taylor(), Fisher(), OBD(), SNIP(), GraSP(),
    SynFlow(), BNScale(), Random(),
  ]

  /// Reads `lamp`, or a weighted sum such as `magnitude*0.5+lookahead*0.5` (a name alone has weight
  /// 1). Throws `PruningError.unknownCriterion` and `criterionWeight`.
  public static func parse(_ text: String, _ settings: CriterionSettings = CriterionSettings())
    throws(PruningError) -> any Criterion
  {
    if !text.contains("+"), !text.contains("*") { return try named(text).configured(settings) }
    var terms: [WeightedSum.Term] = []
    for part in text.split(separator: "+", omittingEmptySubsequences: false) {
      let factors = part.split(separator: "*", omittingEmptySubsequences: false).map {
        trimmed($0)
      }
      guard factors.count <= 2 else { throw .unknownCriterion(text) }
      let criterion = try named(factors[0]).configured(settings)
      guard let weight = factors.count == 2 ? Double(factors[1]) : 1, weight > 0, weight.isFinite
      else { throw .criterionWeight(text) }
      terms.append(WeightedSum.Term(criterion: criterion, weight: weight))
    }
    return WeightedSum(terms)
  }

  private static func named(_ name: String) throws(PruningError) -> any Criterion {
    // The paper's word for what its authors ran.
    let name = name == "hessian" ? "fisher" : name
    guard let criterion = all.first(where: { $0.name == name }) else {
      throw .unknownCriterion(name)
    }
    return criterion
  }

  private static func trimmed(_ text: Substring) -> String {
    String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
