import Graphs
import Tensors

/// Mean and biased variance.
private func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
  let mean = values.reduce(0, +) / Double(values.count)
  let variance = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(values.count)
  return (mean, variance)
}

/// The normalized values and the gradient of normalizing, for one group that shares its moments:
/// d is the gradient that arrives at the normalized values.
private func normalizationGradient(
  _ x: [Double], _ d: [Double], mean: Double, variance: Double, epsilon: Float
) -> (normalized: [Double], dx: [Double]) {
  let deviation = (variance + Double(epsilon)).squareRoot()
  let normalized = x.map { ($0 - mean) / deviation }
  let meanOfD = d.reduce(0, +) / Double(d.count)
  let meanOfProduct = zip(d, normalized).map(*).reduce(0, +) / Double(d.count)
  let dx = zip(d, normalized).map { ($0 - meanOfD - $1 * meanOfProduct) / deviation }
  return (normalized, dx)
}

extension ReferenceTensor {
  /// The offsets of each channel's elements.
  fileprivate var channelOffsets: [[Int]] {
    var offsets = [[Int]](repeating: [], count: shape[1])
    for (offset, index) in shape.indices.enumerated() { offsets[index[1]].append(offset) }
    return offsets
  }
}

extension BatchNormalization: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let x = inputs[0]
    let ofChannels = x.channelOffsets.map { offsets in moments(offsets.map { x.values[$0] }) }
    let channels: Shape = [x.shape[1]]
    let mean = ReferenceTensor(channels, ofChannels.map(\.mean))
    let variance = ReferenceTensor(channels, ofChannels.map(\.variance))
    let inference = BatchNormalizationInference(epsilon: epsilon)
    return [inference.evaluate(inputs + [mean, variance])[0], mean, variance]
  }
}

extension BatchNormalizationInference: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    var y = inputs[0]
    for index in y.shape.indices {
      let c = index[1]
      let deviation = (inputs[4].values[c] + Double(epsilon)).squareRoot()
      y[index] =
        inputs[1].values[c] * (y[index] - inputs[3].values[c]) / deviation + inputs[2].values[c]
    }
    return [y]
  }
}

extension BatchNormalizationGradient: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let (x, scale, mean, variance, dy) = (inputs[0], inputs[1], inputs[2], inputs[3], inputs[4])
    var dx = ReferenceTensor(x.shape)
    var (dscale, dshift) = (ReferenceTensor(scale.shape), ReferenceTensor(scale.shape))
    for (c, offsets) in x.channelOffsets.enumerated() {
      let upstream = offsets.map { dy.values[$0] }
      let (normalized, gradient) = normalizationGradient(
        offsets.map { x.values[$0] }, upstream.map { $0 * scale.values[c] },
        mean: mean.values[c], variance: variance.values[c], epsilon: epsilon)
      for (offset, value) in zip(offsets, gradient) { dx.values[offset] = value }
      dscale.values[c] = zip(upstream, normalized).map(*).reduce(0, +)
      dshift.values[c] = upstream.reduce(0, +)
    }
    return [dx, dscale, dshift]
  }
}

extension LayerNormalization: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    var y = inputs[0]
    let (scale, shift) = (inputs[1], inputs[2])
    let length = scale.shape.count
    for start in stride(from: 0, to: y.values.count, by: length) {
      let (mean, variance) = moments(Array(y.values[start..<start + length]))
      for k in 0..<length {
        let normalized =
          (y.values[start + k] - mean) / (variance + Double(epsilon)).squareRoot()
        y.values[start + k] = scale.values[k] * normalized + shift.values[k]
      }
    }
    return [y]
  }
}

extension LayerNormalizationGradient: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let (x, scale, dy) = (inputs[0], inputs[1], inputs[2])
    var dx = ReferenceTensor(x.shape)
    var (dscale, dshift) = (ReferenceTensor(scale.shape), ReferenceTensor(scale.shape))
    let length = scale.shape.count
    for start in stride(from: 0, to: x.values.count, by: length) {
      let sample = Array(x.values[start..<start + length])
      let upstream = Array(dy.values[start..<start + length])
      let (mean, variance) = moments(sample)
      let (normalized, gradient) = normalizationGradient(
        sample, zip(upstream, scale.values).map(*), mean: mean, variance: variance,
        epsilon: epsilon)
      for k in 0..<length {
        dx.values[start + k] = gradient[k]
        dscale.values[k] += upstream[k] * normalized[k]
        dshift.values[k] += upstream[k]
      }
    }
    return [dx, dscale, dshift]
  }
}
