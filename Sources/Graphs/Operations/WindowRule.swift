import Tensors

/// Where a window may stand: the size rule that convolutions and pools share.
enum WindowRule {
  /// The number of places along one axis: floor((n + before + after − d·(f − 1) − 1) / s) + 1, for
  /// extent n, window f, dilation d and stride s. Nil where the window leaves the padded image.
  static func places(
    extent: Int, window: Int, stride: Int, dilation: Int, before: Int, after: Int
  ) -> Int? {
    // All arguments are at most 2³¹ − 1, so that nothing here overflows.
    let room = extent + before + after - dilation * (window - 1) - 1
    return room < 0 ? nil : room / stride + 1
  }

  /// The spatial output size of a window over an image of N × C × H × W.
  static func outputSize(
    _ operation: some Operation, image: Shape, window: Size2D, strides: Size2D,
    padding: EdgePadding,
    dilation: Size2D
  ) throws(GraphError) -> Size2D {
    try operation.require(image, rank: 4, "an image batch N×C×H×W")
    try operation.require(image.isUsable, "expected a usable image size, received \(image)")
    try operation.require(window.isUsable, "expected a window of at least 1×1, received \(window)")
    try operation.require(
      strides.isUsable, "expected strides of at least 1×1, received \(strides)")
    try operation.require(
      dilation.isUsable, "expected a dilation of at least 1×1, received \(dilation)")
    try operation.require(
      padding.isUsable, "expected a padding of 0 or more cells, received \(padding)")
    guard
      let height = places(
        extent: image[2], window: window.height, stride: strides.height,
        dilation: dilation.height, before: padding.top, after: padding.bottom),
      let width = places(
        extent: image[3], window: window.width, stride: strides.width, dilation: dilation.width,
        before: padding.left, after: padding.right)
    else {
      throw operation.failure(
        "expected an image that holds the \(window) window (dilation \(dilation), padding "
          + "\(padding)), received \(image[2])×\(image[3])")
    }
    return Size2D(height: height, width: width)
  }
}

extension WindowRule {
  /// Checks that no pool's window can lie wholly in the padding.
  static func requireSmaller(
    _ padding: EdgePadding, than window: Size2D, _ dilation: Size2D, _ operation: some Operation
  ) throws(GraphError) {
    let height = dilation.height * (window.height - 1) + 1
    let width = dilation.width * (window.width - 1) + 1
    try operation.require(
      max(padding.top, padding.bottom) < height && max(padding.left, padding.right) < width,
      "expected a padding smaller than the \(window) window, received \(padding)")
  }
}
