/// The extents of a tensor along each axis, outermost first; `[]` is a scalar.
///
/// Images in the network are N × C × H × W.
public struct Shape: Hashable, Sendable, Codable {
  public let dimensions: [Int]

  public init(_ dimensions: some Sequence<Int>) {
    self.dimensions = Array(dimensions)
  }

  /// The number of axes.
  public var rank: Int { dimensions.count }

  /// The number of elements: the product of all extents, 1 for a scalar.
  ///
  /// A product that no `Int` holds gives `Int.max`, and a negative extent gives 0, so that any
  /// shape can be measured before anything is allocated for it.
  public var count: Int {
    var product = 1
    for dimension in dimensions {
      if dimension <= 0 { return 0 }
      let (partial, overflow) = product.multipliedReportingOverflow(by: dimension)
      product = overflow ? Int.max : partial
    }
    return product
  }

  public subscript(axis: Int) -> Int { dimensions[axis] }

  /// The distance in elements between neighbors along each axis, row-major.
  public var strides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) {
      strides[axis] =
        strides[axis + 1].multipliedReportingOverflow(
          by: dimensions[axis + 1]
        ).partialValue
    }
    return strides
  }

  /// The same extents with one of them replaced.
  public func replacing(axis: Int, with extent: Int) -> Shape {
    var changed = dimensions
    changed[axis] = extent
    return Shape(changed)
  }
}

extension Shape: ExpressibleByArrayLiteral {
  public init(arrayLiteral elements: Int...) {
    self.init(elements)
  }
}

extension Shape: CustomStringConvertible {
  /// "64×3×32×32", or "scalar".
  public var description: String {
    dimensions.isEmpty ? "scalar" : dimensions.map(String.init).joined(separator: "×")
  }
}
