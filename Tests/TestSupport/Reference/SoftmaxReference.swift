import Graphs
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension LogSoftmax: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let x = inputs[0]
    var y = x
    for index in x.shape.indices {
      let row = (0..<x.shape[axis]).map { k in
        var other = index
        other[axis] = k
        return x[other]
      }
      let largest = row.max() ?? 0
      y[index] = x[index] - largest - log(row.map { exp($0 - largest) }.reduce(0, +))
    }
    return [y]
  }
}

extension Softmax: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    [LogSoftmax(axis: axis).evaluate(inputs)[0].map(exp)]
  }
}

extension SoftmaxCrossEntropy: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let logarithms = LogSoftmax(axis: 1).evaluate([inputs[0]])[0]
    let shape = inputs[0].shape
    var loss = ReferenceTensor(Shape([shape[0]] + shape.dimensions.dropFirst(2)))
    for index in logarithms.shape.indices {
      var sample = index
      sample.remove(at: 1)
      loss[sample] -= inputs[1][index] * logarithms[index]
    }
    return [loss]
  }
}

extension SoftmaxCrossEntropyGradient: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let (targets, upstream) = (inputs[1], inputs[2])
    var gradient = Softmax(axis: 1).evaluate([inputs[0]])[0]
    for index in gradient.shape.indices {
      let sum = (0..<targets.shape[1]).map { k in
        var other = index
        other[1] = k
        return targets[other]
      }.reduce(0, +)
      var sample = index
      sample.remove(at: 1)
      gradient[index] = (gradient[index] * sum - targets[index]) * upstream[sample]
    }
    return [gradient]
  }
}
