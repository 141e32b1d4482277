import Graphs
import Tensors

extension Convolution {
  /// Calls `body` for every multiplication of the convolution with the positions that meet in it.
  fileprivate func forEachProduct(
    input: Shape, weight: Shape, output: Shape,
    _ body: (
      _ x: (Int, Int, Int, Int), _ w: (Int, Int, Int, Int), _ y: (Int, Int, Int, Int)
    ) -> Void
  ) {
    let outputsPerGroup = weight[0] / groups
    for n in 0..<output[0] {
      for o in 0..<output[1] {
        for i in 0..<output[2] {
          for j in 0..<output[3] {
            for c in 0..<weight[1] {
              for u in 0..<weight[2] {
                for v in 0..<weight[3] {
                  let channel = o / outputsPerGroup * weight[1] + c
                  let row = i * strides.height + u * dilation.height - padding.top
                  let column = j * strides.width + v * dilation.width - padding.left
                  guard 0 <= row, row < input[2], 0 <= column, column < input[3] else { continue }
                  body((n, channel, row, column), (o, c, u, v), (n, o, i, j))
                }
              }
            }
          }
        }
      }
    }
  }
}

extension Convolution: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let (x, w) = (inputs[0], inputs[1])
    func places(_ n: Int, _ f: Int, _ s: Int, _ d: Int, _ padding: Int) -> Int {
      // Counted one by one rather than by the formula.
      var count = 0
      while count * s + d * (f - 1) + 1 <= n + padding { count += 1 }
      return count
    }
    var y = ReferenceTensor([
      x.shape[0], w.shape[0],
      places(
        x.shape[2], w.shape[2], strides.height, dilation.height, padding.top + padding.bottom),
      places(x.shape[3], w.shape[3], strides.width, dilation.width, padding.left + padding.right),
    ])
    let shape = y.shape
    forEachProduct(input: x.shape, weight: w.shape, output: shape) { a, b, c in
      y[c.0, c.1, c.2, c.3] += x[a.0, a.1, a.2, a.3] * w[b.0, b.1, b.2, b.3]
    }
    return [y]
  }
}

extension ConvolutionInputGradient: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let (dy, w) = (inputs[0], inputs[1])
    var dx = ReferenceTensor(inputShape)
    convolution.forEachProduct(input: inputShape, weight: w.shape, output: dy.shape) { a, b, c in
      dx[a.0, a.1, a.2, a.3] += dy[c.0, c.1, c.2, c.3] * w[b.0, b.1, b.2, b.3]
    }
    return [dx]
  }
}

extension ConvolutionWeightGradient: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let (x, dy) = (inputs[0], inputs[1])
    var dw = ReferenceTensor(weightShape)
    convolution.forEachProduct(input: x.shape, weight: weightShape, output: dy.shape) { a, b, c in
      dw[b.0, b.1, b.2, b.3] += x[a.0, a.1, a.2, a.3] * dy[c.0, c.1, c.2, c.3]
    }
    return [dw]
  }
}
