/// How much color detail a JPEG keeps, written as in J:a:b.
public enum ChromaSubsampling: String, Sendable, Hashable, CaseIterable {
  /// Color for every pixel.
  case full = "4:4:4"
  /// Color for every second pixel across.
  case half = "4:2:2"
  /// Color for every second pixel across and down.
  case quarter = "4:2:0"
  /// Color for every second pixel down.
  case halfDown = "4:4:0"
  /// Color for every fourth pixel across.
  case quarterAcross = "4:1:1"

  /// Luma samples across and down for each sample of color.
  var factors: (horizontal: Int, vertical: Int) {
    switch self {
    case .full: (1, 1)
    case .half: (2, 1)
    case .quarter: (2, 2)
    case .halfDown: (1, 2)
    case .quarterAcross: (4, 1)
    }
  }

  /// Nil for factors that none of these has.
  init?(horizontal: Int, vertical: Int) {
    guard let match = Self.allCases.first(where: { $0.factors == (horizontal, vertical) }) else {
      return nil
    }
    self = match
  }
}

/// How a JPEG was compressed, so that another can be compressed alike.
public struct JPEGEncoding: Sendable, Equatable {
  /// The divisors of luma and of chroma, 64 each, row by row from the lowest frequency.
  var tables: [[UInt16]]
  /// Nil for a gray image and for factors that are not written here.
  public var subsampling: ChromaSubsampling?

  /// The quality, 1 to 100, at which libjpeg's tables come closest.
  public var quality: Int {
    let luma = tables[0]
    return (1...100).min { first, second in
      Self.distance(luma, first) < Self.distance(luma, second)
    } ?? 100
  }

  private static func distance(_ table: [UInt16], _ quality: Int) -> Int {
    let percent = quality < 50 ? 5000 / quality : 200 - 2 * quality
    return zip(table, standardLuma).reduce(0) { sum, pair in
      let value = min(255, max(1, (pair.1 * percent + 50) / 100))
      return sum + abs(Int(pair.0) - value)
    }
  }

  /// For an image that took a quarter turn.
  var transposed: JPEGEncoding {
    var result = self
    result.tables = tables.map { table in (0..<64).map { table[$0 % 8 * 8 + $0 / 8] } }
    result.subsampling = subsampling.map { subsampling in
      switch subsampling {
      case .half: .halfDown
      case .halfDown: .half
      // There is no 4:1:1 that runs down.
      case .quarterAcross: .quarter
      case .full, .quarter: subsampling
      }
    }
    return result
  }

  /// ITU-T T.81, table K.1.
  private static let standardLuma = [
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55,
    14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
  ]
}
