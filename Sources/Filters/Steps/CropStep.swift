import Images
import LoopInterface

/// A part of the image.
struct Crop: StepMaker {
  let region: Region

  func step(for layout: PixelLayout, _ options: FilterOptions, _ loops: LoopTable)
    throws(FilterError) -> any RowStep
  {
    try region.check(inside: layout)
    return CropStep(input: layout, region: region)
  }
}

struct CropStep: RowStep {
  let input: PixelLayout
  let region: Region
  var warning: String?

  var output: PixelLayout {
    var output = input
    (output.width, output.height) = (region.width, region.height)
    return output
  }
  var needsWholeImage: Bool { false }
  func inputRows(for rows: Range<Int>) -> Range<Int> {
    rows.lowerBound + region.y..<rows.upperBound + region.y
  }

  func makeWorker() -> any RowWorker { Worker(step: self) }

  private final class Worker: RowWorker {
    let step: CropStep
    init(step: CropStep) { self.step = step }

    func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
      let rowBytes = step.output.bytesPerRow
      let left = step.region.x * step.input.channels * step.input.sample.byteCount
      for row in rows {
        (output + (row - rows.lowerBound) * rowBytes).copyMemory(
          from: input[row + step.region.y] + left, byteCount: rowBytes)
      }
    }
  }
}

/// The part without an even margin.
struct Trim: ContentStepMaker {
  /// How far a sample may lie from the top-left pixel's and still belong to the margin, in units of
  /// samples.
  let tolerance: Double

  func step(for layout: PixelLayout, showing image: InputRows) throws(FilterError) -> any RowStep {
    let part =
      switch layout.sample {
      case .uint8: region(of: layout, image, as: UInt8.self) { Double($0) }
      case .uint16: region(of: layout, image, as: UInt16.self) { Double($0) }
      case .float32: region(of: layout, image, as: Float.self) { Double($0) }
      }
    let whole = Region(x: 0, y: 0, width: layout.width, height: layout.height)
    return CropStep(
      input: layout, region: part ?? whole,
      warning: part == nil ? "it is all of one color, so nothing is trimmed" : nil)
  }

  /// The smallest part with all that is not margin; nil where all is.
  private func region<Sample>(
    of layout: PixelLayout, _ image: InputRows, as type: Sample.Type, _ number: (Sample) -> Double
  ) -> Region? {
    let (channels, alpha) = (layout.channels, layout.channels - 1)
    let first = image.samples(0, as: type)
    func isMargin(_ pixel: UnsafePointer<Sample>) -> Bool {
      // What is invisible has no color.
      if layout.hasAlpha, number(pixel[alpha]) == 0, number(first[alpha]) == 0 { return true }
      return (0..<channels).allSatisfy {
        (number(pixel[$0]) - number(first[$0])).magnitude <= tolerance
      }
    }
    var (left, right) = (layout.width, -1)
    var (top, bottom) = (layout.height, -1)
    for y in 0..<layout.height {
      let row = image.samples(y, as: type)
      guard let start = (0..<layout.width).first(where: { !isMargin(row + $0 * channels) }),
        let end = (0..<layout.width).last(where: { !isMargin(row + $0 * channels) })
      else { continue }
      (left, right) = (min(left, start), max(right, end))
      (top, bottom) = (min(top, y), y)
    }
    if right < 0 { return nil }
    return Region(x: left, y: top, width: right - left + 1, height: bottom - top + 1)
  }
}
