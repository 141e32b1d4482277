import Glibc
import Images
import LoopInterface

/// A step in linear light: sRGB's curve is undone before it and done again behind it (IEC 61966-2-1).
///
/// 8-bit samples become 16-bit ones in between, which tell all of them apart; 16-bit ones become floats.
struct LinearStep: RowStep {
  private var inner: any RowStep
  let input: PixelLayout
  let output: PixelLayout
  private let curve: Curve

  /// The layout of the image in linear light.
  static func layout(for layout: PixelLayout) -> PixelLayout {
    var linear = layout
    linear.sample = layout.sample == .uint8 ? .uint16 : .float32
    return linear
  }

  /// - Parameter inner: for images of ``layout(for:)``.
  init(_ inner: any RowStep, for layout: PixelLayout) {
    self.inner = inner
    input = layout
    var output = inner.output
    output.sample = layout.sample
    self.output = output
    curve = Curve(layout.sample)
  }

  var needsWholeImage: Bool { inner.needsWholeImage }
  func metadata(_ metadata: Metadata) -> Metadata { inner.metadata(metadata) }
  func inputRows(for rows: Range<Int>) -> Range<Int> { inner.inputRows(for: rows) }
  func makeWorker() -> any RowWorker { Worker(self) }

  func adapted(to image: InputRows, in selection: Selection, threads: Int) -> any RowStep {
    guard inner.needsWholeImage else { return self }
    var step = self
    let worker = Worker(self)
    withExtendedLifetime(worker) {
      step.inner = inner.adapted(
        to: worker.convert(0..<input.height, of: image), in: selection, threads: threads)
    }
    return step
  }

  private final class Worker: RowWorker {
    private let step: LinearStep
    private let inner: any RowWorker
    /// Input rows in linear light, from `first` on.
    private var rows = Scratch<UInt8>(0, filledWith: 0)
    private var held = 0..<0
    private var results = Scratch<UInt8>(0, filledWith: 0)

    init(_ step: LinearStep) {
      self.step = step
      inner = step.inner.makeWorker()
    }

    func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
      var row = rows.lowerBound
      while row < rows.upperBound {
        let strip = row..<min(rows.upperBound, row + 32)
        let linear = convert(step.inner.inputRows(for: strip), of: input)
        let rowBytes = step.inner.output.bytesPerRow
        if results.count < strip.count * rowBytes {
          results = Scratch(strip.count * rowBytes, filledWith: 0)
        }
        inner.compute(strip, from: linear, into: results.start)
        for (index, row) in strip.enumerated() {
          step.curve.delinearize(
            results.start + index * rowBytes,
            into: output + (row - rows.lowerBound) * step.output.bytesPerRow, step.output)
        }
        row = strip.upperBound
      }
    }

    /// These rows in linear light, for as long as the worker is there and asked for no others.
    func convert(_ needed: Range<Int>, of input: InputRows) -> InputRows {
      let rowBytes = step.inner.input.bytesPerRow
      let known = needed.clamped(to: held)
      let old = rows
      if rows.count < needed.count * rowBytes {
        rows = Scratch((needed.count + 32) * rowBytes, filledWith: 0)
      }
      if !known.isEmpty {
        // What was converted before moves to its new place.
        memmove(
          rows.start + (known.lowerBound - needed.lowerBound) * rowBytes,
          old.start + (known.lowerBound - held.lowerBound) * rowBytes, known.count * rowBytes)
      }
      for row in needed where !known.contains(row) && !input.isCancelled {
        step.curve.linearize(
          input[row], into: rows.start + (row - needed.lowerBound) * rowBytes, step.input)
      }
      held = needed
      return InputRows(
        base: UnsafeRawPointer(rows.start), first: needed.lowerBound, bytesPerRow: rowBytes,
        cancellation: input.cancellation)
    }
  }
}

/// sRGB's curve for samples of one type; alpha is only scaled.
private struct Curve: Sendable {
  private let linear16: [UInt16]
  private let stored8: [UInt8]
  private let linearFloat: [Float]

