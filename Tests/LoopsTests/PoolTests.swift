import LoopInterface
import Loops
import Testing

@Suite struct PoolTests {
  /// Equal elements, zeros and what is no number, in vectors (2 × 2, eight channels and more) and
  /// without.
  @Test(arguments: [1, 2, 3], [1, 3, 8, 16, 24])
  func equalsTheDefinition(window: Int, lanes: Int) throws {
    for set in InstructionSet.allCases where set <= .best {
      let pool = try Loops.table(for: set).tensor.pool
      for count in 1...9 { expect(pool, window: window, lanes: lanes, count: count) }
    }
  }

  private func expect(_ pool: PoolLoops, window: Int, lanes: Int, count: Int) {
    let stride = (window * count + 1) * lanes
    let row = PoolRow(
      height: window, width: window, count: count, rowStride: stride, lanes: lanes)
    var image = (0..<window * stride).map { Float($0 * 37 % 11 - 5) / 2 }
    image[image.count / 2] = .nan
    let gradients = (0..<count * lanes).map { Float($0 + 1) }
    var maxima = [Float](repeating: 7, count: count * lanes)
    var places = [UInt32](repeating: 7, count: row.placeGroups * lanes)
    var spread = [Float](repeating: 7, count: image.count)
    pool.maximum(&maxima, &places, image, row)
    pool.spread(&spread, gradients, places, row)

    var expected = [Float](repeating: 7, count: image.count)
    for index in 0..<count {
      for lane in 0..<lanes {
        let places = (0..<window * window).map { tap in
          tap / window * stride + (index * window + tap % window) * lanes + lane
        }
        var best: Int?
        for place in places {
          expected[place] = 0
          let value = image[place]
          if value > best.map({ image[$0] }) ?? 0 || value.isNaN { best = place }
        }
        if let best { expected[best] = gradients[index * lanes + lane] }
        let maximum = best.map { image[$0] } ?? 0
        let result = maxima[index * lanes + lane]
        #expect(result == maximum || result.isNaN && maximum.isNaN)
      }
    }
    #expect(spread == expected)
  }
}
