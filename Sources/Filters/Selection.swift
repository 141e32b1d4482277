import Images

/// The pixels that a filter is confined to. Statistics are taken of these; all others stay as they are.
struct Selection: Sendable {
  /// Nil: all.
  let region: Region?
  /// A gray image of the same size; a pixel is selected from 128 on. Nil: all.
  let mask: Image?

  static let everything = Selection(region: nil, mask: nil)

  var isEverything: Bool { region == nil && mask == nil }

  /// The rows that may have selected pixels.
  func rows(of layout: PixelLayout) -> Range<Int> {
    region.map { $0.y..<$0.y + $0.height } ?? 0..<layout.height
  }

  /// Calls `body` with each run of selected columns of a row, from left to right.
  func forEachRun(in row: Int, of layout: PixelLayout, _ body: (Range<Int>) -> Void) {
    let columns = region.map { $0.x..<$0.x + $0.width } ?? 0..<layout.width
    guard let mask else { return body(columns) }
    mask.withUnsafeBytes { bytes in
      var start = columns.lowerBound
      while start < columns.upperBound {
        while start < columns.upperBound, bytes[row * layout.width + start] < 128 { start += 1 }
        var end = start
        while end < columns.upperBound, bytes[row * layout.width + end] >= 128 { end += 1 }
        if start < end { body(start..<end) }
        start = end
      }
    }
  }
}

/// A rectangle of pixels.
public struct Region: Sendable, Hashable {
  /// Left column and top row, from 0.
  public var x, y: Int
  /// Columns and rows, at least 1.
  public var width, height: Int

  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// Reads `X,Y,W,H`.
  public init(_ text: String) throws(FilterError) {
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 4, let x = numbers[0], let y = numbers[1], let width = numbers[2],
      let height = numbers[3], x >= 0, y >= 0, width > 0, height > 0
    else {
      throw .badArgument(
        "\"\(text)\" is no part of an image; give X,Y,W,H in pixels, as 0,0,100,50")
    }
    self.init(x: x, y: y, width: width, height: height)
  }

  /// - Throws: when it is not wholly inside such an image.
  func check(inside layout: PixelLayout) throws(FilterError) {
    guard width <= layout.width, height <= layout.height, x <= layout.width - width,
      y <= layout.height - height
    else {
      throw .badArgument(
        "the part \(x),\(y),\(width),\(height) is not inside the image of "
          + "\(layout.width) × \(layout.height) pixels")
    }
  }
}
