import Graphs
import Tensors

extension RandomUniform: RandomReferenceOperation {
  func draw(_ random: inout RandomSource) -> ReferenceTensor {
    ReferenceTensor(Tensor(shape) { random.fillUniform($0) })
  }
}

extension RandomNormal: RandomReferenceOperation {
  func draw(_ random: inout RandomSource) -> ReferenceTensor {
    ReferenceTensor(Tensor(shape) { random.fillNormal($0) })
  }
}

extension DropoutMask: RandomReferenceOperation {
  func draw(_ random: inout RandomSource) -> ReferenceTensor {
    let keep = Double(keepProbability)
    return RandomUniform(shape: shape).draw(&random).map { $0 < keep ? 1 / keep : 0 }
  }
}
