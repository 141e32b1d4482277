/// How the first values of a parameter are drawn. *Fan-in* and *fan-out* count the connections
/// that lead to one output and away from one input.
public enum Initializer: Hashable, Sendable {
  case zeros
  case constant(Float)
  /// Uniform in ±1/√fan-in, PyTorch's default (a third of the variance of LeCun et al., *Efficient
  /// BackProp*, 1998).
  case fanInUniform
  /// Uniform in ±√(6 / (fan-in + fan-out)) (Glorot & Bengio, 2010).
  case glorotUniform
  /// Normal with σ = √(2 / (fan-in + fan-out)) (Glorot & Bengio, 2010).
  case glorotNormal
  /// Uniform in ±√(6 / fan-in) (He et al., *Delving Deep into Rectifiers*, 2015).
  case heUniform
  /// Normal with σ = √(2 / fan-in) (He et al., 2015).
  case heNormal
  /// Normal around 0 with the given standard deviation.
  case normal(std: Float)
  /// Squares of the last axis's extent, one below the other, each an orthogonal matrix drawn evenly from all
  /// (A. Saxe et al., *Exact Solutions to the Nonlinear Dynamics of Learning*, 2013).
  case orthogonal
  /// As many equal parts of the first axis as there are numbers, each filled with one of them.
  case parts([Float])

  /// A tensor of first values.
  ///
  /// - Parameters:
  ///   - fanIn: connections into one output; not used by `zeros`, `constant` and `normal`.
  ///   - fanOut: connections out of one input; used by the Glorot pair alone.
  ///   - random: advanced by what is drawn.
  public func tensor(
    shape: Shape, fanIn: Int, fanOut: Int, random: inout RandomSource
  ) -> Tensor {
    let into = Float(max(fanIn, 1))
    let both = Float(max(fanIn, 1)) + Float(max(fanOut, 0))
    switch self {
    case .zeros: return .zeros(shape)
    case .constant(let value): return Tensor(shape, repeating: value)
    case .fanInUniform: return uniform(shape, bound: 1 / into.squareRoot(), &random)
    case .glorotUniform: return uniform(shape, bound: (6 / both).squareRoot(), &random)
    case .heUniform: return uniform(shape, bound: (6 / into).squareRoot(), &random)
    case .glorotNormal: return normal(shape, std: (2 / both).squareRoot(), &random)
    case .heNormal: return normal(shape, std: (2 / into).squareRoot(), &random)
    case .normal(let std): return normal(shape, std: std, &random)
    case .orthogonal: return orthogonal(shape, &random)
    case .parts(let numbers):
      let count = max(1, shape.count / max(numbers.count, 1))
      return Tensor(shape, (0..<shape.count).map { numbers[min($0 / count, numbers.count - 1)] })
    }
  }

  /// Rows of normal numbers made orthogonal to those before them in their square, twice against rounding.
  private func orthogonal(_ shape: Shape, _ random: inout RandomSource) -> Tensor {
    let size = shape.dimensions.last ?? 1
    var rows = normal(shape, std: 1, &random).scalars.map(Double.init)
    for row in 0..<shape.count / max(size, 1) {
      let own = row * size
      for _ in 0..<2 {
        for other in (row - row % size)..<row {
          var product = 0.0
          for i in 0..<size { product += rows[own + i] * rows[other * size + i] }
          for i in 0..<size { rows[own + i] -= product * rows[other * size + i] }
        }
      }
      var square = 0.0
      for i in 0..<size { square += rows[own + i] * rows[own + i] }
      let length = max(square.squareRoot(), 1e-30)
      for i in 0..<size { rows[own + i] /= length }
    }
    return Tensor(shape, rows.map { Float($0) })
  }

  private func uniform(_ shape: Shape, bound: Float, _ random: inout RandomSource) -> Tensor {
    Tensor(shape) { values in
      random.fillUniform(values)
      for index in values.indices { values[index] = bound * (2 * values[index] - 1) }
    }
  }

  private func normal(_ shape: Shape, std: Float, _ random: inout RandomSource) -> Tensor {
    Tensor(shape) { values in
      random.fillNormal(values)
      for index in values.indices { values[index] *= std }
    }
  }
}
