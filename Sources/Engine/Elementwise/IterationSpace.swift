import Tensors

/// The order in which the elements of a shape lie in memory, as extents from the slowest to the
/// fastest; smaller shapes are repeated over it by strides of 0.
struct IterationSpace: Equatable {
  /// Extents in memory order. In blocked order: N, C/b, H, W, b. Channels last: N, H, W, C.
  let extents: [Int]
  private let layout: Layout
  private let shape: Shape

  init(_ shape: Shape, _ layout: Layout) {
    self.shape = shape
    self.layout = layout
    switch layout {
    case .plain: extents = shape.dimensions
    case .channelBlocked(let block): extents = Self.blocked(shape, block)
    case .channelsLast: extents = [shape[0], shape[2], shape[3], shape[1]]
    // Whole buffers only; how the elements lie does not matter.
    case .foreign: extents = [shape.count]
    }
  }

  private static func blocked(_ shape: Shape, _ block: Int) -> [Int] {
    [shape[0], (shape[1] + block - 1) / block, shape[2], shape[3], block]
  }

  var count: Int { extents.reduce(1, *) }

  /// The distances in memory of neighbors along each extent, for a shape that is 1 where it is
  /// repeated and lies in the order of this space itself.
  func strides(of view: Shape) -> [Int] {
    let own: [Int]
    switch layout {
    case .plain: own = view.dimensions
    case .channelBlocked(let block):
      own =
        view[1] == 1 && shape[1] != 1
        ? [view[0], 1, view[2], view[3], 1] : Self.blocked(view, block)
    case .channelsLast: own = [view[0], view[2], view[3], view[1]]
    case .foreign: own = [view.count]
    }
    var strides = [Int](repeating: 0, count: own.count)
    var distance = 1
    for axis in own.indices.reversed() where own[axis] > 1 {
      strides[axis] = distance
      distance *= own[axis]
    }
    return strides
  }

  /// The lanes of the last block of channels that hold padding, and how many elements one image's
  /// blocks hold; nil where there is no padding.
  var padding: (block: Int, used: Int, blockRun: Int, blocks: Int)? {
    guard case .channelBlocked(let block) = layout, shape[1] % block != 0 else { return nil }
    return (block, shape[1] % block, shape[2] * shape[3] * block, extents[1])
  }
}
