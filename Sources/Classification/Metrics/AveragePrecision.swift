/// How well scores put the examples of which a label holds before the others: the sum over thresholds of
/// (Rₙ − Rₙ₋₁)·Pₙ, precision at each step of recall, without interpolation, as scikit-learn's
/// `average_precision_score`. Equal scores are one threshold.
///
/// - Parameters:
///   - scores: one an example; what is not a number comes last.
///   - holds: whether the label holds of each.
/// - Returns: 0…1; nil where it holds of none.
package func averagePrecision(scores: [Float], holds: [Bool]) -> Double? {
  precondition(scores.count == holds.count, "a score for each example")
  let positives = holds.count(where: \.self)
  guard positives > 0 else { return nil }
  let keys = scores.map { $0.isNaN ? -.infinity : $0 }
  let order = keys.indices.sorted { keys[$0] > keys[$1] }
  var (found, seen, sum) = (0, 0, 0.0)
  while seen < order.count {
    let score = keys[order[seen]]
    let before = found
    while seen < order.count, keys[order[seen]] == score {
      found += holds[order[seen]] ? 1 : 0
      seen += 1
    }
    sum += Double((found - before) * found) / Double(seen)
  }
  return sum / Double(positives)
}
