import Images
import LoopInterface

/// White where a sample exceeds a threshold, black elsewhere. Colors are made gray first; alpha stays.
struct Threshold: StepMaker {
  enum Level: Sendable, Equatable {
    /// In sample units.
    case fixed(Double)
    case otsu
    case triangle
  }

  let level: Level

  func step(for layout: PixelLayout, _ options: FilterOptions, _ loops: LoopTable)
    throws(FilterError) -> any RowStep
  {
    let threshold = ThresholdStep(layout.inGray, level, loops.point)
    return layout.colorChannels == 1 ? threshold : ComposedStep(GrayStep(layout, loops), threshold)
  }
}

private struct ThresholdStep: RowStep {
  let input: PixelLayout
  let level: Threshold.Level
  private let loops: PointLoops

  init(_ input: PixelLayout, _ level: Threshold.Level, _ loops: PointLoops) {
    self.input = input
    self.level = level
    self.loops = loops
  }

  var output: PixelLayout { input }
  var needsWholeImage: Bool {
    if case .fixed = level { false } else { true }
  }
  func inputRows(for rows: Range<Int>) -> Range<Int> { needsWholeImage ? 0..<input.height : rows }

  func adapted(to image: InputRows, in selection: Selection, threads: Int) -> any RowStep {
    if case .fixed = level { return self }
    let histogram = Histogram(image, input, in: selection, threads: threads)
    let threshold = Double(level == .otsu ? histogram.otsu : histogram.triangle)
    return FixedStep(
      input: input, limit: input.sample == .float32 ? threshold / 65_535 : threshold,
      loops: loops, needsWholeImage: true)
  }

  func makeWorker() -> any RowWorker {
    guard case .fixed(let threshold) = level else {
      preconditionFailure("a step that needs the whole image is adapted to it first")
    }
    return FixedStep(input: input, limit: threshold, loops: loops, needsWholeImage: false)
      .makeWorker()
  }
}

/// A threshold that is known.
private struct FixedStep: RowStep {
  let input: PixelLayout
  let limit: Double
  let loops: PointLoops
  let needsWholeImage: Bool
  var threshold: Double? { needsWholeImage ? limit : nil }
  var output: PixelLayout { input }

  func inputRows(for rows: Range<Int>) -> Range<Int> { needsWholeImage ? 0..<input.height : rows }
  func makeWorker() -> any RowWorker { Worker(step: self) }

  private final class Worker: RowWorker {
    let step: FixedStep
    init(step: FixedStep) { self.step = step }

    func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
      let layout = step.output
      // A whole sample exceeds a number where it exceeds its floor.
      let floor = step.limit.rounded(.down)
      for row in rows {
        let place = output + (row - rows.lowerBound) * layout.bytesPerRow
        switch layout.sample {
        case .uint8:
          let threshold = Int16(min(max(floor, -1), 255))
          if layout.channels == 1 {
            step.loops.exceedsUInt8(
              input.samples(row, as: UInt8.self), threshold, layout.width,
              place.assumingMemoryBound(to: UInt8.self))
            continue
          }
          mapColors(input[row], place, layout, as: UInt8.self) {
            Int16(truncatingIfNeeded: $0) > threshold ? 255 : 0
          }
        case .uint16:
          let threshold = Int32(min(max(floor, -1), 65_535))
          mapColors(input[row], place, layout, as: UInt16.self) {
            Int32(truncatingIfNeeded: $0) > threshold ? 65_535 : 0
          }
        case .float32:
          let threshold = Float(step.limit)
          mapColors(input[row], place, layout, as: Float.self) { $0 > threshold ? 1 : 0 }
        }
      }
    }
  }
}

/// White where a sample exceeds the mean around it less a constant. Colors are made gray first; alpha
/// stays.
struct AdaptiveThreshold: StepMaker {
  enum Weights: String, CaseIterable { case mean, gaussian }

  let size: Int
  /// Taken from the mean, in sample units.
  let constant: Double
  let weights: Weights

  var options: Set<FilterOptions.Option> { [.border] }

  func step(for layout: PixelLayout, _ options: FilterOptions, _ loops: LoopTable)
    throws(FilterError) -> any RowStep
  {
    let gray = layout.inGray
    let mean = try mean(gray, border: options.border ?? .replicate, loops)
    let step = BranchStep([mean], output: gray, combine: comparison(gray, loops.pair))
    return layout.colorChannels == 1 ? step : ComposedStep(GrayStep(layout, loops), step)
  }

  private func mean(_ layout: PixelLayout, border: Border, _ loops: LoopTable)
    throws(FilterError) -> any RowStep
  {
    guard weights == .gaussian else {
      return try Operation.box(size: size).step(
        "adaptive-threshold", FilterOptions(border: border), for: layout, loops)
    }
    let geometry = try WindowGeometry(
      layout, width: size, height: size, strideX: 1, strideY: 1, padding: .same, border: border)
    let weights = GaussianWeights(size: size)
    let general = ResultStep(FilterOptions(), geometry, loops) {
      GaussianResults(weights, geometry, loops)
    }
    let step: any RowStep =
      layout.sample == .uint8 ? GaussianStep(weights, geometry, loops) : general
    guard layout.hasAlpha else { return step }
    let rule = AlphaRule.mean(weights: 1) { GaussianResults(weights, $0, loops) }
    return AlphaStep(step, rule, geometry, loops, general.finish, normalizes: false)
  }

  private func comparison(_ layout: PixelLayout, _ loops: PairLoops) -> BranchStep.Combine {
    // Whole differences exceed −C where they exceed −⌈C⌉.
    let limit = -constant.rounded(.up)
    let (constant, count) = (constant, layout.samplesPerRow)
    return { input, mean, output in
      switch layout.sample {
      case .uint8:
        loops.exceedsUInt8(
          input.assumingMemoryBound(to: UInt8.self), mean[0].assumingMemoryBound(to: UInt8.self),
          Int16(min(max(limit, -256), 256)), count, output.assumingMemoryBound(to: UInt8.self))
      case .uint16:
        let limit = Int32(min(max(limit, -65_536), 65_536))
        combine(input, mean[0], output, count, as: UInt16.self) {
          Int32($0) - Int32($1) > limit ? 65_535 : 0
        }
      case .float32:
        let limit = Float(-constant)
        combine(input, mean[0], output, count, as: Float.self) { $0 - $1 > limit ? 1 : 0 }
      }
      if layout.hasAlpha { copyLastChannel(layout, from: input, into: output) { $0 } }
    }
  }
}
