import Graphs
import Tensors

/// One or two neighboring spatial axes of an image batch as the engine pools them: as rows and
/// columns of N × C × H × W.
struct PoolPlane {
  /// The image batch as N × C × H × W.
  private let shape: Shape
  /// Which of the image batch's axes become rows and columns; -1 where there is none.
  private let rows, columns: Int
  private let window, strides, dilation: Size2D
  private let padding: EdgePadding

  /// The axes that are pooled together, counted from the first spatial one: the last two, then each of
  /// the others.
  static func axes(_ count: Int) -> [Range<Int>] {
    count <= 2 ? [0..<count] : [count - 2..<count] + (0..<count - 2).map { $0..<$0 + 1 }
  }

  init(_ attributes: WindowAttributes, _ axes: Range<Int>, of image: Shape) {
    let extents = Array(image.dimensions[2...])
    let (first, last) = (axes.lowerBound, axes.upperBound - 1)
    let isFollowed = axes.count == 1 && last < extents.count - 1
    // A single axis with others behind it is the rows, what is behind it the columns; a last single
    // axis is the columns.
    let rows = axes.count == 2 || isFollowed ? first : -1
    let columns = isFollowed ? -1 : last
    (self.rows, self.columns) = (rows, columns)
    let outer = image.dimensions[2..<first + 2].reduce(1, *)
    let inner = extents[(last + 1)...].reduce(1, *)
    shape = [
      image[0], image[1] * outer, rows < 0 ? 1 : extents[rows],
      columns < 0 ? inner : extents[columns],
    ]
    func extent(_ values: [Int]) -> Size2D {
      Size2D(
        height: rows < 0 ? 1 : values[rows], width: columns < 0 ? 1 : values[columns])
    }
    window = extent(attributes.kernel)
    strides = extent(attributes.strides)
    dilation = extent(attributes.dilations)
    // The padding that makes just as many places as there are.
    func behind(_ axis: Int) -> Int {
      axis < 0 ? 0 : max(attributes.reachBehind(extents, axis), 0)
    }
    padding = EdgePadding(
      top: rows < 0 ? 0 : attributes.before[rows],
      left: columns < 0 ? 0 : attributes.before[columns],
      bottom: behind(rows), right: behind(columns))
  }

  var maxPool: MaxPool {
    MaxPool(window: window, strides: strides, padding: padding, dilation: dilation)
  }

  /// Without the dilation, which the engine's average has not.
  func averagePool(countsPadding: Bool) -> AveragePool {
    AveragePool(window: window, strides: strides, padding: padding, countsPadding: countsPadding)
  }

  /// Pools the axes of an image batch; the others stay.
  func apply(
    _ pool: any Operation, _ x: Node, _ context: ImportContext
  ) throws(ONNXError) -> Node {
    if x.shape == shape { return try context.apply(pool, x) }
    let y = try context.apply(pool, context.apply(Reshape(shape), x))
    var result = x.shape
    if rows >= 0 { result = result.replacing(axis: rows + 2, with: y.shape[2]) }
    if columns >= 0 { result = result.replacing(axis: columns + 2, with: y.shape[3]) }
    return try context.apply(Reshape(result), y)
  }
}
