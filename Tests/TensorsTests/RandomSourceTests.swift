import Tensors
import Testing

@Suite struct RandomSourceTests {
  /// The known answers that come with Random123, `kat_vectors`, for philox4x32 with 10 rounds.
  @Test func philoxKnownAnswers() {
    #expect(
      Philox.block(counter: SIMD4(repeating: 0), key: SIMD2(repeating: 0))
        == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    #expect(
      Philox.block(counter: SIMD4(repeating: .max), key: SIMD2(repeating: .max))
        == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    #expect(
      Philox.block(
        counter: SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
        key: SIMD2(0xa409_3822, 0x299f_31d0))
        == SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  @Test func sameSeedSameNumbers() {
    var (a, b) = (RandomSource(seed: 5), RandomSource(seed: 5))
    #expect((0..<100).allSatisfy { _ in a.next() == b.next() })
    var c = RandomSource(seed: 6)
    #expect(a.next() != c.next())
  }

  @Test func continuesWhereItWasSaved() {
    var source = RandomSource(seed: 5).split("data")
    _ = source.permutation(10)
    var restored = RandomSource(seed: source.seed, stream: source.stream, counter: source.counter)
    #expect(source.permutation(50) == restored.permutation(50))
  }

  @Test func streamsDiffer() {
    let source = RandomSource(seed: 5)
    let names = (0..<1000).map { "layer\($0)" }
    let streams = Set(names.map { source.split($0).stream } + [source.stream])
    #expect(streams.count == 1001)
    #expect(source.split("a").split("b").stream != source.split("b").split("a").stream)
    var advanced = source
    _ = advanced.next()
    #expect(advanced.split("a") == source.split("a"))
  }

  @Test func skipsWhatFillsTake() {
    for count in 0..<10 {
      var (filled, skipped) = (RandomSource(seed: 1), RandomSource(seed: 1))
      _ = Tensor([count]) { filled.fillNormal($0) }
      skipped.skip(numbers: count)
      #expect(filled == skipped)
    }
  }

  @Test func uniformMoments() {
    var source = RandomSource(seed: 3)
    let values = Tensor([100_000]) { source.fillUniform($0) }.scalars
    #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
    let (mean, variance) = moments(values)
    #expect(abs(mean - 0.5) < 0.004)
    #expect(abs(variance - 1 / 12) < 0.001)
  }

  @Test func normalMoments() {
    var source = RandomSource(seed: 4)
    let values = Tensor([100_000]) { source.fillNormal($0) }.scalars
    let (mean, variance) = moments(values)
    #expect(abs(mean) < 0.015)
    #expect(abs(variance - 1) < 0.02)
    let beyondTwo = values.count { abs($0) > 2 }
    #expect(abs(Double(beyondTwo) / 100_000 - 0.0455) < 0.003)
    #expect(values.allSatisfy { $0.isFinite })
  }

  @Test func permutationsAreFair() {
    var source = RandomSource(seed: 8)
    #expect(source.permutation(0) == [])
    #expect(source.permutation(1) == [0])
    var firsts = [Int](repeating: 0, count: 4)
    for _ in 0..<4000 {
      let order = source.permutation(4)
      #expect(order.sorted() == [0, 1, 2, 3])
      firsts[order[0]] += 1
    }
    #expect(firsts.allSatisfy { abs($0 - 1000) < 130 })
  }
}

/// Mean and biased variance.
func moments(_ values: [Float]) -> (mean: Double, variance: Double) {
  let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
  let squares = values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
  return (mean, squares / Double(values.count))
}
