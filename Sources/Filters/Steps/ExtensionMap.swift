/// Extends rows of numbers to both sides by their border; a constant border's places are left as
/// they are.
struct ExtensionMap {
  /// A pixel of the extension and the pixel of the extended row that stands for it.
  private let copies: [(to: Int, from: Int)]
  private let channels: Int

  init(_ geometry: WindowGeometry) {
    let (columns, width) = (geometry.columns, geometry.input.width)
    let outside =
      Array(-columns.before..<0) + Array(width..<width + columns.after)
    copies = outside.compactMap { column in
      geometry.border.source(of: column, count: width).map {
        (to: column + columns.before, from: $0 + columns.before)
      }
    }
    channels = geometry.input.channels
  }

  /// - Parameter row: a row with its extension, whose inside is filled.
  func extend<Number: BitwiseCopyable>(_ row: UnsafeMutablePointer<Number>) {
    for copy in copies {
      for channel in 0..<channels {
        row[copy.to * channels + channel] = row[copy.from * channels + channel]
      }
    }
  }
}
