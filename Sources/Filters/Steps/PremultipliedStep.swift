import Images
import LoopInterface

/// What a filter whose windows mix neighbors wants of an image with alpha.
struct Premultiplying: Sendable {
  /// The samples that colors times alpha are filtered as: whole numbers where only their order counts,
  /// floats where they are calculated with.
  let sample: SampleType
  /// How many columns on either side a result may depend on.
  let reach: Int
}

/// A filter of the second shelf over an image with alpha: colors are multiplied by alpha, colors and alpha
/// filtered, and the colors divided by the filtered alpha, so that what is invisible adds no color.
///
/// Where all pixels that a result may depend on are opaque, that comes to the filter without alpha,
/// which is taken there.
struct PremultipliedStep: RowStep {
  /// Over all channels, with alpha carried along.
  let straight: any RowStep
  /// Over the premultiplied colors and over alpha, each an image without alpha.
  let colors, alpha: any RowStep
  let reach: Int
  /// Whether rows continue at their other end.
  let wraps: Bool

  var input: PixelLayout { straight.input }
  var output: PixelLayout { straight.output }
  var needsWholeImage: Bool { straight.needsWholeImage }
  func inputRows(for rows: Range<Int>) -> Range<Int> { straight.inputRows(for: rows) }
  func makeWorker() -> any RowWorker { PremultipliedWorker(self) }

  /// What an opaque pixel's samples are multiplied by: colors times alpha of 8 bits fit 16 bits.
  fileprivate var unit: Double {
    input.sample == .uint8 && colors.input.sample == .uint16 ? input.sample.white : 1
  }
}

extension PremultipliedStep {
  /// - Parameter make: the filter's step for a layout.
  init(
    _ straight: any RowStep, _ wanted: Premultiplying, _ options: FilterOptions,
    _ make: (PixelLayout, FilterOptions) throws(FilterError) -> any RowStep
  ) throws(FilterError) {
    let layout = straight.input
    var colors = layout
    colors.channels = layout.colorChannels
    // 16 bits hold what 16 bits are multiplied by only after rounding, floats only as floats.
    colors.sample = layout.sample == .float32 ? .float32 : wanted.sample
    var alpha = colors
    alpha.channels = 1
    let unit = layout.sample == .uint8 && colors.sample == .uint16 ? layout.sample.white : 1
    // A constant border is opaque.
    var (ofColors, ofAlpha) = (options, options)
    if case .constant(let value) = options.border {
      let inside = layout.sample.maximum.map { min(max(value.rounded(.toNearestOrEven), 0), $0) }
      ofColors.border = .constant((inside ?? value) * unit)
      ofAlpha.border = .constant(layout.sample.white * unit)
    }
    self.init(
      straight: straight, colors: try make(colors, ofColors), alpha: try make(alpha, ofAlpha),
      reach: wanted.reach, wraps: options.border == .wrap)
  }
}

private final class PremultipliedWorker: RowWorker {
  private let step: PremultipliedStep
  private let straight, colors, alpha: any RowWorker
  private let opaque: OpaqueTiles
  /// The premultiplied rows under a strip, and what comes of them.
  private var colorRows, alphaRows: Scratch<UInt8>
  private let colorResults, alphaResults: Scratch<UInt8>

  private static let stripHeight = 32

  init(_ step: PremultipliedStep) {
    self.step = step
    straight = step.straight.makeWorker()
    colors = step.colors.makeWorker()
    alpha = step.alpha.makeWorker()
    opaque = OpaqueTiles(step.input)
    (colorRows, alphaRows) = (Scratch(uninitialized: 0), Scratch(uninitialized: 0))
    colorResults = Scratch(uninitialized: Self.stripHeight * step.colors.output.bytesPerRow)
    alphaResults = Scratch(uninitialized: Self.stripHeight * step.alpha.output.bytesPerRow)
  }

