import Files

/// Images that a viewer shows one after the other, for ever: an animated PNG. A viewer that knows no
/// animations shows the first image.
///
/// *Portable Network Graphics (PNG) Specification (Third Edition)*, W3C 2025, §4.9 and §11.3.6.
public struct AnimatedPNG: Sendable {
  private let frames: [Image]
  private let framesPerSecond: UInt16
  private let software: String?

  /// - Parameters:
  ///   - frames: one or more, all of one layout, 8 or 16 bits.
  ///   - framesPerSecond: from 1.
  ///   - software: the name and version of the program that writes; nil says nothing.
  public init(
    frames: [Image], framesPerSecond: Int, software: String? = nil
  ) throws(ImageError) {
    guard let first = frames.first, frames.allSatisfy({ $0.layout == first.layout }) else {
      throw .invalidRequest("an animation takes one image or more, all of one size and kind")
    }
    guard let rate = UInt16(exactly: framesPerSecond), rate > 0 else {
      throw .invalidRequest("\(framesPerSecond) frames a second cannot be; give 1 to 65535")
    }
    self.frames = frames
    self.framesPerSecond = rate
    self.software = software
  }

  /// Writes the animation.
  public func write(to sink: any ByteSink) throws(ImageError) {
    var number: UInt32 = 0
    for (index, frame) in frames.enumerated() {
      var options = WriteOptions(format: .png)
      // All frames have one kind of pixel.
      options.packsPixels = false
      options.software = software
      let file = try frame.encoded(options)
      for chunk in Chunk.chunks(of: file) {
        switch chunk.type {
        case "IDAT" where index > 0:
          try Chunk(type: "fdAT", data: Self.next(&number) + chunk.data).write(to: sink)
        case "IDAT": try chunk.write(to: sink)
        case "IHDR" where index == 0:
          try withImageErrors(try sink.write(PNGHeader.signature))
          try chunk.write(to: sink)
          // How many frames; 0 plays for ever.
          let counts = bigEndianBytes(UInt32(frames.count)) + bigEndianBytes(UInt32(0))
          try Chunk(type: "acTL", data: counts).write(to: sink)
        case "IEND" where index < frames.count - 1, "IHDR": break
        default: if index == 0 || chunk.type == "IEND" { try chunk.write(to: sink) }
        }
        if chunk.type == "IHDR" { try control(&number).write(to: sink) }
      }
    }
  }

  /// Writes the animation to a file, which is replaced only once it is complete.
  public func write(path: String) throws(ImageError) {
    let file = try withImageErrors(try AtomicFile(path: path))
    try write(to: file)
    try withImageErrors(try file.commit())
  }

  /// The next frame: the whole canvas, for one part of a second, replacing what was there.
  private func control(_ number: inout UInt32) -> Chunk {
    let layout = frames[0].layout
    return Chunk(
      type: "fcTL",
      data: Self.next(&number) + bigEndianBytes(UInt32(layout.width))
        + bigEndianBytes(UInt32(layout.height)) + bigEndianBytes(UInt32(0))
        + bigEndianBytes(UInt32(0))
        + [0, 1, UInt8(framesPerSecond >> 8), UInt8(framesPerSecond & 0xff), 0, 0])
  }

  private static func next(_ number: inout UInt32) -> [UInt8] {
    defer { number += 1 }
    return bigEndianBytes(number)
  }
}

extension PixelLayout {
  /// Refuses an animation of more pixels than an image may have, before its frames are made.
  ///
  /// - Throws: ``ImageError/invalidRequest(_:)``.
  package func requireAnimation(of count: Int) throws(ImageError) {
    let (pixels, overflows) = (width * height).multipliedReportingOverflow(by: count)
    let most = Limits.standard.maximumPixels
    guard !overflows, pixels <= most else {
      throw .invalidRequest("an animation of \(count) images would have more than \(most) pixels")
    }
  }
}

/// A chunk of a PNG file that this package wrote.
private struct Chunk {
  var type: String
  var data: [UInt8]

  static func chunks(of file: [UInt8]) -> [Chunk] {
    var chunks: [Chunk] = []
    var start = PNGHeader.signature.count
    while start + 8 <= file.count {
      let end = start + 8 + Int(bigEndian32(file, at: start))
      guard end + 4 <= file.count else { break }
      chunks.append(
        Chunk(
          type: String(decoding: file[start + 4..<start + 8], as: UTF8.self),
          data: Array(file[start + 8..<end])))
      start = end + 4
    }
    return chunks
  }

  func write(to sink: any ByteSink) throws(ImageError) { try sink.writeChunk(type, data) }
}
