import CCodecs
import Files
import Glibc

/// Encodes a PNG by rows: strips are filtered and compressed on several threads and written in order, as
/// one zlib stream. The bytes do not depend on the number of threads.
final class PNGWriter: RowSink {
  private let sink: any ByteSink
  private let layout: PixelLayout
  private let compression: Compression
  private let cancellation: Cancellation?
  private let monitor = Monitor()
  private let queue: WorkQueue
  private var queued: [PNGStrip] = []
  private var free: [PNGStrip] = []
  private var current: PNGStrip
  private var rowsTaken = 0
  private var adler: UInt32 = 1
  private var failure: ImageError?

  /// Bytes of a strip before compression, about.
  private static func stripBytes(_ compression: Compression) -> Int {
    compression == .small ? 4 << 20 : 512 << 10
  }

  /// - Parameter packing: how the pixels of `layout` are packed, whose rows are then bytes: of one channel.
  init(
    to sink: any ByteSink, layout: PixelLayout, metadata: Metadata, options: WriteOptions,
    packing: PNGPacking? = nil
  ) throws(ImageError) {
    guard layout.sample != .float32 else {
      throw .invalidRequest("PNG holds 8 or 16 bits a sample, not floats")
    }
    guard (1..<1 << 31).contains(layout.width), (1..<1 << 31).contains(layout.height) else {
      throw .unsupported("PNG holds no image of \(layout.width) × \(layout.height) pixels")
    }
    self.sink = sink
    self.layout = layout
    (compression, cancellation) = (options.compression, options.cancellation)
    let threads = options.threads
    let rowsPerStrip = min(
      layout.height, max(1, Self.stripBytes(options.compression) / layout.bytesPerRow))
    // One strip is work for one thread, and that may as well be this one.
    queue = WorkQueue(threads: threads > 1 && rowsPerStrip < layout.height ? threads : 0)
    current = Self.makeStrip(layout, rowsPerStrip, compression, cancellation)
    current.begin(below: nil)
    try withImageErrors(try sink.write(PNGHeader.signature))
    try writeHeader(metadata, packing)
  }

  /// Encodes indices of a palette, a byte each: red, green and blue of its entries.
  convenience init(
    to sink: any ByteSink, layout: PixelLayout, metadata: Metadata, options: WriteOptions,
    palette: [UInt8]
  ) throws(ImageError) {
    guard layout.channels == 1, layout.sample == .uint8, !palette.isEmpty,
      palette.count % 3 == 0, palette.count <= 3 * 256
    else {
      throw .invalidRequest("a palette of 1…256 colors goes with 8-bit gray samples")
    }
    try self.init(
      to: sink, layout: layout, metadata: metadata, options: options,
      packing: PNGPacking(width: layout.width, bitDepth: 8, palette: (palette, [])))
  }

  private static func makeStrip(
    _ layout: PixelLayout, _ rows: Int, _ compression: Compression, _ cancellation: Cancellation?
  ) -> PNGStrip {
    PNGStrip(
      capacity: rows, rowBytes: layout.bytesPerRow,
      pixelBytes: layout.channels * layout.sample.byteCount, compression: compression,
      cancellation: cancellation)
  }

  func write(_ count: Int, from rows: UnsafeRawPointer) throws(ImageError) {
    if let failure { throw failure }
    guard count <= layout.height - rowsTaken else {
      throw .invalidRequest("more rows than the image has")
    }
    var done = 0
    while done < count {
      let taken = min(count - done, current.capacity - current.rowCount)
      for row in 0..<taken {
        copyRow(
          rows + (done + row) * layout.bytesPerRow, to: current.row(current.rowCount + row))
      }
      current.addedRows(taken)
      done += taken
      rowsTaken += taken
      if current.rowCount == current.capacity || rowsTaken == layout.height {
        try remembering { () throws(ImageError) in try submit() }
      }
    }
  }

  func finish() throws(ImageError) {
    if let failure { throw failure }
    guard rowsTaken == layout.height else {
      throw .invalidRequest("\(rowsTaken) of \(layout.height) rows were written")
    }
    try remembering { () throws(ImageError) in
      while !queued.isEmpty { try writeOldest() }
      try sink.writeChunk("IEND", [])
    }
  }

  /// After an error every further call gives the same one.
  private func remembering(_ body: () throws(ImageError) -> Void) throws(ImageError) {
    do throws(ImageError) { try body() } catch {
      failure = error
      throw error
    }
  }

