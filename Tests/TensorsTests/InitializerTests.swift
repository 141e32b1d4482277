import Tensors
import Testing

@Suite struct InitializerTests {
  private static let fanIn = 150
  private static let fanOut = 50

  private func values(_ initializer: Initializer) -> [Float] {
    var random = RandomSource(seed: 11)
    return initializer.tensor(
      shape: [200, 500], fanIn: Self.fanIn, fanOut: Self.fanOut, random: &random
    ).scalars
  }

  @Test(arguments: [
    (Initializer.fanInUniform, (1.0 / 150).squareRoot()),
    (.glorotUniform, (6.0 / 200).squareRoot()),
    (.heUniform, (6.0 / 150).squareRoot()),
  ])
  func uniformBoundsMeanAndVariance(_ initializer: Initializer, bound: Double) {
    let values = values(initializer)
    #expect(values.allSatisfy { abs(Double($0)) <= bound * (1 + 1e-6) })
    #expect(values.contains { Double($0) > bound * 0.999 })
    #expect(values.contains { Double($0) < -bound * 0.999 })
    let (mean, variance) = moments(values)
    #expect(abs(mean) < 0.01 * bound)
    #expect(abs(variance / (bound * bound / 3) - 1) < 0.01)
  }

  @Test(arguments: [
    (Initializer.glorotNormal, (2.0 / 200).squareRoot()),
    (.heNormal, (2.0 / 150).squareRoot()),
    (.normal(std: 0.02), 0.02),
  ])
  func normalMeanAndVariance(_ initializer: Initializer, std: Double) {
    let values = values(initializer)
    let (mean, variance) = moments(values)
    #expect(abs(mean) < 0.015 * std)
    #expect(abs(variance.squareRoot() / std - 1) < 0.01)
    #expect(values.contains { abs(Double($0)) > 3 * std })
  }

  @Test func constants() {
    #expect(values(.zeros).allSatisfy { $0 == 0 })
    #expect(values(.constant(0.01)).allSatisfy { $0 == 0.01 })
  }

  @Test func fansOfNoConnectionsAreHarmless() {
    var random = RandomSource(seed: 1)
    let tensor = Initializer.heNormal.tensor(shape: [4], fanIn: 0, fanOut: -3, random: &random)
    #expect(tensor.scalars.allSatisfy { $0.isFinite })
  }
}
