import Images

extension Kernel {
  /// Finds the `size` × `size` kernel and the bias that turn `before` into `after`, by gradient
  /// descent on the squared error; one kernel for all colour channels, alpha left out.
  ///
  /// The model is one convolutional neuron with a clamp: `y = clamp(Σ w · x + b)`. Its error is
  /// E = ½ Σ (y − t)²; propagated back, ∂E/∂w = Σ (y − t) · x over the pixels that the clamp lets
  /// through: where the prediction lies beyond the bound that the target sits on, the clamp is flat
  /// and there is nothing to learn. While it is the same pixels that count, E is a quadratic, whose
  /// gradient `A w − c` needs only sums over the picture: they are taken once, then conjugate
  /// gradient steps (Hestenes and Stiefel 1952) descend to its bottom; then it is looked again which
  /// pixels count.
  ///
  /// Only windows inside the picture are used, so its border does not matter. From a large picture
  /// evenly spaced pixels are taken.
  ///
  /// - Throws: when the pictures differ in size or channels, or are smaller than the kernel, or
  ///   `size` is not between 1 and 31.
  public static func learned(from before: Image, to after: Image, size: Int)
    throws(FilterError) -> LearnedKernel
  {
    guard (1...31).contains(size) else {
      throw .badArgument("kernel size \(size): give a whole number from 1 to 31")
    }
    let (a, b) = (before.layout, after.layout)
    guard a.width == b.width, a.height == b.height, a.colorChannels == b.colorChannels else {
      throw .mismatchedImages(
        "the pictures differ: \(a.width) × \(a.height) with \(a.colorChannels) channels before, "
          + "\(b.width) × \(b.height) with \(b.colorChannels) after; give the same picture twice")
    }
    guard a.width >= size, a.height >= size else {
      throw .windowExceedsImage(
        window: "\(size) × \(size)", image: "\(a.width) × \(a.height)")
    }
    return KernelLearner(before: before, after: after, size: size).learn()
  }
}

/// The neuron, its examples and its descent. Samples are taken as 0…1.
private struct KernelLearner {
  private let before: Image
  private let after: Image
  private let size: Int
  /// Weights and, last, the bias.
  private let parameters: Int
  /// Every how many-th window is an example.
  private let spacing: Int

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
    let windows =
      (layout.width - size + 1) * (layout.height - size + 1) * layout.colorChannels
    let affordable = max(50 * parameters, Self.effort / (parameters * parameters))
    spacing = max(1, windows / affordable)
  }

  func learn() -> LearnedKernel {
    var weights = [Double](repeating: 0, count: parameters)
    var steps = 0
    for round in 0..<Self.rounds {
      let quadratic = sums(at: round == 0 ? nil : weights)
      let (better, taken) = quadratic.descended(from: weights)
      steps += taken
      let moved = zip(weights, better).map { ($0 - $1).magnitude }.max() ?? 0
      weights = better
      if round > 0 && moved < 1e-9 { break }
    }
    let rows = (0..<size).map { Array(weights[$0 * size..<($0 + 1) * size]) }
    let kernel = Kernel(rows, bias: weights[parameters - 1] * before.layout.sample.white)
    return LearnedKernel(
      kernel: kernel, error: meanError(of: weights) * after.layout.sample.white, steps: steps)
  }

  /// The sums that make the squared error around these weights; without weights, over the pixels
  /// whose target is not on a bound (over all where that leaves too few).
  private func sums(at weights: [Double]?) -> SquaredError {
    var sums = SquaredError(parameters: parameters)
    var clampedTargets = SquaredError(parameters: parameters)
    forEachExample { inputs, target in
      let onBound = after.layout.sample != .float32 && (target <= 0 || target >= 1)
      guard let weights else {
        if onBound { clampedTargets.add(inputs, target) } else { sums.add(inputs, target) }
        return
      }
      if onBound {
        let prediction = dot(inputs, weights)
        if target <= 0 ? prediction <= 0 : prediction >= 1 { return }
      }
      sums.add(inputs, target)
    }
    if weights == nil && sums.count < 4 * parameters { sums.add(clampedTargets) }
    return sums
  }

  /// The root of the mean squared error, the clamp included.
  private func meanError(of weights: [Double]) -> Double {
    var (sum, count) = (0.0, 0.0)
    forEachExample { inputs, target in
      var prediction = dot(inputs, weights)
      if after.layout.sample != .float32 { prediction = min(max(prediction, 0), 1) }
      sum += (prediction - target) * (prediction - target)
      count += 1
    }
    return count > 0 ? (sum / count).squareRoot() : 0
  }

  /// Calls `body` with the samples under a window and a 1 for the bias, and the sample after.
  private func forEachExample(_ body: (UnsafePointer<Double>, Double) -> Void) {
    let inputs = Scratch<Double>(parameters, filledWith: 1)
    let (from, to) = (UnitSamples(before), UnitSamples(after))
    before.withUnsafeBytes { beforeBytes in
      after.withUnsafeBytes { afterBytes in
        let layout = before.layout
        let (columns, rows) = (layout.width - size + 1, layout.height - size + 1)
        let channels = layout.colorChannels
        var example = 0
        while example < columns * rows * channels {
          let (pixel, channel) = (example / channels, example % channels)
          let (y, x) = (pixel / columns, pixel % columns)
          for row in 0..<size {
            for column in 0..<size {
              inputs.start[row * size + column] = from.sample(
                in: beforeBytes, y + row, x + column, channel)
            }
          }
          body(inputs.start, to.sample(in: afterBytes, y + size / 2, x + size / 2, channel))
          example += spacing
        }
      }
    }
  }

  private func dot(_ inputs: UnsafePointer<Double>, _ weights: [Double]) -> Double {
    var sum = 0.0
    for index in 0..<parameters { sum += inputs[index] * weights[index] }
    return sum
  }
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

