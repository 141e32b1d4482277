import Glibc

/// How long a piece of work takes, in milliseconds.
struct Timing {
  /// By the clock on the wall.
  let median: Double
  /// The fastest run.
  let best: Double
  /// Median of the processor time of all threads, which other programs disturb less.
  let processor: Double

  /// Runs the work as often as fits into about half a second, at least five times, after one run
  /// that does not count.
  init(_ work: () throws -> Void) rethrows {
    let first = try milliseconds(work).wall
    let runs = min(101, max(5, Int(500 / max(first, 0.01)))) | 1
    let times = try (0..<runs).map { _ in try milliseconds(work) }
    self.init(walls: times.map(\.wall), processors: times.map(\.processor))
  }

  /// The figures of runs that were timed elsewhere; at least one.
  init(walls: [Double], processors: [Double]) {
    median = walls.sorted()[walls.count / 2]
    best = walls.min() ?? 0
    processor = processors.sorted()[processors.count / 2]
  }
}

private func milliseconds(_ work: () throws -> Void) rethrows -> (wall: Double, processor: Double) {
  let (wall, processor) = (now(CLOCK_MONOTONIC), now(CLOCK_PROCESS_CPUTIME_ID))
  try work()
  return (now(CLOCK_MONOTONIC) - wall, now(CLOCK_PROCESS_CPUTIME_ID) - processor)
}

func now(_ clock: clockid_t) -> Double {
  var time = timespec()
  clock_gettime(clock, &time)
  return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
}

/// A line for each measurement, in tab-separated columns: group, work, variant, and milliseconds:
/// median, best and processor time; then, where they are known, the most memory in MiB and the bytes
/// of the output.
func report(
  _ group: String, _ work: String, _ variant: String, _ timing: Timing,
  peakMebibytes: Double? = nil, bytes: Int? = nil
) {
  var columns = [group, work, variant]
  columns += [timing.median, timing.best, timing.processor].map { milliseconds in
    String(Double(Int(milliseconds * 1000)) / 1000)
  }
  if let peakMebibytes {
    columns += [String(Double(Int(peakMebibytes * 10)) / 10), bytes.map(String.init) ?? "–"]
  }
  print(columns.joined(separator: "\t"))
}
