import Files
import Glibc

/// Decodes a PNG by rows; an interlaced one is decoded whole at the first read.
///
/// Samples are handed over as stored: palettes expanded, tRNS as alpha, 1, 2 and 4 bits scaled to 8,
/// 16 bits in native order. gAMA, sRGB, cHRM and cICP are not applied. Of an APNG the default image is
/// read.
final class PNGReader: ImageDecoder {
  let header: PNGHeader
  let layout: PixelLayout
  let metadata: Metadata
  private(set) var warnings: [String]
  private let options: ReadOptions
  private let data: PNGData
  private let expansion: SampleExpansion
  private var nextRow = 0
  private var failure: ImageError?
  private var damaged = false
  /// Filtered rows, each behind its filter byte.
  private var stored = Buffer(byteCount: 0)
  /// The last row, unfiltered but not expanded.
  private var above: Buffer
  /// Room for the next.
  private var here: Buffer
  private var whole: Image?

  /// Rows that are decompressed in one go, in bytes.
  private static let batchBytes = 256 << 10

  init(_ reader: ByteReader, options: ReadOptions) throws(ImageError) {
    var header = try PNGHeader(reading: reader, limits: options.limits)
    header.keepsIndices = options.keepsIndices
    self.header = header
    layout = header.layout
    metadata = header.metadata
    warnings = header.warnings
    if header.frameCount != nil { warnings.append("an animation: only its default image is read") }
    self.options = options
    expansion = SampleExpansion(header)
    let rowBytes = header.storedBytes(pixels: header.width)
    let strip = 3 * rowBytes + layout.bytesPerRow + Self.batchBytes
    try options.limits.checkMemory(
      header.interlaced ? layout.byteCount.addingSaturating(strip) : strip,
      for: header.interlaced ? "an interlaced PNG of this size" : "a row of this image")
    data = try PNGData(reader, length: header.firstDataLength)
    above = Buffer(byteCount: rowBytes)
    here = Buffer(byteCount: rowBytes)
  }

  var orientation: Orientation { header.orientation }
  var info: ImageInfo { ImageInfo(header, orientation: orientation) }

  func read(_ count: Int, into rows: UnsafeMutableRawPointer) throws(ImageError) -> Int {
    if let failure { throw failure }
    let wanted = min(count, layout.height - nextRow)
    guard wanted > 0 else { return 0 }
    do throws(ImageError) {
      if header.interlaced {
        try readInterlaced(wanted, into: rows)
      } else {
        try readRows(wanted, into: rows)
      }
      nextRow += wanted
      if nextRow == layout.height, !damaged { try finish() }
    } catch {
      failure = error
      throw error
    }
    return wanted
  }

  private func finish() throws(ImageError) {
    do throws(ImageError) {
      if try data.finish() { warnings.append("more image data than the image needs") }
    } catch {
      guard options.lenient else { throw error }
      warnings.append(error.reason)
    }
  }

  /// What a damaged file lacks is left zero, if that was asked for.
  private func forgive(_ error: ImageError, missingRows: Int) throws(ImageError) {
    if case .system = error { throw error }
    guard options.lenient else { throw error }
    damaged = true
    warnings.append(
      missingRows == 0
        ? error.reason
        : "\(error.reason); \(Images.missingRows(missingRows)) and left black")
  }

  // MARK: Row after row

  private func readRows(_ count: Int, into rows: UnsafeMutableRawPointer) throws(ImageError) {
    let batch = Self.batch(header.storedBytes(pixels: header.width))
    var done = 0
    while done < count {
      let size = min(batch, count - done)
      let destination = rows + done * layout.bytesPerRow
      var complete = 0
      if !damaged {
        do throws(ImageError) {
          try readBatch(size, into: destination, rowsDone: &complete)
        } catch {
          try forgive(error, missingRows: layout.height - nextRow - done - complete)
        }
      }
      memset(
        destination + complete * layout.bytesPerRow, 0, (size - complete) * layout.bytesPerRow)
      done += size
    }
  }

  /// Decompresses `count` rows of `rowBytes` bytes and a filter byte each to `stored`; returns how many
  /// are complete, and what kept the others from being so.
  private func readStored(_ count: Int, rowBytes: Int) -> (rows: Int, failure: ImageError?) {
    let byteCount = count * (rowBytes + 1)
    if stored.bytes.count < byteCount { stored = Buffer(byteCount: byteCount) }
    var filled = 0
    do throws(ImageError) {
      try data.read(
        into: UnsafeMutableRawBufferPointer(rebasing: stored.bytes[..<byteCount]), filled: &filled)
    } catch {
      return (filled / (rowBytes + 1), error)
    }
    return (count, nil)
  }

  /// Rows that are decompressed in one go.
  private static func batch(_ rowBytes: Int) -> Int { max(1, batchBytes / (rowBytes + 1)) }

