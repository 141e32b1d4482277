import Graphs
import Tensors

/// Regions of images: their features, and which of many to keep.
enum RegionOperators {
  static let table: [String: Operator] = [
    "RoiAlign": Operator(align), "NonMaxSuppression": Operator(suppress),
    "MaxUnpool": Operator(unpool),
  ]

  // MARK: - RoiAlign

  /// Each region as a grid of cells, each the mean or largest of some samples (He et al. 2017, "Mask
  /// R-CNN", section 3, arXiv 1703.06870).
  private static func align(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, regions, batches) = (try node.input(0), try node.input(1), try node.input(2))
    let context = node.context
    try context.require(
      x.rank == 4 && regions.rank == 2 && regions.shape[1] == 4
        && batches.shape == [regions.shape[0]],
      "regions of \(regions.shape) for images of \(x.shape)")
    let size = try node.require(
      [node.integer("output_height", default: 1), node.integer("output_width", default: 1)],
      "an output", atLeast: 1)
    let samples = try node.require(
      [node.integer("sampling_ratio", default: 0)], "sampling_ratio", atLeast: 0)[0]
    let takesLargest = (node.text("mode") ?? "avg") == "max"
    // Up to opset 15 places were those of output_half_pixel.
    let standard = node.opset >= 16 ? "half_pixel" : "output_half_pixel"
    let isCentered =
      (node.text("coordinate_transformation_mode") ?? standard) == "half_pixel"
    let count = regions.shape[0]
    if count == 0 { return [context.empty([0, x.shape[1], size[0], size[1]], x.element)] }
    let grid = RegionGrid(
      scale: Double(node.float("spatial_scale", default: 1)), isCentered: isCentered,
      takesLargest: takesLargest, size: size, context: context)
    if samples > 0 {
      return [try grid.aligned(x, regions, batches, samples: [samples, samples])]
    }
    // As many samples as a cell has pixels: that the regions themselves decide.
    guard let corners = try node.elements(1)?.doubles else { return [] }
    let scale = grid.scale
    let parts = try (0..<count).map { (region) throws(ONNXError) in
      let adaptive = (0..<2).map { axis in
        let near = corners[region * 4 + 1 - axis] * scale
        let far = corners[region * 4 + 3 - axis] * scale
        let extent = isCentered ? far - near : max(far - near, 1)
        return min(max(Int((extent / Double(size[axis])).rounded(.up)), 1), 1 << 12)
      }
      let index = Value(integers: [region])
      return try grid.aligned(
        x, context.gather(regions, index, axis: 0), context.gather(batches, index, axis: 0),
        samples: adaptive)
    }
    return [try context.concatenate(parts, axis: 0)]
  }

  // MARK: - NonMaxSuppression

  /// Of boxes that overlap much only the one of the highest score (class by class), which must be known:
  /// how many are left decides on the shape.
  private static func suppress(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let context = node.context
    guard let boxes = try node.elements(0)?.doubles, let scores = try node.elements(1)?.doubles
    else { throw context.invalid("expected boxes and scores") }
    let (boxShape, scoreShape) = (try node.input(0).shape, try node.input(1).shape)
    guard boxShape.rank == 3, boxShape[2] == 4, scoreShape.rank == 3,
      scoreShape[0] == boxShape[0], scoreShape[2] == boxShape[1]
    else { throw context.invalid("boxes of \(boxShape) and scores of \(scoreShape)") }
    let most = max(try node.knownIntegers(2)?.first ?? 0, 0)
    let limit = try node.elements(3)?.doubles.first ?? 0
    let least = try node.elements(4)?.doubles.first
    let isCentered = node.integer("center_point_box", default: 0) == 1
    let count = boxShape[1]
    var kept: [Int64] = []
    for batch in 0..<boxShape[0] {
      let own = (0..<count).map { index in
        Box(boxes[(batch * count + index) * 4..<(batch * count + index + 1) * 4], isCentered)
      }
      for category in 0..<scoreShape[1] {
        let first = (batch * scoreShape[1] + category) * count
        func score(_ index: Int) -> Double { scores[first + index] }
        let order = (0..<count).filter { score($0) > least ?? -.infinity }
          .sorted { (score($0), $1) > (score($1), $0) }
        var chosen: [Int] = []
        for index in order where chosen.count < most {
          if chosen.allSatisfy({ own[$0].overlap(with: own[index]) <= limit }) {
            chosen.append(index)
          }
        }
        kept += chosen.flatMap { [Int64(batch), Int64(category), Int64($0)] }
      }
    }
    return [Value(.integers(kept), [kept.count / 3, 3], .int64)]
  }

  /// A rectangle by its corners.
  private struct Box {
    let top, left, bottom, right: Double

    /// - Parameter numbers: two corners' y and x in any order, or the center's x and y, width, height.
    init(_ numbers: ArraySlice<Double>, _ isCentered: Bool) {
      let n = Array(numbers)
      if isCentered {
        (top, bottom) = (n[1] - n[3] / 2, n[1] + n[3] / 2)
        (left, right) = (n[0] - n[2] / 2, n[0] + n[2] / 2)
      } else {
        (top, bottom) = (min(n[0], n[2]), max(n[0], n[2]))
        (left, right) = (min(n[1], n[3]), max(n[1], n[3]))
      }
    }

    private var area: Double { (bottom - top) * (right - left) }

    /// The common area as a share of the area of both.
    func overlap(with other: Box) -> Double {
      let height = min(bottom, other.bottom) - max(top, other.top)
      let width = min(right, other.right) - max(left, other.left)
      guard height > 0, width > 0 else { return 0 }
      return height * width / (area + other.area - height * width)
    }
  }

  // MARK: - MaxUnpool

  /// The elements that a max pool kept back where it took them from, zeros elsewhere.
  private static func unpool(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, indices, context) = (try node.input(0), try node.input(1), node.context)
    let spatial = x.rank - 2
    try context.require(
      spatial >= 1 && indices.shape == x.shape, "\(indices.shape) places for \(x.shape)")
    let ones = [Int](repeating: 1, count: spatial)
    let kernel = try node.require(
      node.integers("kernel_shape") ?? [], "kernel_shape", atLeast: 1, count: spatial)
    let strides = try node.require(
      node.integers("strides") ?? ones, "strides", atLeast: 1, count: spatial)
    let pads = try node.require(
      node.integers("pads") ?? ones.map { _ in 0 } + ones.map { _ in 0 }, "pads", atLeast: 0,
      count: 2 * spatial)
    let pooled = (0..<spatial).map {
      (x.shape[$0 + 2] - 1) * strides[$0] + kernel[$0] - pads[$0] - pads[spatial + $0]
    }
    let whole = Shape(Array(x.shape.dimensions[..<2]) + pooled)
    try context.require(pooled.allSatisfy { $0 >= 1 }, "an output of \(whole)")
    try context.requireSize(whole)
    guard whole.count <= 1 << 24 else { throw context.unsupported("places in \(whole)") }
    let ground = try context.broadcast(Value(scalar: 0, x.element), to: [whole.count])
    let flat = try context.scatter(
      .replace, ground,
      context.fromFront(
        context.reshape(indices, to: [x.shape.count]), extents: [whole.count]),
      context.reshape(x, to: [x.shape.count]))
    let made = try context.reshape(flat, to: whole)
    guard let told = try node.knownIntegers(2) else { return [made] }
    guard told.count == x.rank, zip(told, whole.dimensions).allSatisfy(>=) else {
      throw context.invalid("an output of \(told), \(whole) or more is expected")
    }
    let missing = zip(told, whole.dimensions).map(-)
    return [
      try PadOperators.pad(
        made, [Int](repeating: 0, count: x.rank) + missing, .constant(0), context)
    ]
  }
}

