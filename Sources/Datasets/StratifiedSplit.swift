import Tensors

/// Which examples are set apart for validation: a share of each class, evenly among its examples, or, with a
/// seed, drawn from them.
enum StratifiedSplit {
  /// - Parameter share: 0 up to 1, both excluded.
  /// - Returns: for each example whether it is set apart. A class of two or more gives at least one and
  ///   keeps at least one.
  static func heldOut(
    _ labels: [Int], classCount: Int, share: Double, seed: UInt64? = nil
  ) -> [Bool] {
    var byClass: [[Int]] = Array(repeating: [], count: classCount)
    for (index, label) in labels.enumerated() { byClass[label].append(index) }
    var isHeldOut = Array(repeating: false, count: labels.count)
    for (label, members) in byClass.enumerated() {
      for index in heldOut(members, share: share, seed: seed, label: label) {
        isHeldOut[index] = true
      }
    }
    return isHeldOut
  }

  private static func heldOut(
    _ members: [Int], share: Double, seed: UInt64?, label: Int
  ) -> [Int] {
    guard members.count >= 2 else { return [] }
    var members = members
    if let seed {
      var random = RandomSource(seed: seed).split("validation/\(label)")
      members = random.permutation(members.count).map { members[$0] }
    }
    // The k-th member goes where the running total of shares passes a whole number.
    func total(_ count: Int) -> Int { Int((Double(count) * share + 1e-9).rounded(.down)) }
    let chosen = members.indices.filter { total($0 + 1) > total($0) }.map { members[$0] }
    if chosen.isEmpty { return [members[members.count - 1]] }
    return chosen.count == members.count ? Array(chosen.dropFirst()) : chosen
  }
}
