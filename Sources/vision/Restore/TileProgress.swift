import Figures
import Files
import Inference
import Synchronization

/// How far a network is with an image, on a terminal.
final class TileProgress: Sendable {
  private struct State {
    let line = StatusLine()
    var began = MonotonicClock.seconds
    var text = ""
  }

  /// Whether there is somebody to see it.
  let isShown: Bool
  private let watch: @Sendable (Double) throws(InferenceError) -> Void
  private let state = Mutex(State())

  init(isShown: Bool = StandardStream.error.isTerminal) {
    self.isShown = isShown
    watch = { _ in }
  }

  /// Shows nothing.
  ///
  /// - Parameter watch: is told which share of the tiles is done; where it throws, the work is given up.
  init(watch: @escaping @Sendable (Double) throws(InferenceError) -> Void) {
    isShown = false
    self.watch = watch
  }

  /// Shows what is going to be done.
  func announce(_ text: String) {
    guard isShown else { return }
    state.withLock { state in
      state.began = MonotonicClock.seconds
      state.text = text
      state.line.show(text)
    }
  }

  func show(done: Int, of total: Int) throws(InferenceError) {
    try watch(Double(done) / Double(total))
    guard isShown else { return }
    state.withLock { state in
      let rate = Double(done) / (MonotonicClock.seconds - state.began)
      let left = durationText(seconds: Double(total - done) / max(rate, 1e-9))
      state.line.show("\(left) left   \(done) of \(total) tiles   \(state.text)")
    }
  }

  func clear() { state.withLock { $0.line.clear() } }
}
