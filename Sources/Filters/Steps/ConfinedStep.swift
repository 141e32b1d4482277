import Images
import LoopInterface

/// A step confined to a part of the image: neighbors come from the whole image, statistics from the
/// part; outside, samples stay, and a mask blends.
struct ConfinedStep: RowStep {
  private var inner: any RowStep
  private let selection: Selection
  /// Whether colors of the input stand against one gray of the result.
  private let spreadsGray: Bool

  /// - Throws: when the step changes the image's size, or the part is none of the image.
  init(_ inner: any RowStep, _ selection: Selection, filter: String) throws(FilterError) {
    let (input, output) = (inner.input, inner.output)
    guard input.width == output.width, input.height == output.height else {
      throw .badArgument(
        "a region or mask has no meaning for \(filter), which changes the image's size")
    }
    try selection.region?.check(inside: input)
    if let mask = selection.mask, mask.width != input.width || mask.height != input.height {
      throw .badArgument(
        "the mask has \(mask.width) × \(mask.height) pixels, the image \(input.width) × "
          + "\(input.height); give one of the image's size")
    }
    spreadsGray = output.channels == input.channels - 2
    guard input == output || spreadsGray && input.sample == output.sample else {
      throw .badArgument("a region or mask has no meaning for \(filter), which changes the samples")
    }
    self.inner = inner
    self.selection = selection
  }

  var input: PixelLayout { inner.input }
  var output: PixelLayout { inner.input }
  var needsWholeImage: Bool { inner.needsWholeImage }
  var threshold: Double? { inner.threshold }
  func metadata(_ metadata: Metadata) -> Metadata { inner.metadata(metadata) }

  func inputRows(for rows: Range<Int>) -> Range<Int> {
    let part = selection.rows(of: input)
    let first = max(rows.lowerBound, part.lowerBound)
    guard first < part.upperBound else { return rows }
    // Rows above the part keep what its first rows need of theirs: earlier rows are not there later.
    let kept = inner.inputRows(for: first..<part.upperBound).lowerBound
    let inside = rows.clamped(to: part)
    let end = inside.isEmpty ? rows.upperBound : inner.inputRows(for: inside).upperBound
    return min(kept, rows.lowerBound)..<max(end, rows.upperBound)
  }

  func adapted(to image: InputRows, in selection: Selection, threads: Int) -> any RowStep {
    var step = self
    step.inner = inner.adapted(to: image, in: self.selection, threads: threads)
    return step
  }

  func makeWorker() -> any RowWorker { Worker(self) }

  private final class Worker: RowWorker {
    private let step: ConfinedStep
    private let inner: any RowWorker
    private var filtered = Scratch<UInt8>(0, filledWith: 0)

    init(_ step: ConfinedStep) {
      self.step = step
      inner = step.inner.makeWorker()
    }

    func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
      let layout = step.input
      output.copyMemory(
        from: input[rows.lowerBound], byteCount: rows.count * layout.bytesPerRow)
      let inside = rows.clamped(to: step.selection.rows(of: layout))
      if inside.isEmpty { return }
      let innerBytes = step.inner.output.bytesPerRow
      if filtered.count < inside.count * innerBytes {
        filtered = Scratch(inside.count * innerBytes, filledWith: 0)
      }
      inner.compute(inside, from: input, into: filtered.start)
      for row in inside {
        let result = filtered.start + (row - inside.lowerBound) * innerBytes
        let place = output + (row - rows.lowerBound) * layout.bytesPerRow
        switch layout.sample {
        case .uint8: put(row, result, place, as: UInt8.self)
        case .uint16: put(row, result, place, as: UInt16.self)
        case .float32: put(row, result, place)
        }
      }
    }

    private func put<Sample: FixedWidthInteger & BitwiseCopyable>(
      _ row: Int, _ result: UnsafePointer<UInt8>, _ place: UnsafeMutableRawPointer,
      as type: Sample.Type
    ) {
      put(row, result, place, as: type) { old, new, share in
        // Halves upwards.
        let sum = Int(old) * (255 - share) + Int(new) * share
        return Sample(truncatingIfNeeded: (2 * sum + 255) / 510)
      }
    }

    private func put(_ row: Int, _ result: UnsafePointer<UInt8>, _ place: UnsafeMutableRawPointer) {
      put(row, result, place, as: Float.self) { old, new, share in
        old + (new - old) * (Float(share) / 255)
      }
    }

    /// Puts the selected pixels of a row of results into their place.
    @inline(__always)
    private func put<Sample: BitwiseCopyable>(
      _ row: Int, _ result: UnsafePointer<UInt8>, _ place: UnsafeMutableRawPointer,
      as type: Sample.Type, blend: (Sample, Sample, Int) -> Sample
    ) {
      let layout = step.input
      let channels = layout.channels
      let from = UnsafeRawPointer(result).assumingMemoryBound(to: type)
      let to = place.assumingMemoryBound(to: type)
      let columns = step.selection.columns(of: layout)
      /// The result for a sample.
      @inline(__always) func sample(_ x: Int, _ c: Int) -> Sample {
        guard step.spreadsGray else { return from[x &* channels &+ c] }
        return from[x &* (channels &- 2) &+ (c < 3 ? 0 : 1)]
      }
      guard let mask = step.selection.mask else {
        for x in columns { for c in 0..<channels { to[x &* channels &+ c] = sample(x, c) } }
        return
      }
      mask.withUnsafeBytes { bytes in
        for x in columns {
          switch Int(bytes[row * layout.width + x]) {
          case 0: break
          case 255: for c in 0..<channels { to[x &* channels &+ c] = sample(x, c) }
          case let share:
            for c in 0..<channels {
              to[x &* channels &+ c] = blend(to[x &* channels &+ c], sample(x, c), share)
            }
          }
        }
      }
    }
  }
}

extension Selection {
  /// The columns that may have selected pixels.
  fileprivate func columns(of layout: PixelLayout) -> Range<Int> {
    region.map { $0.x..<$0.x + $0.width } ?? 0..<layout.width
  }
}

extension Image {
  /// The image as a mask: its luma in 8 bits; what is transparent is not selected.
  public func asMask() throws(FilterError) -> Image {
    let gray = try FilterChain([FilterStep(.gray)]).apply(to: self)
    let layout = gray.layout
    var mask = Image(
      layout: PixelLayout(width: layout.width, height: layout.height, channels: 1))
    let white = layout.sample.white
    gray.withUnsafeBytes { bytes in
      func sample(_ index: Int) -> Double {
        switch layout.sample {
        case .uint8: Double(bytes[index])
        case .uint16: Double(bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
        case .float32: Double(bytes.loadUnaligned(fromByteOffset: 4 * index, as: Float.self))
        }
      }
      mask.withUnsafeMutableBytes { results in
        for pixel in 0..<layout.width * layout.height {
          let alpha = layout.hasAlpha ? sample(pixel * layout.channels + 1) / white : 1
          let share = sample(pixel * layout.channels) / white * alpha
          results[pixel] = UInt8(min(max(share, 0), 1) * 255 + 0.5)
        }
      }
    }
    return mask
  }
}
