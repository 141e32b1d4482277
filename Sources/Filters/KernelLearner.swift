import Images

extension Kernel {
  /// Finds the `size` × `size` kernel and the bias that turn `before` into `after`, by gradient
  /// descent on the squared error; one kernel for all color channels, alpha left out: where that is not
  /// opaque, `after` should have been filtered with straight alpha.
  ///
  /// The model is one convolutional neuron with a clamp: `y = clamp(Σ w · x + b)`. Its error is
  /// E = ½ Σ (y − t)²; propagated back, ∂E/∂w = Σ (y − t) · x over the pixels that the clamp lets
  /// through: where the prediction lies beyond the bound that the target sits on, the clamp is flat
  /// and there is nothing to learn. While it is the same pixels that count, E is a quadratic, whose
  /// gradient `A w − c` needs only sums over the image: they are taken once, then conjugate
  /// gradient steps (Hestenes and Stiefel 1952) descend to its bottom; then it is looked again which
  /// pixels count.
  ///
  /// Only windows inside the image are used, so its border does not matter. From a large image
  /// pixels spread over all of it are taken, each with all its colors; the error is that of others.
  ///
  /// - Parameter progress: told again and again which share of the work is done, 0…1.
  /// - Throws: when the images differ in size or channels, or are smaller than the kernel, or
  ///   `size` is not between 1 and 31.
  public static func learned(
    from before: Image, to after: Image, size: Int, progress: (Double) -> Void = { _ in }
  ) throws(FilterError) -> LearnedKernel {
    guard (1...31).contains(size) else {
      throw .badArgument("kernel size \(size): give a whole number from 1 to 31")
    }
    let (a, b) = (before.layout, after.layout)
    guard a.width == b.width, a.height == b.height, a.colorChannels == b.colorChannels else {
      throw .mismatchedImages(
        "the images differ: \(a.width) × \(a.height) with \(a.colorChannels) channels before, "
          + "\(b.width) × \(b.height) with \(b.colorChannels) after; give the same image twice")
    }
    guard a.width >= size, a.height >= size else {
      throw .windowExceedsImage(
        window: "\(size) × \(size)", image: "\(a.width) × \(a.height)")
    }
    return KernelLearner(before: before, after: after, size: size).learn(progress)
  }
}

/// The neuron, its examples and its descent. Samples are taken as 0…1.
private struct KernelLearner {
  private let before: Image
  private let after: Image
  private let size: Int
  /// Weights and, last, the bias.
  private let parameters: Int
  private let pixels: SpreadPixels

  /// Work that one look at all examples may take, in multiplications.
  private static let effort = 300_000_000
  /// Looks at which pixels count; two or three are enough where the model is right.
  private static let rounds = 12

  init(before: Image, after: Image, size: Int) {
    self.before = before
    self.after = after
    self.size = size
    parameters = size * size + 1
    let layout = before.layout
    let affordable = max(20 * parameters, Self.effort / (parameters * parameters))
    pixels = SpreadPixels(
      columns: layout.width - size + 1, rows: layout.height - size + 1,
      wanted: (affordable + layout.colorChannels - 1) / layout.colorChannels)
  }

  func learn(_ progress: (Double) -> Void) -> LearnedKernel {
    var weights = [Double](repeating: 0, count: parameters)
    var quadratic = SquaredError(parameters: parameters)
    var isCounted = [Bool](
      repeating: false, count: pixels.learnt.count * before.layout.colorChannels)
    var steps = 0
    for round in 0..<Self.rounds {
      let changes = update(
        &quadratic, &isCounted, at: round == 0 ? nil : weights,
        progress: round == 0 ? progress : { _ in })
      if round > 0 && changes == 0 { break }
      let (better, taken) = quadratic.descended(from: weights)
      steps += taken
      let moved = zip(weights, better).map { ($0 - $1).magnitude }.max() ?? 0
      weights = better
      if round > 0 && moved < 1e-9 { break }
    }
    progress(1)
    let rows = (0..<size).map { Array(weights[$0 * size..<($0 + 1) * size]) }
    let kernel = Kernel(rows, bias: weights[parameters - 1] * before.layout.sample.white)
    return LearnedKernel(
      kernel: kernel, error: meanError(of: weights) * after.layout.sample.white, steps: steps)
  }

