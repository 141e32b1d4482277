import Glibc

/// How the learning rate changes from step to step, as a multiple of the optimizer's rate.
///
/// Steps count updates from 0; a schedule that ends keeps its last value.
public indirect enum Schedule: Hashable, Sendable, Codable {
  /// Always 1.
  case constant
  /// Multiplied by `factor` after every `every` steps.
  case step(every: Int, factor: Float)
  /// Multiplied by `factor` after each step.
  case exponential(factor: Float)
  /// Half a cosine from 1 to `floor` over `steps` (Loshchilov and Hutter 2016, arXiv 1608.03983).
  case cosine(steps: Int, floor: Float = 0)
  /// A straight line from 1 to `floor` over `steps`.
  case linear(steps: Int, floor: Float = 0)
  /// 1 over the fraction `start` of the steps, then a straight line to 0 (Miyato et al. 2018, arXiv
  /// 1802.05957 §4, where `start` is 0).
  case decay(steps: Int, start: Float)
  /// Up from `start` to 1 over the first `warmupFraction` of the steps, then down to `end`, both along
  /// half a cosine (Smith and Topin 2017, arXiv 1708.07120; constants as in PyTorch).
  case oneCycle(
    steps: Int, warmupFraction: Float = 0.3, start: Float = 1 / 25, end: Float = 1 / 250_000)
  /// The same with straight lines.
  case triangular(steps: Int, warmupFraction: Float = 0.3, start: Float = 0, end: Float = 0)
  /// A straight line from 1/steps to 1, then another schedule from its own step 0
  /// (Goyal et al. 2017, arXiv 1706.02677 §2.2).
  case warmup(steps: Int, then: Schedule)

  /// The multiple at a step, at least 0.
  public func factor(at step: Int) -> Float {
    let step = max(step, 0)
    switch self {
    case .constant: return 1
    case .step(let every, let factor): return powf(factor, Float(step / max(every, 1)))
    case .exponential(let factor): return powf(factor, Float(step))
    case .cosine(let steps, let floor):
      return Self.alongCosine(from: 1, to: floor, share: Self.share(step, of: steps))
    case .linear(let steps, let floor):
      return 1 + (floor - 1) * Self.share(step, of: steps)
    case .decay(let steps, let start):
      guard start < 1 else { return 1 }
      return max(0, min(1, (1 - Float(step) / Float(max(steps, 1))) / (1 - start)))
    case .oneCycle(let steps, let fraction, let start, let end):
      return Self.cycle(step, steps, fraction, start, end, along: Self.alongCosine)
    case .triangular(let steps, let fraction, let start, let end):
      return Self.cycle(step, steps, fraction, start, end) { $0 + ($1 - $0) * $2 }
    case .warmup(let steps, let next):
      if step < steps { return Float(step + 1) / Float(steps) }
      return next.factor(at: step - max(steps, 0))
    }
  }

  /// Which share of a stretch has passed, 0…1.
  private static func share(_ step: Int, of steps: Int) -> Float {
    min(Float(step) / Float(max(steps, 1)), 1)
  }

  private static func alongCosine(from first: Float, to last: Float, share: Float) -> Float {
    last + (first - last) * (1 + cosf(.pi * share)) / 2
  }

  /// Up, then down. As in PyTorch the last of the steps has the end's value.
  private static func cycle(
    _ step: Int, _ steps: Int, _ warmupFraction: Float, _ start: Float, _ end: Float,
    along curve: (Float, Float, Float) -> Float
  ) -> Float {
    let last = Float(max(steps, 1) - 1)
    let top = max(warmupFraction * Float(max(steps, 1)) - 1, 0)
    let now = min(Float(step), last)
    if now < top { return curve(start, 1, now / top) }
    return last > top ? curve(1, end, (now - top) / (last - top)) : now > 0 ? end : 1
  }
}
