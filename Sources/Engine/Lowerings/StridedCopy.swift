/// A copy of an array of any rank between two strided places.
struct StridedCopy {
  /// Which of the instruction's inputs is read.
  let input: Int
  let extents: [Int]
  let sourceStrides: [Int]
  let targetStrides: [Int]
  var sourceOffset = 0
  var targetOffset = 0

  // The caller's shapes say that all offsets lie within source and target.
  func run(
    _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, part: Int, parts: Int
  ) {
    let inner = extents.last ?? 1
    let (from, to) = (sourceStrides.last ?? 1, targetStrides.last ?? 1)
    let outer = extents.dropLast().reduce(1, *)
    for row in share(outer, part: part, parts: parts) {
      var rest = row
      var (x, y) = (sourceOffset, targetOffset)
      for axis in (0..<max(0, extents.count - 1)).reversed() {
        let index = rest % extents[axis]
        rest /= extents[axis]
        x += index * sourceStrides[axis]
        y += index * targetStrides[axis]
      }
      if from == 1 && to == 1 {
        (target + y).update(from: source + x, count: inner)
      } else {
        for i in 0..<inner { target[y &+ i &* to] = source[x &+ i &* from] }
      }
    }
  }
}
