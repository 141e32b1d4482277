import Files
import Images
import LoopInterface
import Loops

/// Filters one after the other. Between two steps an image has the depth of the first one's input,
/// so a chain gives the same bytes as its steps run one by one.
public struct FilterChain: Sendable {
  /// The steps, first one first.
  public let steps: [FilterStep]

  public init(_ steps: [FilterStep]) { self.steps = steps }

  /// The layout of what comes out for an image of this layout.
  ///
  /// - Throws: when a step cannot be applied to it, or a size depends on what the image shows.
  public func outputLayout(for layout: PixelLayout) throws(FilterError) -> PixelLayout {
    let loops = try LoopTable.chosen()
    var layout = layout
    for step in steps { layout = try step.prepared(for: layout, loops).output }
    return layout
  }

  /// The filtered rows of `source`, computed as they are read. Only the rows under the windows are
  /// held; the whole image where a step needs it (normalized range, wrapped border, a window
  /// higher than the image, a turn).
  ///
  /// - Parameters:
  ///   - limits: what an image that is held may take; nil: anything.
  ///   - measurements: takes what the steps measure that are asked to.
  ///   - cancellation: looked at while rows are computed, whose reading ends with an error once nobody waits for them.
  ///   - warn: is told what a user should know, in one line.
  ///   - fullSize: the size of the image in the file, where a decoder gives a reduced one (see
  ///     ``sufficientLongSide``).
  /// - Throws: when a step cannot be applied to such an image, or the image cannot be read whose
  ///   content decides on the result's size.
  public func source(
    over source: any RowSource, limits: Limits? = nil, fullSize: (width: Int, height: Int)? = nil,
    measurements: Measurements? = nil, cancellation: Cancellation? = nil,
    warn: (String) -> Void = { _ in }
  ) throws(FilterError) -> any RowSource {
    let loops = try LoopTable.chosen()
    var last = source
    for (index, step) in steps.enumerated() {
      var upstream = last
      let prepared: any RowStep
      if let maker = step.contentMaker {
        let image = try Image(holding: upstream, limits)
        prepared = try image.withInputRows { rows throws(FilterError) in
          try maker.step(for: image.layout, showing: rows)
        }
        upstream = ImageRows(image)
      } else {
        prepared = try step.prepared(
          for: last.layout, fullSize: index == 0 ? fullSize : nil, loops)
      }
      if let warning = prepared.warning { warn(warning) }
      for part in prepared.parts {
        if part.needsWholeImage, !(upstream is ImageRows) {
          try limits?.checkHolding(part.input)
        }
        try limits?.check(part.output)
        upstream = StepSource(part, over: upstream, cancellation)
      }
      last = upstream
      if step.options.measures || step.options.drawsHistogram, let measurements,
        let source = upstream as? StepSource
      {
        last = MeasuringSource(source, filter: step.name, into: measurements)
      }
    }
    return last
  }

  /// Bytes of the images that steps hold whole for an image of this layout, about; what depends on an image's content
  /// counts as the input.
  ///
  /// - Parameter limits: what the images may take.
  /// - Throws: when a step cannot be applied to it, or makes an image that is too large.
  package func heldBytes(
    for layout: PixelLayout, limits: Limits
  ) throws(FilterError) -> Int {
    let loops = try LoopTable.chosen()
    var layout = layout
    var bytes = 0
    for step in steps {
      if step.contentMaker != nil {
        bytes += layout.byteCount
        continue
      }
      let prepared = try step.prepared(for: layout, loops)
      for part in prepared.parts {
        try limits.check(part.output)
        if part.needsWholeImage { bytes += part.input.byteCount }
      }
      layout = prepared.output
    }
    return bytes
  }

  /// Whether a step is to be measured.
  public var measures: Bool { steps.contains { $0.options.measures } }

  /// Whether a step's histogram is to be drawn.
  public var drawsHistograms: Bool { steps.contains { $0.options.drawsHistogram } }

  /// How many pixels the longer side of an image needs at least for the first step; nil: all. A decoder
  /// may then give a reduced image (`ReadOptions.sufficientLongSide`), of which the size in the file is
  /// to be told.
  public var sufficientLongSide: Int? {
    guard case .own(let own)? = steps.first?.operation else { return nil }
    return (own.body as? Thumbnail)?.sufficientLongSide
  }

  /// Filters a whole image on up to `threads` threads, whose number does not change the result.
  ///
  /// - Throws: when a step cannot be applied to such an image.
  public func apply(to image: Image, threads: Int = 1) throws(FilterError) -> Image {
    let loops = try LoopTable.chosen()
    var result = image
    for step in steps {
      let prepared = try step.prepared(for: result, loops)
      var output = Image(layout: prepared.output, metadata: prepared.metadata(result.metadata))
      prepared.run(on: result, into: &output, threads: threads)
      result = output
    }
    return result
  }

