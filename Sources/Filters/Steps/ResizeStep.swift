import Images
import LoopInterface
import Synchronization

/// Another size: rows stream.
struct Resize: StepMaker {
  let size: Size
  let fit: Fit
  /// Nil: area where a side gets smaller, Lanczos where it gets larger.
  let resampling: Resampling?
  let background: Background

  enum Size: Equatable {
    case width(Int)
    case height(Int)
    case box(width: Int, height: Int)
    case percent(Double)
  }

  /// What becomes of an image that has not the box's shape.
  enum Fit: String, CaseIterable {
    /// The largest size that fits into the box.
    case inside
    /// The box filled, what stands out cut off evenly on both sides.
    case crop
    /// The largest size that fits, in the middle of the box.
    case pad
    /// The box, whatever becomes of the shape.
    case stretch
  }

  var options: Set<FilterOptions.Option> { [.linear] }

  func check() throws(FilterError) {
    guard fit != .inside else { return }
    guard case .box = size else {
      throw .badArgument("fit \(fit.rawValue) needs a box; give the size as WxH")
    }
  }

  func step(for layout: PixelLayout, _ options: FilterOptions, _ loops: LoopTable)
    throws(FilterError) -> any RowStep
  {
    placed(in: layout).step(loops.resample, background, options)
  }

  /// Where the resized image lies in the output.
  private func placed(in layout: PixelLayout) -> PlacedResize {
    let (w, h) = (layout.width, layout.height)
    var placed = PlacedResize(
      input: layout, resampling: resampling, width: w, height: h, canvas: (w, h))
    func keepsShape(width: Int) -> (Int, Int) { (width, side(h, times: width, over: w)) }
    func keepsShape(height: Int) -> (Int, Int) { (side(w, times: height, over: h), height) }
    switch size {
    case .width(let width): (placed.width, placed.height) = keepsShape(width: width)
    case .height(let height): (placed.width, placed.height) = keepsShape(height: height)
    case .percent(let percent):
      (placed.width, placed.height) = (side(w, percent: percent), side(h, percent: percent))
    case .box(let width, let height):
      // Whether the image is wider than the box.
      let isWide = width * h <= height * w
      let inside = isWide ? keepsShape(width: width) : keepsShape(height: height)
      switch fit {
      case .inside, .pad:
        (placed.width, placed.height) = (min(inside.0, width), min(inside.1, height))
      case .stretch: (placed.width, placed.height) = (width, height)
      case .crop:
        let around = isWide ? keepsShape(height: height) : keepsShape(width: width)
        (placed.width, placed.height) = (max(around.0, width), max(around.1, height))
      }
      if fit == .crop || fit == .pad {
        placed.canvas = (width, height)
        return placed
      }
    }
    placed.canvas = (placed.width, placed.height)
    return placed
  }
}

/// A side of a result: at least 1, halves upwards.
private func side(_ length: Int, times factor: Int, over divisor: Int) -> Int {
  let (product, overflow) = length.multipliedReportingOverflow(by: 2 * factor)
  return overflow ? Int(Int32.max) : max(1, (product + divisor) / (2 * divisor))
}

private func side(_ length: Int, percent: Double) -> Int {
  let side = (Double(length) * percent / 100 + 0.5).rounded(.down)
  return max(1, Int(min(side, Double(Int32.max))))
}

extension Resize.Size {
  /// Reads `W`, `Wx`, `xH`, `WxH` or `P%`.
  init(_ text: String) throws(FilterError) {
    let sides = 1...Operation.largestWindow
    let wrong = FilterError.badArgument(
      "size \"\(text)\": give W, Wx, xH or WxH with sides from 1 to \(sides.upperBound), or a "
        + "percentage above 0, up to 10000, as 50%")
    if text.hasSuffix("%") {
      guard let percent = Fraction(String(text.dropLast()))?.value, percent > 0, percent <= 10_000
      else { throw wrong }
      self = .percent(percent)
      return
    }
    let parts = text.split(separator: "x", omittingEmptySubsequences: false)
    let numbers = parts.map { Int($0) }
    guard parts.count <= 2, zip(parts, numbers).allSatisfy({ $0.isEmpty || $1 != nil }),
      numbers.compactMap({ $0 }).allSatisfy({ sides.contains($0) })
    else { throw wrong }
    switch (numbers[0], parts.count == 2 ? numbers[1] : nil) {
    case (let width?, let height?): self = .box(width: width, height: height)
    case (let width?, nil): self = .width(width)
    case (nil, let height?): self = .height(height)
    case (nil, nil): throw wrong
    }
  }
}

/// A thumbnail: into a square box, never enlarged. Sizes follow from the file's image, of which a JPEG
/// decoder may have given a reduced one.
struct Thumbnail: StepMaker {
  let side: Int

