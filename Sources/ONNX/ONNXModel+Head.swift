import Graphs
import Networks
import Tensors

/// What a classifier ends in, as layers of ours.
struct ONNXHead {
  /// The value that its first layer reads.
  let input: String
  let layers: [NamedLayer]
  /// The values of its variables, by the names that the layers give them.
  let values: [String: LazyTensor]
}

extension ONNXModel {
  /// The layers that make an output of the last features: a dense layer (`Gemm`, or `MatMul` and `Add`),
  /// a 1 × 1 convolution of pooled features, or one whose output is pooled (Iandola et al. 2016,
  /// SqueezeNet, arXiv 1602.07360); then a factor, and a softmax or sigmoid. nil where the network ends
  /// otherwise.
  ///
  /// What only brings the same numbers to another shape or type is left out, and so is a logarithm of
  /// probabilities: the numbers before it say the same.
  func head(of output: String) -> ONNXHead? {
    var way = TailMatcher(self, from: output)
    var tail: [NamedLayer] = []
    way.stepOverLayout()
    switch way.stepOverActivation() {
    case .softmax: tail.append(ActivationLayer(.softmax).named("softmax"))
    case .sigmoid: tail.append(ActivationLayer(.sigmoid).named("sigmoid"))
    case .logSoftmax, nil: break
    }
    way.stepOverLayout()
    if let factor = way.stepOverFactor() {
      tail.insert(Rescaling(factor).named("rescaling"), at: 0)
      way.stepOverLayout()
    }
    if let weights = way.denseWeights { return ONNXHead(weights, tail: tail, after: way) }
    let isPooled = way.stepOverPool()
    let isRectified = isPooled && way.step(over: ["Relu"])
    guard let weights = way.pointwiseWeights else { return nil }
    guard isPooled else { return ONNXHead(weights, tail: tail, after: way) }
    tail.insert(GlobalAveragePool().named("pool"), at: 0)
    if isRectified { tail.insert(ActivationLayer(.relu).named("relu"), at: 0) }
    return ONNXHead(weights, isConvolution: true, tail: tail, after: way)
  }
}

extension ONNXHead {
  /// A layer's values as the file holds them.
  struct Weights {
    let name: String
    let weight: ONNXTensor
    /// Whether the weights lie as [out, in], not as [in, out].
    let isOutFirst: Bool
    let bias: ONNXTensor?
    /// The value that it reads.
    let input: String

    var units: Int { weight.shape[isOutFirst ? 0 : 1] }
  }

  /// nil where nothing lies before it that features could come from.
  fileprivate init?(
    _ weights: Weights, isConvolution: Bool = false, tail: [NamedLayer], after way: TailMatcher
  ) {
    guard way.isPrivate(weights.input), way.maker[weights.input] != nil else { return nil }
    let suffix = ".weight"
    let stem = weights.name.hasSuffix(suffix) ? weights.name.dropLast(suffix.count) : "head"
    let clean = String(stem.map { $0 == "." || $0 == "/" ? "_" : $0 })
    let taken = ["", ONNXNetwork.defaultName] + tail.map(\.name)
    let name = taken.contains(clean) ? "head" : clean
    let units = weights.units
    let features = weights.weight.shape[weights.isOutFirst ? 1 : 0]
    let hasBias = weights.bias != nil
    let layer: any Layer =
      isConvolution ? Conv2D(units, 1, bias: hasBias) : Dense(units, bias: hasBias)
    input = weights.input
    layers = [layer.named(name)] + tail
    let shape: Shape = isConvolution ? [units, features, 1, 1] : [units, features]
    var values = [
      "\(name).weight": weights.isOutFirst
        ? weights.weight.deferred(as: shape) : weights.weight.transposed.deferred
    ]
    values["\(name).bias"] = weights.bias?.deferred(as: [units])
    self.values = values
  }
}