  /// Brings the sums that make the squared error up to date for these weights, by the examples that
  /// begin or cease to count, and returns how many those are. Without weights the examples count whose
  /// target is not on a bound, and all where that leaves too few.
  private func update(
    _ sums: inout SquaredError, _ isCounted: inout [Bool], at weights: [Double]?,
    progress: (Double) -> Void
  ) -> Int {
    var changes = 0
    func look(counts: (UnsafePointer<Double>, Double) -> Bool) {
      forEachExample(pixels.learnt) { index, inputs, target in
        if index % 1024 == 0 { progress(0.95 * Double(index) / Double(isCounted.count)) }
        let counts = counts(inputs, target)
        guard counts != isCounted[index] else { return }
        sums.add(inputs, target, counts ? 1 : -1)
        isCounted[index] = counts
        changes += 1
      }
      sums.flush()
    }
    let hasBounds = after.layout.sample != .float32
    look { inputs, target in
      guard hasBounds, target <= 0 || target >= 1 else { return true }
      guard let weights else { return false }
      let prediction = dot(inputs, weights, parameters)
      return target <= 0 ? prediction > 0 : prediction < 1
    }
    if weights == nil && sums.count < 4 * parameters { look { _, _ in true } }
    return changes
  }

  /// The root of the mean squared error, the clamp included.
  private func meanError(of weights: [Double]) -> Double {
    var (sum, count) = (0.0, 0.0)
    forEachExample(pixels.measured) { _, inputs, target in
      var prediction = dot(inputs, weights, parameters)
      if after.layout.sample != .float32 { prediction = min(max(prediction, 0), 1) }
      sum += (prediction - target) * (prediction - target)
      count += 1
    }
    return count > 0 ? (sum / count).squareRoot() : 0
  }

  /// Calls `body` with the number of an example, the samples under its window and a 1 for the bias, and
  /// the sample after; all colors of one pixel, then those of the next.
  private func forEachExample(
    _ numbers: Range<Int>, _ body: (Int, UnsafePointer<Double>, Double) -> Void
  ) {
    let inputs = Scratch<Double>(parameters, filledWith: 1)
    let (from, to) = (UnitSamples(before), UnitSamples(after))
    let colors = before.layout.colorChannels
    before.withUnsafeBytes { beforeBytes in
      after.withUnsafeBytes { afterBytes in
        for (index, number) in numbers.enumerated() {
          let (y, x) = pixels.place(number)
          for color in 0..<colors {
            for row in 0..<size {
              for column in 0..<size {
                inputs.start[row * size + column] = from.sample(
                  in: beforeBytes, y + row, x + column, color)
              }
            }
            body(
              index * colors + color, inputs.start,
              to.sample(in: afterBytes, y + size / 2, x + size / 2, color))
          }
        }
      }
    }
  }
}

/// Pixels spread evenly over an image: steps of about its golden section, which come to every pixel once.
private struct SpreadPixels {
  private let columns: Int
  private let count: Int
  private let step: Int
  /// Numbers of pixels to learn from, and of others to measure by (the same where there are no others).
  let learnt: Range<Int>
  let measured: Range<Int>

  init(columns: Int, rows: Int, wanted: Int) {
    self.columns = columns
    count = columns * rows
    var step = max(1, Int(Double(count) * 0.6180339887))
    while Self.divisor(step, count) > 1 { step += 1 }
    self.step = step
    learnt = 0..<max(1, min(wanted, count * 4 / 5))
    let others = learnt.upperBound..<min(count, 2 * learnt.upperBound)
    measured = others.isEmpty ? learnt : others
  }

  func place(_ number: Int) -> (y: Int, x: Int) {
    // Neither factor exceeds the number of pixels, which is below 2^31.
    let pixel = number * step % count
    return (pixel / columns, pixel % columns)
  }

  private static func divisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : divisor(b, a % b) }
}

/// Reads an image's samples as 0…1.
private struct UnitSamples {
  private let layout: PixelLayout
  private let scale: Double

  init(_ image: Image) {
    layout = image.layout
    scale = 1 / image.layout.sample.white
  }

  func sample(in bytes: UnsafeRawBufferPointer, _ y: Int, _ x: Int, _ channel: Int) -> Double {
    let index = (y * layout.width + x) * layout.channels + channel
    switch layout.sample {
    case .uint8: return Double(bytes[index]) * scale
    case .uint16: return Double(bytes.load(fromByteOffset: index * 2, as: UInt16.self)) * scale
    case .float32: return Double(bytes.load(fromByteOffset: index * 4, as: Float.self)) * scale
    }
  }
}
