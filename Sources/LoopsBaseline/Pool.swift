import CProcessor
import LoopInterface

func makePoolLoops() -> PoolLoops {
  PoolLoops(
    maximum: { maxima, places, image, row in
      row.isPaired
        ? pairedMaximum(maxima, places, image, row) : maximum(maxima, places, image, row)
    },
    spread: { image, gradients, places, row in
      row.isPaired
        ? pairedSpread(image, gradients, places, row) : spread(image, gradients, places, row)
    })
}

extension PoolRow {
  /// Whether it is done in vectors: windows of 2 × 2, eight channels at a time.
  fileprivate var isPaired: Bool { height == 2 && width == 2 && lanes % 8 == 0 }

  /// The up to four windows whose places one word holds.
  @inline(__always)
  fileprivate func windows(ofGroup group: Int) -> Range<Int> {
    let first = 4 &* group
    return Range(uncheckedBounds: (first, min(first &+ 4, count)))
  }

  /// Calls `body` with where the cache lines lie, in bytes from this row's pixels, of the same group's
  /// windows one row of windows further: pixels lie in memory beyond the caches, and the arithmetic of
  /// one window fills all that a processor looks ahead.
  @inline(__always)
  fileprivate func forNextLines(of group: Int, _ body: (Int) -> Void) {
    let first = 4 &* (4 &* group &* width &* lanes &+ height &* rowStride)
    for y in 0..<2 {
      var line = first &+ 4 &* y &* rowStride
      let end = line &+ 4 &* (4 &* width &* lanes)
      while line < end {
        body(line)
        line &+= 64
      }
    }
  }

  /// Bits in front of a window's place in its word.
  @inline(__always)
  fileprivate static func shift(_ index: Int) -> UInt32 {
    UInt32(truncatingIfNeeded: 8 &* (index & 3))
  }
}

private func maximum(
  _ maxima: UnsafeMutablePointer<Float>, _ places: UnsafeMutablePointer<UInt32>,
  _ image: UnsafePointer<Float>, _ row: PoolRow
) {
  for group in 0..<row.placeGroups {
    for lane in 0..<row.lanes {
      var word: UInt32 = 0
      for index in row.windows(ofGroup: group) {
        let window = image + (index &* row.width &* row.lanes &+ lane)
        var best: Float = 0
        var place = PoolRow.nowhere
        for y in 0..<row.height {
          for x in 0..<row.width {
            let value = window[y &* row.rowStride &+ x &* row.lanes]
            if value > best || value != value {
              (best, place) = (value, UInt32(truncatingIfNeeded: y &* row.width &+ x))
            }
          }
        }
        maxima[index &* row.lanes &+ lane] = best
        word |= place &<< PoolRow.shift(index)
      }
      places[group &* row.lanes &+ lane] = word
    }
  }
}

private func spread(
  _ image: UnsafeMutablePointer<Float>, _ gradients: UnsafePointer<Float>,
  _ places: UnsafePointer<UInt32>, _ row: PoolRow
) {
  for index in 0..<row.count {
    for lane in 0..<row.lanes {
      let window = image + (index &* row.width &* row.lanes &+ lane)
      let word = places[index / 4 &* row.lanes &+ lane]
      let place = Int((word &>> PoolRow.shift(index)) & PoolRow.nowhere)
      for y in 0..<row.height {
        for x in 0..<row.width {
          window[y &* row.rowStride &+ x &* row.lanes] =
            place == y &* row.width &+ x ? gradients[index &* row.lanes &+ lane] : 0
        }
      }
    }
  }
}

// MARK: - Windows of 2 × 2, eight channels at a time

private typealias Octet = SIMD8<Float>
private typealias Places = SIMD8<UInt32>

private func pairedMaximum(
  _ maxima: UnsafeMutablePointer<Float>, _ places: UnsafeMutablePointer<UInt32>,
  _ image: UnsafePointer<Float>, _ row: PoolRow
) {
  for group in 0..<row.placeGroups {
    row.forNextLines(of: group) { processor_fetch_to_read(image, $0) }
    for lane in stride(from: 0, to: row.lanes, by: 8) {
      var word = Places.zero
      for index in row.windows(ofGroup: group) {
        let window = image + (2 &* index &* row.lanes &+ lane)
        let (a, b) = (load(window), load(window + row.lanes))
        let below = window + row.rowStride
        let (c, d) = (load(below), load(below + row.lanes))
        // Two and two, so that they need not wait for each other.
        let (isRight, isRightBelow) = (b .> a .| b .!= b, d .> c .| d .!= d)
        let (top, bottom) = (
          a.replacing(with: b, where: isRight), c.replacing(with: d, where: isRightBelow)
        )
        let topPlace = Places.zero.replacing(with: Places(repeating: 1), where: isRight)
        let bottomPlace = Places(repeating: 2).replacing(
          with: Places(repeating: 3), where: isRightBelow)
        let isBelow = bottom .> top .| bottom .!= bottom
        let best = top.replacing(with: bottom, where: isBelow)
        let isNowhere = best .<= Octet.zero
        let place = topPlace.replacing(with: bottomPlace, where: isBelow)
          .replacing(with: Places(repeating: PoolRow.nowhere), where: isNowhere)
        store(
          best.replacing(with: Octet.zero, where: isNowhere),
          maxima + (index &* row.lanes &+ lane))
        word |= place &<< Places(repeating: PoolRow.shift(index))
      }
      UnsafeMutableRawPointer(places + (group &* row.lanes &+ lane)).storeBytes(
        of: word, as: Places.self)
    }
  }
}

private func pairedSpread(
  _ image: UnsafeMutablePointer<Float>, _ gradients: UnsafePointer<Float>,
  _ places: UnsafePointer<UInt32>, _ row: PoolRow
) {
  for group in 0..<row.placeGroups {
    row.forNextLines(of: group) { processor_fetch_to_write(image, $0) }
    for lane in stride(from: 0, to: row.lanes, by: 8) {
      let word = UnsafeRawPointer(places + (group &* row.lanes &+ lane)).loadUnaligned(
        as: Places.self)
      for index in row.windows(ofGroup: group) {
        let gradient = load(gradients + (index &* row.lanes &+ lane))
        let place =
          (word &>> Places(repeating: PoolRow.shift(index)))
          & Places(repeating: PoolRow.nowhere)
        let window = image + (2 &* index &* row.lanes &+ lane)
        let below = window + row.rowStride
        store(gradient, where: place .== Places(repeating: 0), window)
        store(gradient, where: place .== Places(repeating: 1), window + row.lanes)
        store(gradient, where: place .== Places(repeating: 2), below)
        store(gradient, where: place .== Places(repeating: 3), below + row.lanes)
      }
    }
  }
}

@inline(__always)
private func load(_ values: UnsafePointer<Float>) -> Octet {
  UnsafeRawPointer(values).loadUnaligned(as: Octet.self)
}

@inline(__always)
private func store(_ values: Octet, _ target: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(target).storeBytes(of: values, as: Octet.self)
}

@inline(__always)
private func store(
  _ values: Octet, where isHere: SIMDMask<SIMD8<Int32>>, _ target: UnsafeMutablePointer<Float>
) {
  store(Octet.zero.replacing(with: values, where: isHere), target)
}
