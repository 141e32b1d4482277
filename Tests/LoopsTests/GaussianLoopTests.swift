import LoopInterface
import Loops
import Testing

@Suite struct GaussianLoopTests {
  /// What a row's loop gives for samples that follow one another, with `reach` = pairs · step on both sides.
  private func sums(
    _ set: InstructionSet, _ samples: [UInt8], step: Int, weights: [Float]
  ) throws -> [Float] {
    let loops = try Loops.table(for: set).gaussian
    let reach = (weights.count - 1) * step
    let count = samples.count - 2 * reach
    let length = loops.segmentLength(columns: count / step, channels: step)
    let padded =
      samples + [UInt8](repeating: 0, count: loops.segments * length + 16 - count)
    let numbers = Floats(loops.numbersCount(length: length, reach: reach))
    let sums = Floats(length * loops.segments)
    loops.row(padded, step, weights, weights.count - 1, length, numbers.start, sums.start)
    return (0..<count).map { sums[$0 % length * loops.segments + $0 / length] }
  }

  @Test(arguments: InstructionSet.available, 1...4)
  func aRowIsSummedFromTheCentreOutwards(_ set: InstructionSet, _ step: Int) throws {
    for pairs in 0...9 {
      for columns in [1, 7, 65, 130] {
        let weights = (0...pairs).map { 1 / Float(3 + 2 * $0) }
        let reach = pairs * step
        let samples = (0..<columns * step + 2 * reach).map { UInt8(truncatingIfNeeded: $0 * 89) }
        let expected = (0..<columns * step).map { index in
          (1...max(1, pairs)).reduce(weights[0] * Float(samples[reach + index])) { sum, k in
            guard k <= pairs else { return sum }
            let both =
              Float(samples[reach + index - k * step]) + Float(samples[reach + index + k * step])
            return sum.addingProduct(weights[k], both)
          }
        }
        #expect(try sums(set, samples, step: step, weights: weights) == expected)
      }
    }
  }

  /// 128 + 2⁻¹⁷ + 2⁻⁴⁷ lies just above the middle between two floats; rounded to Double first, it is the
  /// middle, and would then be rounded down.
  @Test(arguments: InstructionSet.available)
  func productsAndSumsAreRoundedAsOne(_ set: InstructionSet) throws {
    let weight = Float(3_303_821) * 0x1p-47  // 325 · 3,303,821 = 2³⁰ + 1
    #expect(try sums(set, [255, 128, 70], step: 1, weights: [1, weight]) == [128 + 0x1p-16])
  }
}
