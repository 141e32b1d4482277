import Glibc

/// The median time of a piece of work in milliseconds: as many runs as fit into about half a
/// second, at least five, after one that does not count.
func medianMilliseconds(_ work: () throws -> Void) rethrows -> Double {
  let first = try milliseconds(work)
  let runs = min(101, max(5, Int(500 / max(first, 0.01)))) | 1
  let times = try (0..<runs).map { _ in try milliseconds(work) }.sorted()
  return times[runs / 2]
}

private func milliseconds(_ work: () throws -> Void) rethrows -> Double {
  let start = ContinuousClock.now
  try work()
  let (seconds, attoseconds) = (ContinuousClock.now - start).components
  return Double(seconds) * 1e3 + Double(attoseconds) / 1e15
}

/// A line for each measurement, in tab-separated columns: group, work, variant, milliseconds.
func report(_ group: String, _ work: String, _ variant: String, _ milliseconds: Double) {
  let rounded = (milliseconds * 1000).rounded() / 1000
  print("\(group)\t\(work)\t\(variant)\t\(rounded)")
}
