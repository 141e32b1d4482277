/// A height and a width in cells: of a window, of strides, of a dilation.
public struct Size2D: Hashable, Sendable, ExpressibleByIntegerLiteral {
  public let height: Int
  public let width: Int

  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// As high as wide.
  public init(_ side: Int) {
    self.init(height: side, width: side)
  }

  public init(integerLiteral side: Int) {
    self.init(side)
  }
}

extension Size2D: CustomStringConvertible {
  /// "3×3", height first.
  public var description: String { "\(height)×\(width)" }

  /// Whether both are at least 1 and small enough for shape arithmetic.
  var isUsable: Bool {
    (1...Limits.maxExtent).contains(height) && (1...Limits.maxExtent).contains(width)
  }
}

/// In JSON `[height, width]`.
extension Size2D: Codable {
  public init(from decoder: any Decoder) throws {
    var list = try decoder.unkeyedContainer()
    self.init(height: try list.decode(Int.self), width: try list.decode(Int.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var list = encoder.unkeyedContainer()
    for side in [height, width] { try list.encode(side) }
  }
}
