/// The rows of an image whose sides are reduced by a whole factor while they come: each pixel is the mean of
/// `factor` × `factor` pixels, at the right and bottom border of the fewer that there are. Colors are weighted
/// by alpha.
///
/// However large the image is, a row of it and one of the result are all that is held.
final class AveragedRows: RowSource {
  let layout: PixelLayout
  let metadata: Metadata

  private let source: any RowSource
  private let factor: Int
  /// One row of the source.
  private let row: UnsafeMutableRawBufferPointer
  /// Sums of samples, those of colors times alpha where there is alpha.
  private var sums: [UInt64]

  /// - Precondition: the samples are integers.
  init(_ source: any RowSource, factor: Int) {
    precondition(source.layout.sample != .float32 && factor > 0)
    self.source = source
    self.factor = factor
    var layout = source.layout
    layout.width = (layout.width + factor - 1) / factor
    layout.height = (layout.height + factor - 1) / factor
    self.layout = layout
    var metadata = source.metadata
    metadata.resolution = nil
    self.metadata = metadata
    row = .allocate(byteCount: source.layout.bytesPerRow, alignment: 8)
    sums = Array(repeating: 0, count: layout.samplesPerRow)
  }

  deinit { row.deallocate() }

  func read(_ count: Int, into rows: UnsafeMutableRawPointer) throws(ImageError) -> Int {
    for done in 0..<count {
      var rowCount = 0
      for place in sums.indices { sums[place] = 0 }
      while rowCount < factor, try readRow() {
        rowCount += 1
        switch layout.sample {
        case .uint16: addRow(UInt16.self)
        default: addRow(UInt8.self)
        }
      }
      if rowCount == 0 { return done }
      let output = rows + done * layout.bytesPerRow
      switch layout.sample {
      case .uint16: writeMeans(of: rowCount, to: output.assumingMemoryBound(to: UInt16.self))
      default: writeMeans(of: rowCount, to: output.assumingMemoryBound(to: UInt8.self))
      }
    }
    return count
  }

  private func readRow() throws(ImageError) -> Bool {
    guard let start = row.baseAddress else { return false }
    return try source.read(1, into: start) == 1
  }

  private func addRow<Sample: FixedWidthInteger & UnsignedInteger>(_: Sample.Type) {
    let (channels, colors) = (layout.channels, layout.colorChannels)
    let (width, hasAlpha, factor) = (source.layout.width, layout.hasAlpha, factor)
    // The row has `width` pixels; `sums` has a place for each `factor` of them.
    let samples = row.bindMemory(to: Sample.self)
    sums.withUnsafeMutableBufferPointer { sums in
      var (place, cell, left) = (0, 0, factor)
      for _ in 0..<width {
        if hasAlpha {
          let alpha = UInt64(samples[place + colors])
          for channel in 0..<colors {
            sums[cell + channel] &+= UInt64(samples[place + channel]) &* alpha
          }
          sums[cell + colors] &+= alpha
        } else {
          for channel in 0..<channels { sums[cell + channel] &+= UInt64(samples[place + channel]) }
        }
        place += channels
        left -= 1
        if left == 0 { (cell, left) = (cell + channels, factor) }
      }
    }
  }

  /// Rounds to the nearest; the color of what is wholly transparent is 0.
  private func writeMeans<Sample: FixedWidthInteger & UnsignedInteger>(
    of rowCount: Int, to output: UnsafeMutablePointer<Sample>
  ) {
    let (channels, colors) = (layout.channels, layout.colorChannels)
    for pixel in 0..<layout.width {
      let columns = min(factor, source.layout.width - pixel * factor)
      let cell = pixel * channels
      let count = UInt64(columns * rowCount)
      let weight = layout.hasAlpha ? sums[cell + colors] : count
      for channel in 0..<colors {
        output[cell + channel] =
          weight == 0 ? 0 : Sample((sums[cell + channel] + weight / 2) / weight)
      }
      if layout.hasAlpha { output[cell + colors] = Sample((weight + count / 2) / count) }
    }
  }
}

extension ReadOptions {
  /// By which whole factor the sides of an image that comes by rows may be reduced.
  func factor(for layout: PixelLayout) -> Int {
    guard layout.sample != .float32 else { return 1 }
    let (shorter, longer) = (min(layout.width, layout.height), max(layout.width, layout.height))
    if let side = sufficientSide { return max(1, shorter / max(side, 1)) }
    if let side = sufficientLongSide { return max(1, longer / max(side, 1)) }
    return 1
  }
}
