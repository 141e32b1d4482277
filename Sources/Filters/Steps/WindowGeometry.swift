import Images

/// Where the windows of a step lie.
struct WindowGeometry: Sendable {
  let input: PixelLayout
  let output: PixelLayout
  let border: Border
  let columns: Axis
  let rows: Axis

  /// One direction.
  struct Axis: Sendable {
    /// The window's length.
    let window: Int
    let stride: Int
    /// Pixels that the image is extended by.
    let before: Int
    let after: Int

    /// Same padding puts the pixel of an output at index `window / 2` of its window, which for an odd
    /// window is its center.
    init(window: Int, stride: Int, padding: ConvolutionMode) {
      self.window = window
      self.stride = stride
      before = padding == .same ? window / 2 : 0
      after = padding == .same ? (window - 1) / 2 : 0
    }

    /// `floor((n + 2p − f) / s) + 1`; at most 0 where no window fits.
    func outputs(of count: Int) -> Int {
      let room = count + before + after - window
      return room < 0 ? 0 : room / stride + 1
    }

    /// The indices under the windows of these outputs; outside the image where it is extended.
    func indices(under outputs: Range<Int>) -> Range<Int> {
      outputs.lowerBound * stride - before..<(outputs.upperBound - 1) * stride - before + window
    }

    /// The pixel in the middle of an output's window.
    func center(of output: Int) -> Int { output * stride - before + window / 2 }
  }

  /// - Throws: when no window fits into the image.
  init(
    _ input: PixelLayout, width: Int, height: Int, strideX: Int, strideY: Int,
    padding: ConvolutionMode, border: Border
  ) throws(FilterError) {
    self.input = input
    self.border = border
    columns = Axis(window: width, stride: strideX, padding: padding)
    rows = Axis(window: height, stride: strideY, padding: padding)
    var output = input
    output.width = columns.outputs(of: input.width)
    output.height = rows.outputs(of: input.height)
    guard output.width > 0, output.height > 0 else {
      throw .windowExceedsImage(
        window: "\(width) × \(height)", image: "\(input.width) × \(input.height)")
    }
    self.output = output
  }

  /// The same windows over an image that is extended already.
  func valid(for layout: PixelLayout) -> WindowGeometry {
    WindowGeometry(
      layout, border: .replicate,
      Axis(window: columns.window, stride: columns.stride, padding: .valid),
      Axis(window: rows.window, stride: rows.stride, padding: .valid))
  }

  /// The same windows over an image of other samples.
  func same(for layout: PixelLayout) -> WindowGeometry {
    WindowGeometry(layout, border: border, columns, rows)
  }

  private init(_ input: PixelLayout, border: Border, _ columns: Axis, _ rows: Axis) {
    self.input = input
    self.border = border
    self.columns = columns
    self.rows = rows
    var output = input
    output.width = columns.outputs(of: input.width)
    output.height = rows.outputs(of: input.height)
    self.output = output
  }

  /// The input rows that lie, or stand for rows that lie, under the windows of these output rows.
  func inputRows(for outputs: Range<Int>) -> Range<Int> {
    border.sources(of: rows.indices(under: outputs), count: input.height)
  }

  /// Whether the rows under the windows do not simply move downwards.
  var needsWholeImage: Bool {
    let leavesImage = rows.before > 0 || rows.after > 0
    return leavesImage && (border == .wrap || rows.window > input.height)
  }
}
