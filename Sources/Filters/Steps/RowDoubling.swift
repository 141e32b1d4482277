import LoopInterface

/// Combines every run of `window` neighbors of a row in about 2 · log₂(window) passes.
final class RowDoubling {
  private let window: Int
  private let channels: Int
  private let count: Int
  private let combine: RowLoops.Combine
  /// Whether an element may be combined twice (maximum), which saves passes.
  private let overlaps: Bool
  private var runs: Scratch<Double>
  private var longer: Scratch<Double>
  private let output: Scratch<Double>

  init(
    window: Int, channels: Int, count: Int, overlaps: Bool, combine: @escaping RowLoops.Combine
  ) {
    self.window = window
    self.channels = channels
    self.count = count
    self.overlaps = overlaps
    self.combine = combine
    runs = Scratch(count, filledWith: 0)
    longer = Scratch(count, filledWith: 0)
    output = Scratch(count, filledWith: 0)
  }

  /// Element `x` combines `x`, `x + channels` … `x + (window − 1) · channels` of `row`.
  func windows(of row: UnsafePointer<Double>) -> UnsafePointer<Double> {
    runs.start.update(from: row, count: count)
    var length = 1  // of the runs
    var done = 0  // columns of the window that `output` holds
    while true {
      if window & length != 0 && !overlaps {
        if done == 0 {
          output.start.update(from: runs.start, count: count)
        } else {
          combine(
            output.start, runs.start + done * channels, count - (done + length - 1) * channels,
            output.start)
        }
        done += length
      }
      if 2 * length > window { break }
      let valid = count - (2 * length - 1) * channels
      combine(runs.start, runs.start + length * channels, valid, longer.start)
      swap(&runs, &longer)
      length *= 2
    }
    if overlaps {
      combine(
        runs.start, runs.start + (window - length) * channels, count - (window - 1) * channels,
        output.start)
    }
    return UnsafePointer(output.start)
  }
}
