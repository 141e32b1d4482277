import Graphs
import Tensors

extension MatrixMultiply: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let left = transposesLeft ? transposed(inputs[0]) : inputs[0]
    let right = transposesRight ? transposed(inputs[1]) : inputs[1]
    let rank = max(left.shape.rank, right.shape.rank)
    let (m, k) = (left.shape[left.shape.rank - 2], left.shape[left.shape.rank - 1])
    let n = right.shape[right.shape.rank - 1]
    guard
      let batch = Shape(left.shape.dimensions.dropLast(2))
        .broadcast(with: Shape(right.shape.dimensions.dropLast(2)))
    else { preconditionFailure("batches do not broadcast") }
    let a = left.broadcast(to: Shape(batch.dimensions + [m, k]))
    let b = right.broadcast(to: Shape(batch.dimensions + [k, n]))
    var c = ReferenceTensor(Shape(batch.dimensions + [m, n]))
    precondition(c.shape.rank == rank)
    for matrix in 0..<batch.count {
      for row in 0..<m {
        for column in 0..<n {
          for inner in 0..<k {
            c.values[(matrix * m + row) * n + column] +=
              a.values[(matrix * m + row) * k + inner]
              * b.values[(matrix * k + inner) * n + column]
          }
        }
      }
    }
    return [c]
  }

  private func transposed(_ x: ReferenceTensor) -> ReferenceTensor {
    let rank = x.shape.rank
    return Transpose(Array(0..<rank - 2) + [rank - 1, rank - 2]).evaluate([x])[0]
  }
}
