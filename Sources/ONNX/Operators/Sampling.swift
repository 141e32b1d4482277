import Graphs

/// Of which cells a cell of a resized axis is made, and by which weights.
///
/// Follows the definition in ONNX's operator documentation (Resize): the coordinate that a cell stands
/// for, the neighbors of that coordinate, their weights; neighbors outside are the edge's cell.
struct Sampling {
  enum Mode: String {
    case nearest, linear, cubic
  }
  enum Coordinates: String {
    case asymmetric
    case halfPixel = "half_pixel"
    case pytorchHalfPixel = "pytorch_half_pixel"
    case halfPixelSymmetric = "half_pixel_symmetric"
    case alignCorners = "align_corners"
    case cropAndResize = "tf_crop_and_resize"
  }
  enum Rounding: String {
    case preferFloor = "round_prefer_floor"
    case preferCeil = "round_prefer_ceil"
    case floor, ceil
  }

  let mode: Mode
  let coordinates: Coordinates
  let rounding: Rounding
  let cubicCoefficient: Double
  let excludesOutside: Bool
  let smooths: Bool
  let extrapolation: Float

  /// Reads a node's attributes.
  init(_ node: NodeImport, coordinates standard: String) throws(ONNXError) {
    let context = node.context
    let text = node.text("mode") ?? "nearest"
    // Upsample of old called it bilinear at first.
    guard let mode = Mode(rawValue: text == "bilinear" ? "linear" : text) else {
      throw context.unsupported("mode \(text)")
    }
    let place = node.text("coordinate_transformation_mode") ?? standard
    guard let coordinates = Coordinates(rawValue: place) else {
      throw context.unsupported("coordinate_transformation_mode \(place)")
    }
    let nearest =
      node.text("nearest_mode")
      ?? (standard == "asymmetric" ? "floor" : "round_prefer_floor")
    guard let rounding = Rounding(rawValue: nearest) else {
      throw context.unsupported("nearest_mode \(nearest)")
    }
    self.mode = mode
    self.coordinates = coordinates
    self.rounding = rounding
    cubicCoefficient = Double(node.float("cubic_coeff_a", default: -0.75))
    excludesOutside = node.flag("exclude_outside")
    smooths = node.flag("antialias")
    extrapolation = node.float("extrapolation_value", default: 0)
  }

  /// Whether the axis stays as it is.
  func isIdentity(_ axis: ResizeOperators.Axis) -> Bool {
    axis.from == axis.to && axis.scale == 1 && coordinates != .cropAndResize
  }

  // MARK: - Coordinates

  /// The coordinate in the original axis that a cell of the resized one stands for.
  func coordinate(_ cell: Int, _ axis: ResizeOperators.Axis) -> Double {
    let (x, from) = (Double(cell), Double(axis.from))
    let to = axis.scale * from
    switch coordinates {
    case .asymmetric: return x / axis.scale
    case .halfPixel: return (x + 0.5) / axis.scale - 0.5
    case .pytorchHalfPixel: return to == 1 ? -0.5 : (x + 0.5) / axis.scale - 0.5
    case .halfPixelSymmetric:
      let offset = from / 2 * (1 - Double(axis.to) / to)
      return offset + (x + 0.5) / axis.scale - 0.5
    case .alignCorners: return to == 1 ? 0 : x * (from - 1) / (to - 1)
    case .cropAndResize:
      let width = axis.region.end - axis.region.start
      let inside = to == 1 ? width * (from - 1) / 2 : x * width * (from - 1) / (to - 1)
      return inside + axis.region.start * (from - 1)
    }
  }

  /// For each cell whether it lies outside of the original; nil where none can.
  func outside(_ axis: ResizeOperators.Axis) -> [Bool]? {
    guard coordinates == .cropAndResize else { return nil }
    let flags = (0..<axis.to).map { cell in
      let x = coordinate(cell, axis)
      return x < 0 || x > Double(axis.from - 1)
    }
    return flags.contains(true) ? flags : nil
  }

  // MARK: - Weights

