import Tensors

// Each run of a plan draws new numbers; `RandomSource.stream(named:run:)` says which.

/// A dropout mask: each element is 1 / p with probability p, else 0.
///
/// No inputs. Output: of the given shape.
///
/// N. Srivastava et al.: *Dropout*. JMLR 2014.
public struct DropoutMask: Operation {
  /// The probability that an element is kept, above 0 and at most 1.
  public let keepProbability: Float
  public let shape: Shape

  public init(keepProbability: Float, shape: Shape) {
    self.keepProbability = keepProbability
    self.shape = shape
  }

  public var isRandom: Bool { true }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 0)
    try require(
      keepProbability > 0 && keepProbability <= 1,
      "expected a probability in (0, 1], received \(keepProbability)")
    return [shape]
  }

  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] { [] }
}

/// Independent standard normal numbers. No inputs. Output: of the given shape.
public struct RandomNormal: Operation {
  public let shape: Shape

  public init(shape: Shape) {
    self.shape = shape
  }

  public var isRandom: Bool { true }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 0)
    return [shape]
  }

  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] { [] }
}

/// Independent numbers uniform in [0, 1). No inputs. Output: of the given shape.
public struct RandomUniform: Operation {
  public let shape: Shape

  public init(shape: Shape) {
    self.shape = shape
  }

  public var isRandom: Bool { true }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 0)
    return [shape]
  }

  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] { [] }
}

extension RandomSource {
  /// The source from which the random operation of a stream draws in a run, counted from 0.
  ///
  /// `RandomUniform` and `RandomNormal` fill their output from it; `DropoutMask` keeps an element
  /// where the uniform number is below `keep`. Nothing but the seed, the source's stream, the
  /// operation's stream (`Graph.Vertex.stream`) and the run decides the numbers, so a training that is
  /// resumed at run r goes on with the same ones.
  public func stream(named name: String, run: Int) -> RandomSource {
    split("\(name) run \(run)")
  }
}
