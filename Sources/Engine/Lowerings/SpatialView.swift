import Tensors

/// Images in memory as planes of height × width × lanes: one lane in plain order, a block of
/// channels in blocked order.
struct SpatialView {
  let layout: Layout
  /// Planes.
  let count: Int
  let height: Int
  let width: Int
  let lanes: Int

  init(_ layout: Layout, _ shape: Shape) {
    (height, width) = (shape[2], shape[3])
    if case .channelBlocked(let block) = layout {
      self.layout = layout
      count = shape[0] * ((shape[1] + block - 1) / block)
      lanes = block
    } else {
      self.layout = .plain
      count = shape[0] * shape[1]
      lanes = 1
    }
  }

  /// Floats in a plane.
  var size: Int { height * width * lanes }
}
