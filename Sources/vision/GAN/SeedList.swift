import ArgumentParser

/// A list of seeds, typed `3,8,21` or `0-15`, or both: `0-3,8`.
struct SeedList: ExpressibleByArgument {
  let seeds: [UInt64]

  /// More are not drawn at once.
  static let limit = 1_000_000

  init?(argument: String) {
    var seeds: [UInt64] = []
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let bounds = part.split(separator: "-", omittingEmptySubsequences: false).map { UInt64($0) }
      switch bounds.count {
      case 1:
        guard let seed = bounds[0] else { return nil }
        seeds.append(seed)
      case 2:
        guard let first = bounds[0], let last = bounds[1], first <= last,
          last - first < UInt64(Self.limit)
        else { return nil }
        seeds += Array(first...last)
      default: return nil
      }
      guard seeds.count <= Self.limit else { return nil }
    }
    self.seeds = seeds
  }
}
