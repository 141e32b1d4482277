import Glibc

/// An image in memory: its pixels (H × W × C, see ``PixelLayout``) and what its file said beside them.
///
/// A value: a copy shares the pixels until one of the two is written to.
public struct Image: Sendable {
  /// Size, channels and sample type.
  public let layout: PixelLayout
  /// Profile, EXIF and resolution, carried from file to file.
  public var metadata: Metadata
  private var storage: PixelStorage

  /// A black (all zero, with alpha transparent) image.
  public init(layout: PixelLayout, metadata: Metadata = Metadata()) {
    self.layout = layout
    self.metadata = metadata
    storage = PixelStorage(byteCount: layout.byteCount)
  }

  /// An image of these bytes, the first row first.
  ///
  /// - Precondition: `bytes` has as many as `layout` says.
  public init(layout: PixelLayout, bytes: [UInt8], metadata: Metadata = Metadata()) {
    precondition(bytes.count == layout.byteCount, "as many bytes as the layout has")
    self.init(layout: layout, metadata: metadata)
    storage.bytes.copyBytes(from: bytes)
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

extension Image: Equatable {
  /// Whether layout, pixels and metadata are the same.
  public static func == (left: Image, right: Image) -> Bool {
    left.layout == right.layout && left.metadata == right.metadata
      && left.withUnsafeBytes { a in
        right.withUnsafeBytes { b in
          guard let a = a.baseAddress, let b = b.baseAddress else { return true }
          return memcmp(a, b, left.layout.byteCount) == 0
        }
      }
  }
}

/// The pixels that copies of an ``Image`` share.
///
/// Unchecked: `Image` writes only to a storage that nothing else refers to.
private final class PixelStorage: @unchecked Sendable {
  let bytes: UnsafeMutableRawBufferPointer

  /// All zero. `calloc` takes fresh pages from the system as they are, without touching them.
  init(byteCount: Int) {
    guard let start = calloc(max(byteCount, 1), 1) else {
      fatalError("out of memory for an image of \(byteCount) bytes")
    }
    bytes = UnsafeMutableRawBufferPointer(start: start, count: byteCount)
    // Large pages make the first touch of a large image several times cheaper; a refusal is none.
    let page = 4096
    let first = (Int(bitPattern: start) + page - 1) & -page
    let end = (Int(bitPattern: start) + byteCount) & -page
    if end - first >= 1 << 22, let pages = UnsafeMutableRawPointer(bitPattern: first) {
      madvise(pages, end - first, MADV_HUGEPAGE)
    }
  }

  convenience init(copying other: PixelStorage) {
    self.init(byteCount: other.bytes.count)
    bytes.copyMemory(from: UnsafeRawBufferPointer(other.bytes))
  }

  deinit { free(bytes.baseAddress) }
}
