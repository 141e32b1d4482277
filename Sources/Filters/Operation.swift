/// What a filter computes, its parameters filled in.
public enum Operation: Sendable, Equatable {
  /// Correlation with a kernel.
  case kernel(Kernel)
  /// A gradient: the x kernel is `smooth` as a column times `derive` as a row, the y kernel its
  /// transpose.
  case gradient(smooth: [Int], derive: [Int])
  /// The mean of a square window of this side.
  case box(size: Int)
  /// A Gaussian of this standard deviation in pixels.
  case gaussian(sigma: Double)
  /// The largest, mean or summed sample of a window.
  case pool(Pooling, width: Int, height: Int)
  /// One channel of luma (ITU-R BT.601) in place of red, green and blue.
  case gray
  /// One that prepares its steps itself.
  case own(OwnOperation)

  /// Correlation with a kernel that stands in the program.
  ///
  /// - Precondition: there is a weight, and every row has the same number of them.
  public static func kernel(_ rows: [[Double]], scale: Double = 1) -> Operation {
    .kernel(Kernel(rows, scale: scale))
  }
}

/// How a pooling window becomes one sample.
public enum Pooling: String, Sendable, CaseIterable {
  case max
  case average
  case sum
}

// MARK: - What the catalog says about them

extension Operation {
  var kernelText: String {
    switch self {
    case .kernel(let kernel): kernel.description
    case .gradient(let smooth, let derive):
      "x: \(Kernel.product(column: smooth, row: derive)); y: its transpose"
    case .box(let size): "1/\(size * size) × ones"
    case .gaussian(let sigma): "Gaussian of σ \(numberText(sigma))"
    case .pool(let pooling, let width, let height): "\(pooling.rawValue) of \(width) × \(height)"
    case .gray: "0.299 R + 0.587 G + 0.114 B"
    case .own: "none"
    }
  }

  var normalizationText: String {
    switch self {
    case .kernel(let kernel): kernel.scale == 1 ? "none" : kernel.scaleText
    case .gradient, .pool(.max, _, _), .pool(.sum, _, _), .own: "none"
    case .box, .gaussian, .gray: "weights sum to 1"
    case .pool(.average, let width, let height): "1/\(width * height)"
    }
  }

  var rangeText: String {
    switch self {
    case .kernel(let kernel):
      let sum = { (sign: Double) in
        kernel.weights.map { Swift.max(0, $0 * sign) }.reduce(0, +) * kernel.scale * 255
      }
      return numberText(-sum(-1)) + "…" + numberText(sum(1))
    case .gradient(let smooth, let derive):
      let sum = { (weights: [Int]) in weights.reduce(0.0) { $0 + Double($1) } }
      let bound = sum(smooth) * sum(derive.filter { $0 > 0 }) * 255
      let diagonal = (bound * 2.0.squareRoot()).rounded(.up)
      return
        "x, y: -\(numberText(bound))…\(numberText(bound)); magnitude: below \(numberText(diagonal))"
    case .pool(.sum, let width, let height): return "0…\(255 * width * height)"
    case .box, .gaussian, .pool, .gray, .own: return "0…255"
    }
  }
}
