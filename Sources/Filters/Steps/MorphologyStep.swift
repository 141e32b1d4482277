import Images
import LoopInterface

/// An operation of mathematical morphology (Serra, “Image Analysis and Mathematical Morphology”, 1982).
struct Morphology: StepMaker {
  /// What is computed; `B` is the element, dilated with its reflection where that follows an erosion
  /// and the other way round, so that an opening never exceeds the image and a closing never falls below.
  enum Kind: Sendable {
    case erode, dilate, open, close
    /// Dilation minus erosion.
    case gradient
    /// The image minus its opening.
    case topHat
    /// The closing minus the image.
    case blackHat
  }

  let kind: Kind
  let element: Element
  let iterations: Int

  init(_ kind: Kind, _ element: Element, iterations: Int = 1) {
    self.kind = kind
    self.element = element
    self.iterations = iterations
  }

  var options: Set<FilterOptions.Option> { [.alpha] }
  var premultiplying: Premultiplying? {
    if isDifference { return nil }
    let columns = element.columns
    let reach = max(-columns.lowerBound, columns.upperBound, 0)
    // Two passes, the second with the element reflected, are the most.
    return Premultiplying(sample: .float32, reach: 2 * iterations * reach)
  }

  private var isDifference: Bool {
    switch kind {
    case .gradient, .topHat, .blackHat: true
    case .erode, .dilate, .open, .close: false
    }
  }

  func check() throws(FilterError) {
    guard (1...Self.mostIterations).contains(iterations) else {
      throw .badArgument(
        "iterations \(iterations): give a whole number from 1 to \(Self.mostIterations)")
    }
  }

  static let mostIterations = 100

  func step(for layout: PixelLayout, _ options: FilterOptions, _ loops: LoopTable)
    throws(FilterError) -> any RowStep
  {
    let element = element.clipped(width: layout.width, height: layout.height)
    // Differences leave alpha as it is; in them what is invisible counts as little as what lies outside.
    let seesVisible = isDifference && layout.hasAlpha && options.alpha != .straight
    func pass(_ kind: ExtremeStep.Kind, _ element: Element) -> any RowStep {
      let rectangle = seesVisible ? nil : RectangleStep(layout, element, kind, loops.extreme)
      let one: any RowStep =
        rectangle
        ?? ExtremeStep(
          input: layout, element: element, kind: kind, loops: loops.extreme,
          ignoresInvisible: seesVisible)
      return (1..<iterations).reduce(one) { all, _ in ComposedStep(all, one) }
    }
    func opened() -> any RowStep {
      ComposedStep(pass(.smallest, element), pass(.largest, element.reflected))
    }
    func closed() -> any RowStep {
      ComposedStep(pass(.largest, element), pass(.smallest, element.reflected))
    }
    switch kind {
    case .erode: return pass(.smallest, element)
    case .dilate: return pass(.largest, element)
    case .open: return opened()
    case .close: return closed()
    case .gradient:
      return BranchStep(
        [pass(.largest, element), pass(.smallest, element)], output: layout,
        combine: excess(layout, loops.pair, ofVisible: seesVisible) { ($1[0], $1[1]) })
    case .topHat:
      return BranchStep(
        [opened()], output: layout,
        combine: excess(layout, loops.pair, ofVisible: seesVisible) { ($0, $1[0]) })
    case .blackHat:
      return BranchStep(
        [closed()], output: layout,
        combine: excess(layout, loops.pair, ofVisible: seesVisible) { ($1[0], $0) })
    }
  }
}

/// What one of two rows has more than the other; alpha is that of the image.
///
/// - Parameter ofVisible: whether what is invisible has nothing.
private func excess(
  _ layout: PixelLayout, _ loops: PairLoops, ofVisible: Bool,
  _ rows:
    @escaping @Sendable (UnsafeRawPointer, [UnsafeRawPointer]) -> (
      UnsafeRawPointer, UnsafeRawPointer
    )
) -> BranchStep.Combine {
  let count = layout.samplesPerRow
  return { input, branches, output in
    let (a, b) = rows(input, branches)
    switch layout.sample {
    case .uint8:
      loops.excessUInt8(
        a.assumingMemoryBound(to: UInt8.self), b.assumingMemoryBound(to: UInt8.self), count,
        output.assumingMemoryBound(to: UInt8.self))
    case .uint16:
      loops.excessUInt16(
        a.assumingMemoryBound(to: UInt16.self), b.assumingMemoryBound(to: UInt16.self), count,
        output.assumingMemoryBound(to: UInt16.self))
    case .float32:
      let (a, b) = (a.assumingMemoryBound(to: Float.self), b.assumingMemoryBound(to: Float.self))
      let output = output.assumingMemoryBound(to: Float.self)
      for x in 0..<count { output[x] = a[x] - b[x] }
    }
    if layout.hasAlpha { copyLastChannel(layout, from: input, into: output) { $0 } }
    guard ofVisible else { return }
    switch layout.sample {
    case .uint8: hide(layout, input, in: output, value: 0 as UInt8)
    case .uint16: hide(layout, input, in: output, value: 0 as UInt16)
    case .float32: hide(layout, input, in: output, value: 0 as Float)
    }
  }
}

/// Gives the colors of invisible pixels a value.
func hide<Sample: BitwiseCopyable & Equatable & ExpressibleByIntegerLiteral>(
  _ layout: PixelLayout, _ input: UnsafeRawPointer, in row: UnsafeMutableRawPointer, value: Sample
) {
  let (input, row) = (
    input.assumingMemoryBound(to: Sample.self), row.assumingMemoryBound(to: Sample.self)
  )
  let (channels, last) = (layout.channels, layout.colorChannels)
  for x in 0..<layout.width where input[x &* channels &+ last] == 0 {
    for c in 0..<last { row[x &* channels &+ c] = value }
  }
}