  /// Filters a whole image into another one of the output's layout, whose memory is used again.
  ///
  /// - Throws: when a step cannot be applied to such an image, or `output` has another layout than
  ///   ``outputLayout(for:)`` says.
  public func apply(to image: Image, into output: inout Image, threads: Int = 1)
    throws(FilterError)
  {
    try apply(to: image, into: &output, threads: threads, loops: try .chosen())
  }

  /// The same with the loops of one's choice.
  package func apply(
    to image: Image, into output: inout Image, threads: Int = 1, loops: LoopTable
  ) throws(FilterError) {
    var result = image
    for step in steps.dropLast() {
      let prepared = try step.prepared(for: result, loops)
      var next = Image(
        layout: prepared.output, metadata: prepared.metadata(result.metadata))
      prepared.run(on: result, into: &next, threads: threads)
      result = next
    }
    let last = try steps.last.map { step throws(FilterError) in
      try step.prepared(for: result, loops)
    }
    guard output.layout == last?.output ?? image.layout else {
      throw .mismatchedImages("the output image has another layout than the filters give")
    }
    if let last {
      last.run(on: result, into: &output, threads: threads)
      output.metadata = last.metadata(result.metadata)
    } else {
      output = image
    }
  }

  /// - Throws: when an option has no meaning for its filter or is out of its range; whether the steps
  ///   can be applied to an image is told by its layout.
  public func check() throws(FilterError) {
    for step in steps {
      try step.operation.check()
      try step.options.check(for: step.operation, named: step.name)
      if step.contentMaker != nil, step.options.region != nil || step.options.mask != nil {
        throw .inapplicable(option: "a region or mask", filter: step.name)
      }
    }
  }
}

extension FilterStep {
  /// The step for images of this layout.
  fileprivate func prepared(
    for layout: PixelLayout, fullSize: (width: Int, height: Int)? = nil, _ loops: LoopTable
  ) throws(FilterError) -> any RowStep {
    var step = self
    if let fullSize { step.operation = operation.adapted(toFullSize: fullSize) }
    return try step.prepared(for: layout, loops)
  }

  private func prepared(for layout: PixelLayout, _ loops: LoopTable) throws(FilterError)
    -> any RowStep
  {
    var step = try linearized(for: layout, loops)
    if options.region != nil || options.mask != nil {
      let selection = Selection(region: options.region, mask: options.mask)
      step = try ConfinedStep(step, selection, filter: name)
    }
    return step
  }

  private func linearized(for layout: PixelLayout, _ loops: LoopTable) throws(FilterError)
    -> any RowStep
  {
    guard options.linear else { return try operation.step(name, options, for: layout, loops) }
    try options.check(for: operation, named: name)
    var options = options
    options.linear = false
    let inner = try operation.step(name, options, for: LinearStep.layout(for: layout), loops)
    return LinearStep(inner, for: layout)
  }

  /// The step for this image.
  fileprivate func prepared(for image: Image, _ loops: LoopTable) throws(FilterError)
    -> any RowStep
  {
    guard let contentMaker else { return try prepared(for: image.layout, loops) }
    return try image.withInputRows { rows throws(FilterError) in
      try contentMaker.step(for: image.layout, showing: rows)
    }
  }

  /// Who makes the step, where that takes an image.
  fileprivate var contentMaker: (any ContentStepMaker)? {
    guard case .own(let own) = operation else { return nil }
    return own.body as? any ContentStepMaker
  }
}

extension Image {
  /// All rows of a source.
  fileprivate init(holding source: any RowSource, _ limits: Limits?) throws(FilterError) {
    try limits?.checkHolding(source.layout)
    do throws(ImageError) {
      self = try Image(reading: source)
    } catch {
      throw .reading(error)
    }
  }

  fileprivate func withInputRows<Result>(
    _ body: (InputRows) throws(FilterError) -> Result
  ) throws(FilterError) -> Result {
    try withUnsafeBytes { bytes throws(FilterError) in
      guard let base = bytes.baseAddress else { throw .badArgument("the image has no pixels") }
      return try body(InputRows(base: base, first: 0, bytesPerRow: layout.bytesPerRow))
    }
  }
}

extension Limits {
  /// - Throws: when an image of this layout has too many pixels.
  fileprivate func check(_ layout: PixelLayout) throws(FilterError) {
    do throws(ImageError) {
      try checkSize(width: layout.width, height: layout.height)
    } catch {
      throw .reading(error)
    }
  }

  /// - Throws: when an image of this layout is too large to be held.
  fileprivate func checkHolding(_ layout: PixelLayout) throws(FilterError) {
    do throws(ImageError) {
      try checkMemory(layout.byteCount, for: "holding an image of this size")
    } catch {
      throw .reading(error)
    }
  }
}

extension LoopTable {
  /// The loops of ``Loops/table()``.
  fileprivate static func chosen() throws(FilterError) -> LoopTable {
    do {
      return try Loops.table()
    } catch {
      throw .instructionSet(error)
    }
  }
}