/// ½ Σ (wᵀx − t)² over examples, as a quadratic ½ wᵀA w − cᵀw + …: A = Σ x xᵀ, c = Σ t x.
private struct SquaredError {
  private let size: Int
  private var matrix: [Double]
  private var vector: [Double]
  private(set) var count = 0

  init(parameters: Int) {
    size = parameters
    matrix = Array(repeating: 0, count: parameters * parameters)
    vector = Array(repeating: 0, count: parameters)
  }

  mutating func add(_ inputs: UnsafePointer<Double>, _ target: Double) {
    matrix.withUnsafeMutableBufferPointer { matrix in
      // The lower half; the upper one is its mirror.
      for row in 0..<size {
        let factor = inputs[row]
        for column in 0...row { matrix[row * size + column] += factor * inputs[column] }
      }
    }
    for index in 0..<size { vector[index] += target * inputs[index] }
    count += 1
  }

  mutating func add(_ other: SquaredError) {
    for index in matrix.indices { matrix[index] += other.matrix[index] }
    for index in vector.indices { vector[index] += other.vector[index] }
    count += other.count
  }

  /// A w − c.
  private func gradient(at weights: [Double]) -> [Double] {
    zip(product(weights), vector).map { $0 - $1 }
  }

  private func product(_ weights: [Double]) -> [Double] {
    (0..<size).map { row in
      (0..<size).reduce(0) { sum, column in
        let element =
          column <= row ? matrix[row * size + column] : matrix[column * size + row]
        return sum + element * weights[column]
      }
    }
  }

  /// The weights at the bottom, by conjugate gradient descent, and the number of steps.
  func descended(from start: [Double]) -> (weights: [Double], steps: Int) {
    var weights = start
    var gradient = gradient(at: weights)
    var direction = gradient.map { -$0 }
    var slope = gradient.reduce(0) { $0 + $1 * $1 }
    let flat = slope * 1e-28
    var steps = 0
    // As many steps as parameters would do without rounding.
    while steps < 10 * size, slope > flat {
      let change = product(direction)
      let curvature = zip(direction, change).reduce(0) { $0 + $1.0 * $1.1 }
      if curvature <= 0 { break }
      let length = slope / curvature
      for index in 0..<size {
        weights[index] += length * direction[index]
        gradient[index] += length * change[index]
      }
      let next = gradient.reduce(0) { $0 + $1 * $1 }
      for index in 0..<size {
        direction[index] = direction[index] * (next / slope) - gradient[index]
      }
      slope = next
      steps += 1
    }
    return (weights, steps)
  }
}