/// How regions become grids.
private struct RegionGrid {
  let scale: Double
  /// Whether pixels stand for their centers.
  let isCentered: Bool
  let takesLargest: Bool
  /// Rows and columns.
  let size: [Int]
  let context: ImportContext

  /// - Parameter samples: of each cell, along rows and columns.
  func aligned(
    _ x: Value, _ regions: Value, _ batches: Value, samples: [Int]
  ) throws(ONNXError) -> Value {
    let count = regions.shape[0]
    let counts = [size[0] * samples[0], size[1] * samples[1]]
    let axes = try (0..<2).map { (axis) throws(ONNXError) in
      try neighbors(regions, axis, samples: samples[axis], extent: x.shape[axis + 2])
    }
    // Every region sees its own image.
    let images = try context.gather(x, batches, axis: 0)
    let cells = try seen(images, axes, [count] + counts)
    let channels = x.shape[1]
    let split = try context.reshape(
      cells, to: [count, channels, size[0], samples[0], size[1], samples[1]])
    return try context.reduce(
      takesLargest ? .max : .mean, split, axes: [3, 5], keepsAxes: false)
  }

  /// All samples: weighted sums of their four neighbors, or, where the largest counts, the largest of
  /// the weighted neighbors, as the operator is defined.
  private func seen(
    _ images: Value, _ axes: [[Neighbor]], _ extents: [Int]
  ) throws(ONNXError) -> Value {
    guard takesLargest else { return try context.weightedCells(images, axes, at: extents) }
    var largest: Value?
    for row in axes[0] {
      for column in axes[1] {
        let part = try context.weightedCells(images, [[row], [column]], at: extents)
        largest =
          try largest.map { (known) throws(ONNXError) in
            try context.combine(.maximum, known, part)
          } ?? part
      }
    }
    guard let largest else { throw context.invalid("no samples") }
    return largest
  }