  /// 16-bit samples are stored with the high byte first.
  private func copyRow(_ row: UnsafeRawPointer, to stored: UnsafeMutablePointer<UInt8>) {
    guard layout.sample == .uint16 else {
      memcpy(stored, row, layout.bytesPerRow)
      return
    }
    let target = UnsafeMutableRawPointer(stored)
    for i in 0..<layout.samplesPerRow {
      let sample = row.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self)
      target.storeBytes(of: sample.bigEndian, toByteOffset: 2 * i, as: UInt16.self)
    }
  }

  /// Hands the full strip over for compression and makes another one current.
  private func submit() throws(ImageError) {
    let strip = current
    let isLast = rowsTaken == layout.height
    let isFirst = rowsTaken == strip.rowCount
    queued.append(strip)
    queue.add { [monitor] in
      strip.compress(isFirst: isFirst, isLast: isLast)
      monitor.withLock {
        strip.isDone = true
        monitor.signal()
      }
    }
    if isLast { return }
    // One strip more than threads: it is filled while the others are compressed.
    let next = free.popLast() ?? Self.makeStrip(layout, strip.capacity, compression, cancellation)
    next.begin(below: strip)
    current = next
    while queued.count > queue.threadCount { try writeOldest() }
  }

  /// Waits for the strip that comes next in the file and writes it.
  private func writeOldest() throws(ImageError) {
    let strip = queued.removeFirst()
    monitor.withLock {
      while !strip.isDone { monitor.wait() }
    }
    try cancellation?.checkImage()
    guard !strip.hasFailed else { throw .system("cannot compress", errno: ENOMEM) }
    adler = vision_adler32_combine(adler, strip.adler, strip.filteredCount)
    let isLast = queued.isEmpty && rowsTaken == layout.height
    let trailer = isLast ? bigEndianBytes(adler) : []
    let head = bigEndianBytes(UInt32(strip.outputCount + trailer.count)) + Array("IDAT".utf8)
    let tail = trailer + bigEndianBytes(vision_crc32(strip.crc, trailer, trailer.count))
    try withImageErrors(try sink.write(head))
    try withImageErrors(try sink.write(strip.compressed))
    try withImageErrors(try sink.write(tail))
    free.append(strip)
  }

  // MARK: Chunks before the pixels

  private func writeHeader(_ metadata: Metadata, _ packing: PNGPacking?) throws(ImageError) {
    let colorType: PNGHeader.ColorType =
      switch layout.channels {
      case 1: packing?.palette == nil ? .gray : .palette
      case 2: .grayAlpha
      case 3: .rgb
      default: .rgba
      }
    try sink.writeChunk(
      "IHDR",
      bigEndianBytes(UInt32(packing?.width ?? layout.width)) + bigEndianBytes(UInt32(layout.height))
        + [UInt8(packing?.bitDepth ?? 8 * layout.sample.byteCount), colorType.rawValue, 0, 0, 0])
    try writeColors(metadata)
    if let palette = packing?.palette {
      try sink.writeChunk("PLTE", palette.colors)
      if !palette.alpha.isEmpty { try sink.writeChunk("tRNS", palette.alpha) }
    }
    if let resolution = metadata.resolution {
      try writeShape(
        UInt32(clampedRounding: resolution.horizontal),
        UInt32(clampedRounding: resolution.vertical), unit: 1)
    } else if let aspect = metadata.pixelAspect {
      try writeShape(aspect.horizontal, aspect.vertical, unit: 0)
    }
    if let exif = metadata.exif { try sink.writeChunk("eXIf", exif) }
    for (type, data) in metadata.texts.compactMap(PNGText.chunk) { try sink.writeChunk(type, data) }
    if let xmp = metadata.xmp {
      let (type, data) = PNGText.chunk(xmp: xmp)
      try sink.writeChunk(type, data)
    }
  }

  private func writeColors(_ metadata: Metadata) throws(ImageError) {
    let description = metadata.colorDescription
    if let cicp = description.cicp, cicp.count == 4 { try sink.writeChunk("cICP", cicp) }
    if let profile = metadata.colorProfile, let compressed = deflate(profile) {
      try sink.writeChunk("iCCP", Array("ICC profile".utf8) + [0, 0] + compressed)
    }
    if let intent = description.renderingIntent { try sink.writeChunk("sRGB", [intent]) }
    if let gamma = description.gamma { try sink.writeChunk("gAMA", bigEndianBytes(gamma)) }
    if let points = description.chromaticities, points.count == 8 {
      try sink.writeChunk("cHRM", points.flatMap(bigEndianBytes))
    }
  }

  private func writeShape(
    _ horizontal: UInt32, _ vertical: UInt32, unit: UInt8
  ) throws(ImageError) {
    try sink.writeChunk("pHYs", bigEndianBytes(horizontal) + bigEndianBytes(vertical) + [unit])
  }
}

extension ByteSink {
  /// Writes a chunk of a PNG: its length, type, data and checksum.
  func writeChunk(_ type: String, _ data: [UInt8]) throws(ImageError) {
    let body = Array(type.utf8) + data
    let bytes =
      bigEndianBytes(UInt32(data.count)) + body
      + bigEndianBytes(vision_crc32(0, body, body.count))
    try withImageErrors(try write(bytes))
  }
}

/// A zlib stream of all bytes; nil when there is no memory.
private func deflate(_ bytes: [UInt8]) -> [UInt8]? {
  var output = [UInt8](repeating: 0, count: vision_deflate_bound(bytes.count))
  let count = vision_deflate_strip(
    VISION_DEFLATE_NORMAL, 1, bytes, bytes.count, &output, output.count, isWanted, nil)
  guard count > 0 else { return nil }
  return [0x78, 0x9C] + output[..<count]
    + bigEndianBytes(vision_adler32(1, bytes, bytes.count))
}

extension FixedWidthInteger {
  /// The nearest integer, or the end of the range that is nearest; 0 for what is no number.
  init(clampedRounding value: Double) {
    let rounded = value.rounded()
    if let exact = Self(exactly: rounded) {
      self = exact
    } else {
      self = rounded.isNaN ? 0 : rounded < 0 ? .min : .max
    }
  }
}