  var options: Set<FilterOptions.Option> { [.linear] }

  /// The size of the image in the file; nil: that of the image at hand.
  var fullSize: Size?

  struct Size: Equatable {
    let width, height: Int
  }

  /// Twice the box, so that what a decoder leaves out is not seen.
  var sufficientLongSide: Int { 2 * side }

  func step(for layout: PixelLayout, _ options: FilterOptions, _ loops: LoopTable)
    throws(FilterError) -> any RowStep
  {
    let (w, h) = (fullSize?.width ?? layout.width, fullSize?.height ?? layout.height)
    var (width, height) = (w, h)
    if max(w, h) > side {
      (width, height) =
        w >= h
        ? (side, Filters.side(h, times: side, over: w))
        : (Filters.side(w, times: side, over: h), side)
    }
    // A reduced pixel stands for a block of the full image; the last one may be cut.
    let reduction = max(1, (Double(max(w, h)) / Double(max(layout.width, layout.height))).rounded())
    let placed = PlacedResize(
      input: layout, resampling: nil, width: width, height: height, canvas: (width, height),
      extent: (Double(w) / reduction, Double(h) / reduction))
    return placed.step(loops.resample, .transparent, FilterOptions())
  }
}

extension Operation {
  /// The operation for a reduced image of one of this size.
  func adapted(toFullSize size: (width: Int, height: Int)) -> Operation {
    guard case .own(let own) = self, var thumbnail = own.body as? Thumbnail else { return self }
    thumbnail.fullSize = Thumbnail.Size(width: size.width, height: size.height)
    return .own(thumbnail)
  }
}

/// A resized image in the middle of a canvas of another size.
private struct PlacedResize {
  let input: PixelLayout
  let resampling: Resampling?
  var width: Int
  var height: Int
  var canvas: (width: Int, height: Int)
  /// What the input stands for, in its pixels.
  var extent: (width: Double, height: Double)?

  func step(_ loops: ResampleLoops, _ background: Background, _ options: FilterOptions)
    -> any RowStep
  {
    // The part of the resized image that lies on the canvas.
    let visible = (width: min(width, canvas.width), height: min(height, canvas.height))
    let (left, top) = ((width - visible.width) / 2, (height - visible.height) / 2)
    let weights = LazyWeights { [self] in
      (
        across: ResamplingWeights(
          from: input.width, extent: extent?.width, to: width, range: left..<left + visible.width,
          resampling ?? (width > input.width ? .lanczos : .area)),
        down: ResamplingWeights(
          from: input.height, extent: extent?.height, to: height, range: top..<top + visible.height,
          resampling ?? (height > input.height ? .lanczos : .area))
      )
    }
    var resized = input
    (resized.width, resized.height) = visible
    let step = ResizeStep(
      input: input, output: resized, weights: weights, loops: loops,
      weighsAlpha: resampling != .nearest)
    guard canvas != visible else { return step }
    return PadStep(
      step, left: (canvas.width - visible.width) / 2, top: (canvas.height - visible.height) / 2,
      width: canvas.width, height: canvas.height, background)
  }
}

/// The weights along a row and down a column, made when they are first asked for: once it is known that the result is
/// not too large, to which they are in proportion.
private final class LazyWeights: Sendable {
  typealias Pair = (across: ResamplingWeights, down: ResamplingWeights)

  private let make: @Sendable () -> Pair
  private let made = Mutex<Pair?>(nil)

  init(make: @escaping @Sendable () -> Pair) { self.make = make }

  var value: Pair {
    made.withLock { made in
      let pair = made ?? make()
      made = pair
      return pair
    }
  }
}

private struct ResizeStep: RowStep {
  let input: PixelLayout
  let output: PixelLayout
  let weights: LazyWeights
  let loops: ResampleLoops
  let weighsAlpha: Bool

  var needsWholeImage: Bool { false }
  func inputRows(for rows: Range<Int>) -> Range<Int> { weights.value.down.sources(of: rows) }

  func metadata(_ metadata: Metadata) -> Metadata {
    var metadata = metadata
    // It no longer holds.
    metadata.resolution = nil
    return metadata
  }

  func makeWorker() -> any RowWorker { Worker(self) }

  private final class Worker: RowWorker {
    let step: ResizeStep
    let resizer: RowResizer

    init(_ step: ResizeStep) {
      self.step = step
      resizer = RowResizer(
        from: step.input, to: step.output, across: step.weights.value.across,
        down: step.weights.value.down, step.loops, weighsAlpha: step.weighsAlpha)
    }

    func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
      for row in rows {
        resizer.compute(
          row, into: output + (row - rows.lowerBound) * step.output.bytesPerRow
        ) { input[$0] }
      }
    }
  }
}