  func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
    var row = rows.lowerBound
    while row < rows.upperBound {
      let strip = row..<min(rows.upperBound, row + Self.stripHeight)
      let place = output + (row - rows.lowerBound) * step.output.bytesPerRow
      straight.compute(strip, from: input, into: place)
      weigh(strip, from: input, into: place)
      row = strip.upperBound
    }
  }

  /// Replaces the results that depend on pixels that are not opaque.
  private func weigh(
    _ strip: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer
  ) {
    let tiles = strip.map { tilesToWeigh(of: $0, in: input) }
    guard tiles.contains(where: { !$0.isEmpty }) else { return }
    let needed = step.inputRows(for: strip)
    let colorPitch = step.colors.input.bytesPerRow
    let alphaPitch = step.alpha.input.bytesPerRow
    if colorRows.count < needed.count * colorPitch {
      colorRows = Scratch(uninitialized: needed.count * colorPitch)
      alphaRows = Scratch(uninitialized: needed.count * alphaPitch)
    }
    for (index, row) in needed.enumerated() {
      premultiply(
        input[row], into: colorRows.start + index * colorPitch, alphaRows.start + index * alphaPitch
      )
    }
    let first = needed.lowerBound
    colors.compute(
      strip,
      from: InputRows(
        base: UnsafeRawPointer(colorRows.start), first: first, bytesPerRow: colorPitch),
      into: colorResults.start)
    alpha.compute(
      strip,
      from: InputRows(
        base: UnsafeRawPointer(alphaRows.start), first: first, bytesPerRow: alphaPitch),
      into: alphaResults.start)
    for (index, tiles) in tiles.enumerated() {
      for columns in tiles {
        divide(
          colorResults.start + index * step.colors.output.bytesPerRow,
          alphaResults.start + index * step.alpha.output.bytesPerRow, columns,
          into: output + index * step.output.bytesPerRow)
      }
    }
  }

  /// The tiles of a row with results that depend on pixels that are not opaque. That is looked at for
  /// each row on its own, so that it does not matter which rows are computed together.
  private func tilesToWeigh(of row: Int, in input: InputRows) -> [Range<Int>] {
    let width = step.output.width
    opaque.look(at: step.inputRows(for: row..<row + 1), of: input)
    return stride(from: 0, to: width, by: OpaqueTiles.width).compactMap { left in
      let columns = left..<min(width, left + OpaqueTiles.width)
      let under =
        step.wraps
        ? 0..<width
        : max(0, columns.lowerBound - step.reach)..<min(width, columns.upperBound + step.reach)
      return opaque.isOpaque(under) ? nil : columns
    }
  }

  // All rows have the length of their layout, which the columns lie within.

  private func premultiply(
    _ row: UnsafeRawPointer, into colors: UnsafeMutableRawPointer,
    _ alphas: UnsafeMutableRawPointer
  ) {
    /// Alpha is what white becomes.
    func multiply<Sample: BitwiseCopyable, Number: BitwiseCopyable>(
      _ white: Sample, _ type: Number.Type, _ product: (Sample, Sample) -> Number
    ) {
      let pixels = row.assumingMemoryBound(to: Sample.self)
      let (colors, alphas) = (
        colors.assumingMemoryBound(to: type), alphas.assumingMemoryBound(to: type)
      )
      let (channels, last) = (step.input.channels, step.input.colorChannels)
      for x in 0..<step.input.width {
        let alpha = pixels[x &* channels &+ last]
        for c in 0..<last {
          colors[x &* last &+ c] = product(pixels[x &* channels &+ c], alpha)
        }
        alphas[x] = product(white, alpha)
      }
    }
    switch (step.input.sample, step.colors.input.sample) {
    // Exact: 255 · 255 fits.
    case (.uint8, .uint16): multiply(UInt8.max, UInt16.self) { UInt16($0) &* UInt16($1) }
    case (.uint8, _): multiply(UInt8.max, Float.self) { Float($0) * Float($1) / 255 }
    case (.uint16, .uint16):
      multiply(UInt16.max, UInt16.self) { UInt16((UInt32($0) &* UInt32($1) &+ 32_767) / 65_535) }
    case (.uint16, _):
      multiply(UInt16.max, Float.self) { Float(Double($0) * Double($1) / 65_535) }
    case (.float32, _): multiply(Float(1), Float.self) { $0 * $1 }
    }
  }

  private func divide(
    _ colors: UnsafeMutableRawPointer, _ alphas: UnsafeMutableRawPointer, _ columns: Range<Int>,
    into output: UnsafeMutableRawPointer
  ) {
    func divide<Number: BitwiseCopyable, Sample: BitwiseCopyable>(
      _ number: (Number) -> Double, _ sample: (Double) -> Sample
    ) {
      let (colors, alphas) = (
        colors.assumingMemoryBound(to: Number.self), alphas.assumingMemoryBound(to: Number.self)
      )
      let output = output.assumingMemoryBound(to: Sample.self)
      let (channels, last) = (step.output.channels, step.output.colorChannels)
      let (white, unit) = (step.output.sample.white, step.unit)
      for x in columns {
        let alpha = number(alphas[x])
        for c in 0..<last {
          output[x * channels + c] = sample(
            alpha > 0 ? number(colors[x * last + c]) * white / alpha : 0)
        }
        output[x * channels + last] = sample(alpha / unit)
      }
    }
    func whole(_ value: Double) -> Double {
      min(max(value.rounded(.toNearestOrEven), 0), step.output.sample.white)
    }
    switch (step.output.sample, step.colors.output.sample) {
    case (.uint8, .uint16): divide({ (x: UInt16) in Double(x) }, { UInt8(whole($0)) })
    case (.uint8, _): divide({ (x: Float) in Double(x) }, { UInt8(whole($0)) })
    case (.uint16, .uint16): divide({ (x: UInt16) in Double(x) }, { UInt16(whole($0)) })
    case (.uint16, _): divide({ (x: Float) in Double(x) }, { UInt16(whole($0)) })
    case (.float32, _): divide({ (x: Float) in Double(x) }, { Float($0) })
    }
  }
}
