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

extension RandomMask: RandomReferenceOperation {
  func draw(_ random: inout RandomSource) -> ReferenceTensor {
    RandomUniform(shape: shape).draw(&random).map { $0 < Double(keep) ? 1 / Double(keep) : 0 }
  }
}
