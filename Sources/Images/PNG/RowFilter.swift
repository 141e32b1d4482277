/// PNG's five row filters (PNG 9.2), which store each byte as its difference from a prediction.
enum RowFilter: UInt8, CaseIterable {
  case none = 0
  case sub = 1
  case up = 2
  case average = 3
  case paeth = 4

  /// Filters the bytes `range` of a row.
  ///
  /// - Parameters:
  ///   - row: the row, behind at least `pixelBytes` zeros.
  ///   - above: the row before, likewise; all zero for the first.
  ///   - output: takes the result at the same places.
  ///
  /// Plain pointers, since this runs over every byte: reads from `range` less `pixelBytes`, which the
  /// zeros in front make valid, and writes `range`.
  func apply(
    _ row: UnsafePointer<UInt8>, above: UnsafePointer<UInt8>,
    into output: UnsafeMutablePointer<UInt8>, range: Range<Int>, pixelBytes: Int
  ) {
    let left = row - pixelBytes
    let corner = above - pixelBytes
    switch self {
    case .none:
      (output + range.lowerBound).update(from: row + range.lowerBound, count: range.count)
    case .sub:
      for i in range { output[i] = row[i] &- left[i] }
    case .up:
      for i in range { output[i] = row[i] &- above[i] }
    case .average:
      for i in range {
        let mean = (left[i] & above[i]) &+ ((left[i] ^ above[i]) &>> 1)
        output[i] = row[i] &- mean
      }
    case .paeth:
      for i in range {
        let a = Int16(left[i])
        let b = Int16(above[i])
        let c = Int16(corner[i])
        let toA = b &- c
        let toB = a &- c
        let toC = toA &+ toB
        let distanceA = toA < 0 ? 0 &- toA : toA
        let distanceB = toB < 0 ? 0 &- toB : toB
        let distanceC = toC < 0 ? 0 &- toC : toC
        let nearer = distanceB < distanceA ? b : a
        let nearest =
          distanceC < (distanceB < distanceA ? distanceB : distanceA) ? c : nearer
        output[i] = row[i] &- UInt8(truncatingIfNeeded: nearest)
      }
    }
  }
}