  /// The two cells around each sample along one axis.
  private func neighbors(
    _ regions: Value, _ axis: Int, samples: Int, extent: Int
  ) throws(ONNXError) -> [Neighbor] {
    func number(_ value: Double) -> Value { Value(scalar: value) }
    func corner(_ column: Int) throws(ONNXError) -> Value {
      let numbers = try context.gather(
        regions, Value(.integers([Int64(column)]), [], .int64), axis: 1)
      let scaled = try context.combine(.multiply, numbers, number(scale))
      return isCentered ? try context.combine(.subtract, scaled, number(0.5)) : scaled
    }
    // Regions are x, y of one corner, then of the other.
    let (near, far) = (try corner(1 - axis), try corner(3 - axis))
    var length = try context.combine(.subtract, far, near)
    if !isCentered { length = try context.combine(.maximum, length, number(1)) }
    let places = size[axis] * samples
    let steps = Value(
      .floats((0..<places).map { (Double($0) + 0.5) / Double(places) }), [places], .float32)
    let count = regions.shape[0]
    func column(_ value: Value) throws(ONNXError) -> Value {
      try context.reshape(value, to: [count, 1])
    }
    let at = try context.combine(
      .add, context.combine(.multiply, column(length), steps), column(near))
    // What lies more than one pixel outside is nothing; nearer, it is the edge.
    let isSeen = try context.combine(
      .multiply, context.combine(.greaterOrEqual, at, number(-1)),
      context.combine(.lessOrEqual, at, number(Double(extent))))
    let place = try context.map(.clip(minimum: 0, maximum: Float(extent - 1)), at)
    let base = try context.map(.floor, place)
    let ratio = try context.combine(.subtract, place, base)
    let next = try context.map(
      .clip(minimum: 0, maximum: Float(extent - 1)),
      context.combine(.add, base, number(1)))
    let extents: Shape = axis == 0 ? [count, places, 1] : [count, 1, places]
    func neighbor(_ cell: Value, _ weight: Value) throws(ONNXError) -> Neighbor {
      Neighbor(
        place: try context.reshape(cell, to: extents),
        weight: try context.reshape(
          context.combine(.multiply, weight, isSeen), to: extents))
    }
    return [
      try neighbor(base, context.combine(.subtract, number(1), ratio)), try neighbor(next, ratio),
    ]
  }
}