  private func readBatch(
    _ count: Int, into rows: UnsafeMutableRawPointer, rowsDone: inout Int
  ) throws(ImageError) {
    let rowBytes = header.storedBytes(pixels: header.width)
    let (complete, failure) = readStored(count, rowBytes: rowBytes)
    while rowsDone < complete {
      let line = stored.start + rowsDone * (rowBytes + 1)
      let destination = rows + rowsDone * layout.bytesPerRow
      guard expansion.isIdentity else {
        try decodeRow(line, pixels: header.width, into: destination)
        rowsDone += 1
        continue
      }
      let before =
        rowsDone == 0 ? UnsafeRawPointer(above.start) : UnsafeRawPointer(destination - rowBytes)
      let isPair = rowsDone + 1 < complete && line[0] == 4 && line[rowBytes + 1] == 4
      if isPair {
        unfilterPaethPair(
          line + 1, into: destination.assumingMemoryBound(to: UInt8.self),
          above: before.assumingMemoryBound(to: UInt8.self), count: rowBytes,
          pixelBytes: header.bitsPerPixel / 8)
      } else {
        try unfilterRow(line, into: destination, above: before, count: rowBytes)
      }
      rowsDone += isPair ? 2 : 1
    }
    if expansion.isIdentity, rowsDone > 0 {
      memcpy(above.start, rows + (rowsDone - 1) * rowBytes, rowBytes)
    }
    if let failure { throw failure }
  }

  private func unfilterRow(
    _ line: UnsafePointer<UInt8>, into row: UnsafeMutableRawPointer, above: UnsafeRawPointer,
    count: Int
  ) throws(ImageError) {
    let isKnown = unfilter(
      line[0], line + 1, into: row.assumingMemoryBound(to: UInt8.self),
      above: above.assumingMemoryBound(to: UInt8.self), count: count,
      pixelBytes: max(1, header.bitsPerPixel / 8))
    guard isKnown else { throw .corrupt("row filter \(line[0]) does not exist") }
  }

  /// Unfilters and expands one row, which is kept for the next one's filter.
  private func decodeRow(
    _ line: UnsafePointer<UInt8>, pixels: Int, into row: UnsafeMutableRawPointer
  ) throws(ImageError) {
    try unfilterRow(
      line, into: here.start, above: above.start, count: header.storedBytes(pixels: pixels))
    expansion.expand(here.start, pixels: pixels, into: row)
    let kept = here
    here = above
    above = kept
  }

  // MARK: Interlaced

  private func readInterlaced(
    _ count: Int, into rows: UnsafeMutableRawPointer
  ) throws(ImageError) {
    let image: Image
    if let whole {
      image = whole
    } else {
      image = try decodeInterlaced()
      whole = image
    }
    image.copyRows(
      nextRow..<nextRow + count,
      to: UnsafeMutableRawBufferPointer(start: rows, count: count * layout.bytesPerRow))
    if nextRow + count == layout.height { whole = nil }
  }

  private func decodeInterlaced() throws(ImageError) -> Image {
    var image = Image(layout: layout)
    for (number, pass) in Adam7Pass.all.enumerated() where pass.columns(of: header.width) > 0 {
      do throws(ImageError) { try decode(pass, into: &image) } catch {
        if case .system = error { throw error }
        guard options.lenient else { throw error }
        damaged = true
        warnings.append("\(error.reason); the image is incomplete from pass \(number + 1) of 7 on")
        return image
      }
    }
    return image
  }

  private func decode(_ pass: Adam7Pass, into image: inout Image) throws(ImageError) {
    let columns = pass.columns(of: header.width)
    let rows = pass.rows(of: header.height)
    let rowBytes = header.storedBytes(pixels: columns)
    let line = Buffer(byteCount: layout.bytesPerRow)
    above.clear()
    var row = 0
    while row < rows {
      try options.cancellation?.checkImage()
      let (complete, failure) = readStored(
        min(Self.batch(rowBytes), rows - row), rowBytes: rowBytes)
      for index in 0..<complete {
        try decodeRow(stored.start + index * (rowBytes + 1), pixels: columns, into: line.start)
        scatter(line, columns, to: &image, row: pass.firstRow + row * pass.rowStep, pass)
        row += 1
      }
      if let failure { throw failure }
    }
  }

  /// Puts a pass's pixels where they belong in the image.
  private func scatter(
    _ line: Buffer, _ columns: Int, to image: inout Image, row: Int, _ pass: Adam7Pass
  ) {
    let pixelBytes = layout.channels * layout.sample.byteCount
    let start = row * layout.bytesPerRow
    image.withUnsafeMutableBytes { bytes in
      for column in 0..<columns {
        let place = start + (pass.firstColumn + column * pass.columnStep) * pixelBytes
        for byte in 0..<pixelBytes {
          bytes[place + byte] = line.bytes[column * pixelBytes + byte]
        }
      }
    }
  }
}
