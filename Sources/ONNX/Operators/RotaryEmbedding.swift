import Graphs
import Tensors

/// Rotates pairs of features by angles that go with their positions (J. Su et al., 2021).
enum RotaryEmbeddingOperator {
  static let table: [String: Operator] = ["RotaryEmbedding": Operator(rotate)]

  /// Inputs: x [N, heads, length, features] or [N, length, heads · features]; cosines and sines
  /// [positions, pairs], picked by position ids [N, length], or [N, length, pairs].
  private static func rotate(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    let isInterleaved = node.flag("interleaved")
    let heads = node.integer("num_heads", default: 0)
    var images = x
    if x.rank == 3 {
      try context.require(
        heads > 0 && x.shape[2] % heads == 0, "num_heads \(heads) for \(x.shape)")
      let split = try context.reshape(
        x, to: [x.shape[0], x.shape[1], heads, x.shape[2] / heads])
      images = try context.transpose(split, [0, 2, 1, 3])
    }
    try context.require(images.rank == 4, "expected 3 or 4 axes, received \(x.shape)")
    let features = images.shape[3]
    let told = node.integer("rotary_embedding_dim", default: 0)
    let rotated = told == 0 ? features : told
    try context.require(
      rotated > 0 && rotated <= features && rotated % 2 == 0, "\(rotated) features to rotate")

    func angles(_ index: Int) throws(ONNXError) -> Value {
      var table = try node.input(index)
      if let positions = node.optional(3) {
        table = try context.gather(table, positions, axis: 0)
      }
      try context.require(
        table.rank == 3 && table.shape[2] == rotated / 2, "angles of \(table.shape)")
      return try context.reshape(
        table, to: [table.shape[0], 1, table.shape[1], rotated / 2])
    }
    let (cosines, sines) = (try angles(1), try angles(2))
    let step = isInterleaved ? 2 : 1
    func part(_ start: Int, _ count: Int, _ step: Int) throws(ONNXError) -> Value {
      try context.slice(
        images, starts: [0, 0, 0, start],
        counts: images.shape.replacing(axis: 3, with: count).dimensions, steps: [1, 1, 1, step])
    }
    let first = try part(0, rotated / 2, step)
    let second = try part(isInterleaved ? 1 : rotated / 2, rotated / 2, step)
    let real = try context.combine(
      .subtract, context.combine(.multiply, cosines, first),
      context.combine(.multiply, sines, second))
    let imaginary = try context.combine(
      .add, context.combine(.multiply, sines, first),
      context.combine(.multiply, cosines, second))
    var result: Value
    if isInterleaved {
      let pairs = Shape(real.shape.dimensions + [1])
      result = try context.concatenate(
        [context.reshape(real, to: pairs), context.reshape(imaginary, to: pairs)], axis: 4)
      result = try context.reshape(result, to: images.shape.replacing(axis: 3, with: rotated))
    } else {
      result = try context.concatenate([real, imaginary], axis: 3)
    }
    if rotated < features {
      result = try context.concatenate(
        [result, part(rotated, features - rotated, 1)], axis: 3)
    }
    guard x.rank == 3 else { return [result] }
    return [try context.reshape(context.transpose(result, [0, 2, 1, 3]), to: x.shape)]
  }
}