  /// The neighbors' weights, and which of them is the first: they stand around `base`, the whole
  /// number below the coordinate, and `ratio` in 0 <…1 is how far it lies behind that.
  private func weights(_ ratio: Double, _ scale: Double) -> (first: Int, [Double]) {
    let shrunk = smooths ? min(scale, 1) : 1
    switch mode {
    case .nearest:
      let takesNext: Bool =
        switch rounding {
        case .preferFloor: ratio > 0.5
        case .preferCeil: ratio >= 0.5
        case .floor: ratio == 1
        case .ceil: true
        }
      return (0, takesNext ? [0, 1] : [1, 0])
    case .linear:
      let first = smooths ? Int((-1 / shrunk).rounded(.down)) + 1 : 0
      let weights = (first..<2 - first).map { max(1 - abs((Double($0) - ratio) * shrunk), 0) }
      let sum = weights.reduce(0, +)
      return (first, weights.map { $0 / sum })
    case .cubic:
      let first = smooths ? Int((-2 / shrunk).rounded(.down)) + 1 : -1
      let weights = (first..<2 - first).map { cubic((Double($0) - ratio) * shrunk) }
      let sum = smooths ? weights.reduce(0, +) : 1
      return (first, weights.map { $0 / sum })
    }
  }

  /// R. Keys: *Cubic Convolution Interpolation for Digital Image Processing*. 1981.
  private func cubic(_ distance: Double) -> Double {
    let (x, a) = (abs(distance), cubicCoefficient)
    if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    return x < 2 ? ((x - 5) * x + 8) * x * a - 4 * a : 0
  }

  /// The weights of all cells of the original, row by row of [from, to].
  func matrix(_ axis: ResizeOperators.Axis) -> [Float] {
    let (count, extent) = (axis.to, axis.from)
    var matrix = [Double](repeating: 0, count: extent * count)
    for cell in 0..<count {
      let x = coordinate(cell, axis)
      // Coordinates far outside, which a region may give, show the edge.
      let near = min(max(x, -16), Double(extent) + 16)
      let base = near.rounded(.up) - 1
      var (first, weights) = weights(near - base, axis.scale)
      first += Int(base)
      if excludesOutside {
        for (index, place) in weights.indices.map({ ($0, first + $0) })
        where !(0..<extent).contains(place) {
          weights[index] = 0
        }
        let sum = weights.reduce(0, +)
        if sum != 0 { weights = weights.map { $0 / sum } }
      }
      for (index, weight) in weights.enumerated() {
        matrix[min(max(first + index, 0), extent - 1) * count + cell] += weight
      }
    }
    return matrix.map { Float($0) }
  }

  /// Where each cell is copied from, axis by axis; nil where cells are mixed.
  func places(_ axes: [ResizeOperators.Axis]) -> [[Int]]? {
    guard mode == .nearest, axes.allSatisfy({ outside($0) == nil }) else { return nil }
    return axes.map { axis in
      (0..<axis.to).map { cell in
        let x = min(max(coordinate(cell, axis), -1), Double(axis.from))
        let base = x.rounded(.up) - 1
        let next = weights(x - base, axis.scale).1[1] == 1
        return min(max(Int(base) + (next ? 1 : 0), 0), axis.from - 1)
      }
    }
  }

  /// How the engine enlarges by whole factors, where that is the same.
  func upsampleMode(_ axes: [ResizeOperators.Axis]) -> Upsample.Mode? {
    switch mode {
    case .nearest:
      let repeats = places(axes).map { all in
        zip(all, axes).allSatisfy { places, axis in
          places.indices.allSatisfy { places[$0] == $0 / (axis.to / axis.from) }
        }
      }
      return repeats == true ? .nearest : nil
    case .linear:
      let isCentered =
        coordinates == .halfPixel || coordinates == .halfPixelSymmetric
        || coordinates == .pytorchHalfPixel && axes.allSatisfy { $0.to > 1 }
      return isCentered && !smooths && !excludesOutside ? .bilinear : nil
    case .cubic: return nil
    }
  }
}
