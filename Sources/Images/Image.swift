/// An image in memory: its pixels (H × W × C, see ``PixelLayout``) and what its file said beside them.
///
/// A value: a copy shares the pixels until one of the two is written to.
public struct Image: Sendable {
  /// Size, channels and sample type.
  public let layout: PixelLayout
  /// Profile, EXIF and resolution, carried from file to file.
  public var metadata: Metadata
  private var storage: PixelStorage

  /// A black (all zero) image.
  public init(layout: PixelLayout, metadata: Metadata = Metadata()) {
    self.layout = layout
    self.metadata = metadata
    storage = PixelStorage(byteCount: layout.byteCount)
  }

  public var width: Int { layout.width }
  public var height: Int { layout.height }
  public var channels: Int { layout.channels }

  /// Calls `body` with the bytes of all rows, first row first.
  public func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(storage.bytes))
  }

  /// Calls `body` with the bytes of all rows, to be written.
  public mutating func withUnsafeMutableBytes<Result, Failure: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    if !isKnownUniquelyReferenced(&storage) { storage = PixelStorage(copying: storage) }
    return try body(storage.bytes)
  }
}

/// The pixels that copies of an ``Image`` share.
///
/// Unchecked: `Image` writes only to a storage that nothing else refers to.
private final class PixelStorage: @unchecked Sendable {
  let bytes: UnsafeMutableRawBufferPointer

  init(byteCount: Int) {
    bytes = .allocate(byteCount: byteCount, alignment: 64)
    bytes.initializeMemory(as: UInt8.self, repeating: 0)
  }

  init(copying other: PixelStorage) {
    bytes = .allocate(byteCount: other.bytes.count, alignment: 64)
    bytes.copyMemory(from: UnsafeRawBufferPointer(other.bytes))
  }

  deinit { bytes.deallocate() }
}
