import Graphs
import Tensors

/// Where a window stands along each spatial axis, as convolutions and pools say it: `strides`, `pads`,
/// `dilations`, `auto_pad` and, for pools, `ceil_mode`.
struct WindowAttributes {
  let kernel: [Int]
  let strides: [Int]
  let dilations: [Int]
  /// Cells added before each axis.
  let before: [Int]
  /// Cells added behind each axis.
  let after: [Int]
  /// How many places the window has along each axis.
  let places: [Int]

  /// - Parameters:
  ///   - extents: the spatial extents of what the window moves over.
  ///   - kernel: the window's extents; those of the attribute `kernel_shape` must be the same.
  init(
    _ node: NodeImport, over extents: [Int], kernel given: [Int]? = nil, isPool: Bool = false
  ) throws(ONNXError) {
    let (context, count) = (node.context, extents.count)
    guard let kernel = node.integers("kernel_shape") ?? given, given.map({ $0 == kernel }) ?? true
    else { throw context.invalid("kernel_shape is missing or another than that of the weights") }
    self.kernel = try node.require(kernel, "kernel_shape", atLeast: 1, count: count)
    let ones = [Int](repeating: 1, count: count)
    strides = try node.require(
      node.integers("strides") ?? ones, "strides", atLeast: 1, count: count)
    dilations = try node.require(
      node.integers("dilations") ?? ones, "dilations", atLeast: 1, count: count)
    let reach = zip(dilations, kernel).map { $0 * ($1 - 1) + 1 }
    let roundsUp = isPool && node.flag("ceil_mode")

    var before = [Int](repeating: 0, count: count)
    var after = before
    let automatic = node.text("auto_pad") ?? "NOTSET"
    let pads = node.integers("pads")
    switch automatic {
    case "NOTSET", "":
      if let pads {
        _ = try node.require(pads, "pads", atLeast: 0, count: 2 * count)
        (before, after) = (Array(pads[..<count]), Array(pads[count...]))
      }
    case "VALID": break
    case "SAME_UPPER", "SAME_LOWER":
      for axis in 0..<count {
        let places = (extents[axis] + strides[axis] - 1) / strides[axis]
        let total = max((places - 1) * strides[axis] + reach[axis] - extents[axis], 0)
        before[axis] = automatic == "SAME_UPPER" ? total / 2 : total - total / 2
        after[axis] = total - before[axis]
      }
    default: throw context.invalid("auto_pad \(automatic)")
    }
    (self.before, self.after) = (before, after)

    var places: [Int] = []
    for axis in 0..<count {
      let room = extents[axis] + before[axis] + after[axis] - reach[axis]
      guard room >= 0 else {
        throw context.invalid("the window \(kernel) is larger than the padded image \(extents)")
      }
      var number = room / strides[axis] + 1
      // A window that would begin in the far padding is none.
      if roundsUp, room % strides[axis] != 0,
        number * strides[axis] < extents[axis] + before[axis]
      {
        number += 1
      }
      places.append(number)
    }
    self.places = places
  }

  var count: Int { kernel.count }

  /// How far the last window reaches behind the axis: the padding that makes just these places.
  func reachBehind(_ extents: [Int], _ axis: Int) -> Int {
    (places[axis] - 1) * strides[axis] + dilations[axis] * (kernel[axis] - 1) + 1 - extents[axis]
      - before[axis]
  }

  var isDilated: Bool { dilations.contains { $0 != 1 } }
}

extension Size2D {
  /// Of two axes, or of one with a height of 1.
  init(spatial extents: [Int]) {
    self.init(height: extents.count == 2 ? extents[0] : 1, width: extents[extents.count - 1])
  }
}

extension EdgePadding {
  /// Of two axes, or of one with a height of 1.
  init(before: [Int], after: [Int]) {
    let (left, right) = (before[before.count - 1], after[after.count - 1])
    self.init(
      top: before.count == 2 ? before[0] : 0, left: left,
      bottom: after.count == 2 ? after[0] : 0, right: right)
  }
}

extension Shape {
  /// N × C × H × W of N × C × W; N × C × H × W itself.
  var asImage: Shape {
    rank == 3 ? [self[0], self[1], 1, self[2]] : self
  }
}
