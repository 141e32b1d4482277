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
  /// - Throws: when a step cannot be applied to it.
  public func outputLayout(for layout: PixelLayout) throws(FilterError) -> PixelLayout {
    try prepared(for: layout).last?.output ?? layout
  }

  /// The filtered rows of `source`, computed as they are read. Only the rows under the windows are
  /// held; the whole image where a step needs it (normalised range, wrapped border, a window
  /// higher than the image).
  ///
  /// - Throws: when a step cannot be applied to such an image.
  public func source(over source: any RowSource) throws(FilterError) -> any RowSource {
    var last = source
    for step in try prepared(for: source.layout) {
      last = StepSource(step, over: last)
    }
    return last
  }

  /// Filters a whole image on up to `threads` threads, whose number does not change the result.
  ///
  /// - Throws: when a step cannot be applied to such an image.
  public func apply(to image: Image, threads: Int = 1) throws(FilterError) -> Image {
    var result = image
    for step in try prepared(for: image.layout) {
      var output = Image(layout: step.output, metadata: image.metadata)
      step.run(on: result, into: &output, threads: threads)
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
    let prepared = try prepared(for: image.layout, loops)
    guard output.layout == prepared.last?.output ?? image.layout else {
      throw .mismatchedImages("the output image has another layout than the filters give")
    }
    var result = image
    for step in prepared.dropLast() {
      var next = Image(layout: step.output)
      step.run(on: result, into: &next, threads: threads)
      result = next
    }
    if let last = prepared.last {
      last.run(on: result, into: &output, threads: threads)
      output.metadata = image.metadata
    } else {
      output = image
    }
  }

  private func prepared(for layout: PixelLayout) throws(FilterError) -> [any RowStep] {
    try prepared(for: layout, try .chosen())
  }

  private func prepared(for layout: PixelLayout, _ loops: LoopTable) throws(FilterError)
    -> [any RowStep]
  {
    var layout = layout
    var prepared: [any RowStep] = []
    for step in steps {
      let next = try step.operation.step(step.name, step.options, for: layout, loops)
      prepared.append(next)
      layout = next.output
    }
    return prepared
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

extension RowStep {
  /// Computes the whole output, in strips that the threads take as they get done.
  fileprivate func run(on image: Image, into output: inout Image, threads: Int) {
    let (height, bytesPerRow) = (self.output.height, self.output.bytesPerRow)
    image.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      let input = InputRows(base: base, first: 0, bytesPerRow: self.input.bytesPerRow)
      let step = adapted(to: input)
      output.withUnsafeMutableBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        let place = OutputPlace(base: base)
        let workers = max(1, min(threads, height))
        let strips = workers == 1 ? 1 : min(height, workers * 4)
        parallelLoop(strips, threads: workers) { next in
          let worker = step.makeWorker()
          while let strip = next() {
            let rows = height * strip / strips..<height * (strip + 1) / strips
            worker.compute(
              rows, from: input, into: place.base + rows.lowerBound * bytesPerRow)
          }
        }
      }
    }
  }
}

/// Where an output begins.
///
/// Unchecked: threads write to different rows of it.
private struct OutputPlace: @unchecked Sendable {
  let base: UnsafeMutableRawPointer
}