  init(_ sample: SampleType) {
    var (linear16, stored8, linearFloat): ([UInt16], [UInt8], [Float]) = ([], [], [])
    switch sample {
    case .uint8:
      linear16 = (0...255).map { UInt16((toLinear(Double($0) / 255) * 65_535).rounded()) }
      stored8 = (0...65_535).map { UInt8((toStored(Double($0) / 65_535) * 255).rounded()) }
    case .uint16: linearFloat = (0...65_535).map { Float(toLinear(Double($0) / 65_535)) }
    case .float32: break
    }
    (self.linear16, self.stored8, self.linearFloat) = (linear16, stored8, linearFloat)
  }

  func linearize(
    _ row: UnsafeRawPointer, into place: UnsafeMutableRawPointer, _ layout: PixelLayout
  ) {
    switch layout.sample {
    case .uint8:
      let from = row.assumingMemoryBound(to: UInt8.self)
      let to = place.assumingMemoryBound(to: UInt16.self)
      forEachSample(layout) { to[$0] = $1 ? UInt16(from[$0]) * 257 : linear16[Int(from[$0])] }
    case .uint16:
      let from = row.assumingMemoryBound(to: UInt16.self)
      let to = place.assumingMemoryBound(to: Float.self)
      forEachSample(layout) { to[$0] = $1 ? Float(from[$0]) / 65_535 : linearFloat[Int(from[$0])] }
    case .float32:
      let from = row.assumingMemoryBound(to: Float.self)
      let to = place.assumingMemoryBound(to: Float.self)
      forEachSample(layout) { to[$0] = $1 ? from[$0] : Float(toLinear(Double(from[$0]))) }
    }
  }

  func delinearize(
    _ row: UnsafePointer<UInt8>, into place: UnsafeMutableRawPointer, _ layout: PixelLayout
  ) {
    let row = UnsafeRawPointer(row)
    switch layout.sample {
    case .uint8:
      let from = row.assumingMemoryBound(to: UInt16.self)
      let to = place.assumingMemoryBound(to: UInt8.self)
      forEachSample(layout) {
        to[$0] = $1 ? UInt8((UInt32(from[$0]) + 128) / 257) : stored8[Int(from[$0])]
      }
    case .uint16:
      let from = row.assumingMemoryBound(to: Float.self)
      let to = place.assumingMemoryBound(to: UInt16.self)
      forEachSample(layout) {
        let value = $1 ? Double(from[$0]) : toStored(Double(from[$0]))
        to[$0] = UInt16((min(max(value, 0), 1) * 65_535).rounded())
      }
    case .float32:
      let from = row.assumingMemoryBound(to: Float.self)
      let to = place.assumingMemoryBound(to: Float.self)
      forEachSample(layout) { to[$0] = $1 ? from[$0] : Float(toStored(Double(from[$0]))) }
    }
  }

  @inline(__always)
  private func forEachSample(_ layout: PixelLayout, _ body: (_ index: Int, _ isAlpha: Bool) -> Void)
  {
    let channels = layout.channels
    guard layout.hasAlpha else {
      for index in 0..<layout.samplesPerRow { body(index, false) }
      return
    }
    for x in 0..<layout.width {
      for c in 0..<channels &- 1 { body(x &* channels &+ c, false) }
      body(x &* channels &+ channels &- 1, true)
    }
  }
}

/// Linear light of a stored value; what is negative is mirrored.
private func toLinear(_ value: Double) -> Double {
  let magnitude = value.magnitude
  let linear = magnitude <= 0.04045 ? magnitude / 12.92 : pow((magnitude + 0.055) / 1.055, 2.4)
  return value < 0 ? -linear : linear
}

private func toStored(_ value: Double) -> Double {
  let magnitude = value.magnitude
  let stored =
    magnitude <= 0.003_130_8 ? magnitude * 12.92 : 1.055 * pow(magnitude, 1 / 2.4) - 0.055
  return value < 0 ? -stored : stored
}
