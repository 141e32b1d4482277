import Files
import Images
import Serving
import Synchronization

/// How long work on images took, so that it can be said how long more of the same will take.
final class WorkRate: Sendable {
  /// Kinds of work that are known; more are forgotten, all at once.
  private static let capacity = 64
  /// Smaller images say little of larger ones.
  private static let leastPixels = 1 << 16

  /// Seconds a pixel, by what is done.
  private let known = Mutex<[String: Double]>([:])
  private let guess: @Sendable (String) -> Double

  /// - Parameter guess: seconds a megapixel, where the work was not done before.
  init(guess: @escaping @Sendable (String) -> Double) { self.guess = guess }

  /// The expected time, in seconds.
  func seconds(for work: String, on layout: PixelLayout) -> Double {
    let rate = known.withLock { $0[work] } ?? guess(work) / 1e6
    return rate * Double(layout.width) * Double(layout.height)
  }

  /// Measures work, without the time in which it waited. Work that was given up says nothing.
  func measure(
    _ work: String, on layout: PixelLayout, _ exchange: Exchange, _ body: () throws -> Void
  ) rethrows {
    let start = MonotonicClock.seconds - exchange.waitingTime
    try body()
    let pixels = layout.width * layout.height
    guard pixels >= Self.leastPixels else { return }
    let rate = (MonotonicClock.seconds - exchange.waitingTime - start) / Double(pixels)
    known.withLock { known in
      if known.count >= Self.capacity, known[work] == nil { known.removeAll() }
      // One slow hour is not believed at once.
      known[work] = known[work].map { ($0 + rate) / 2 } ?? rate
    }
  }
}
