/// Cells added around an image before a window moves over it.
public struct EdgePadding: Hashable, Sendable, ExpressibleByIntegerLiteral {
  public let top: Int
  public let left: Int
  public let bottom: Int
  public let right: Int

  public init(top: Int, left: Int, bottom: Int, right: Int) {
    self.top = top
    self.left = left
    self.bottom = bottom
    self.right = right
  }

  /// The same on opposite sides.
  public init(height: Int, width: Int) {
    self.init(top: height, left: width, bottom: height, right: width)
  }

  /// The same on all sides.
  public init(_ cells: Int) {
    self.init(height: cells, width: cells)
  }

  public init(integerLiteral cells: Int) {
    self.init(cells)
  }

  /// Whether none is negative and all are small enough for shape arithmetic.
  var isUsable: Bool {
    [top, left, bottom, right].allSatisfy { (0...Limits.maxExtent).contains($0) }
  }
}

extension EdgePadding: CustomStringConvertible {
  /// "1,0,1,0": top, left, bottom, right.
  public var description: String { "\(top),\(left),\(bottom),\(right)" }
}

/// In JSON `[top, left, bottom, right]`.
extension EdgePadding: Codable {
  public init(from decoder: any Decoder) throws {
    var list = try decoder.unkeyedContainer()
    self.init(
      top: try list.decode(Int.self), left: try list.decode(Int.self),
      bottom: try list.decode(Int.self), right: try list.decode(Int.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var list = encoder.unkeyedContainer()
    for side in [top, left, bottom, right] { try list.encode(side) }
  }
}
