import Graphs
import Tensors

/// The checks that layers with a sliding window share.
extension BuildContext {
  /// Refuses what is no image.
  func requireImage(_ input: Node) throws(NetworkError) {
    guard input.shape.rank == 4 else {
      throw mismatch(
        expected: "an image H×W×C", received: input,
        fix: input.shape.rank == 2 ? "add Reshape([height, width, channels])" : nil)
    }
  }

  /// Refuses groups that do not divide the channels on both sides.
  func requireGroups(
    _ groups: Int, input: Node, outputChannels: Int
  ) throws(NetworkError) {
    try require(groups, "groups", in: Limit.count)
    guard input.shape[1] % groups == 0, outputChannels % groups == 0 else {
      throw failure(
        "groups \(groups) must divide the \(input.shape[1]) channels received and the "
          + "\(outputChannels) channels made")
    }
  }

  /// The padding in cells around an image of a size.
  func resolve(
    _ padding: PaddingMode, kernel: Size2D, dilation: Size2D, strides: Size2D, image: Size2D
  ) throws(NetworkError) -> EdgePadding {
    try require(kernel, "kernel")
    try require(dilation, "dilation")
    let sides = padding.resolved(
      kernel: kernel, dilation: dilation, strides: strides, image: image)
    if padding != .same, padding != .sameTensorFlow {
      for side in [sides.top, sides.left, sides.bottom, sides.right] {
        try require(side, "padding", in: Limit.padding)
      }
    }
    return sides
  }

  /// Refuses a window that is larger than the padded image.
  func requireFit(
    of window: Size2D, dilation: Size2D, padding: EdgePadding, over input: Node, called name: String
  ) throws(NetworkError) {
    let height = input.shape[2] + padding.top + padding.bottom
    let width = input.shape[3] + padding.left + padding.right
    guard
      dilation.height * (window.height - 1) < height, dilation.width * (window.width - 1) < width
    else {
      throw failure(
        "\(name) \(window) does not fit into \(input.shape.channelsLast); use padding: .same, "
          + "a smaller \(name), or a larger input")
    }
  }

  /// Checks a pooling window and gives its strides and padding.
  func resolvePooling(
    of input: Node, window: Size2D, strides: Size2D?, padding: PaddingMode
  ) throws(NetworkError) -> (strides: Size2D, padding: EdgePadding) {
    try requireImage(input)
    try require(window, "window")
    let strides = strides ?? window
    try require(strides, "strides")
    let sides = try resolve(
      padding, kernel: window, dilation: 1, strides: strides, image: input.imageSize)
    guard
      max(sides.top, sides.bottom) < window.height, max(sides.left, sides.right) < window.width
    else { throw failure("padding \(padding): expected less than the window \(window)") }
    try requireFit(of: window, dilation: 1, padding: sides, over: input, called: "window")
    return (strides, sides)
  }

  /// Reduces each channel of an image or a series to one number.
  func reduceChannels(
    of input: Node, _ kind: Reduce.Kind
  ) throws(NetworkError) -> Node {
    guard input.shape.rank > 2 else {
      throw mismatch(expected: "an image H×W×C or a series L×C", received: input)
    }
    return try apply(
      Reduce(kind, axes: Array(2..<input.shape.rank), keepsAxes: false), input)
  }
}

/// a · b, or the largest number where that is none.
func saturatingProduct(_ a: Int, _ b: Int) -> Int {
  let (product, overflow) = a.multipliedReportingOverflow(by: b)
  return overflow ? Int.max : product
}

/// a + b of numbers that are not negative, or the largest number where that is none.
func saturatingSum(_ a: Int, _ b: Int) -> Int {
  let (sum, overflow) = a.addingReportingOverflow(b)
  return overflow ? Int.max : sum
}

extension Node {
  /// Height and width of N × C × H × W.
  var imageSize: Size2D { Size2D(height: shape[2], width: shape[3]) }
}

extension Size2D {
  /// "3" of a square, "1×3" of others, as layers are declared.
  var brief: String { height == width ? "\(height)" : description }
}
