/// Hands over the rows of an image in memory.
public final class ImageRows: RowSource {
  public let layout: PixelLayout
  public let metadata: Metadata
  private let image: Image
  private var done = 0

  public init(_ image: Image) {
    self.image = image
    layout = image.layout
    metadata = image.metadata
  }

  public func read(_ count: Int, into rows: UnsafeMutableRawPointer) throws(ImageError) -> Int {
    let now = min(count, layout.height - done)
    guard now > 0 else { return 0 }
    image.copyRows(
      done..<done + now,
      to: UnsafeMutableRawBufferPointer(start: rows, count: now * layout.bytesPerRow))
    done += now
    return now
  }
}
