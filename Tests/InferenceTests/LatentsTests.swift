import Inference
import Testing

@Suite struct LatentsTests {
  @Test func aSeedGivesOneLatent() {
    #expect(Latents.latent(seed: 3, count: 100) == Latents.latent(seed: 3, count: 100))
    #expect(Latents.latent(seed: 3, count: 100) != Latents.latent(seed: 4, count: 100))
    // A longer latent begins with the shorter one.
    let longer = Latents.latent(seed: 3, count: 100)
    #expect(Latents.latent(seed: 3, count: 8).elementsEqual(longer[..<8]))
  }

  @Test func truncationBounds() {
    let latent = Latents.latent(seed: 1, count: 1000, truncation: 0.5)
    #expect(latent.allSatisfy { abs($0) <= 0.5 })
    #expect(Latents.latent(seed: 1, count: 1000).contains { abs($0) > 0.5 })
    // As small as it gets: still ends.
    #expect(Latents.latent(seed: 1, count: 10, truncation: 0).allSatisfy { abs($0) <= 0.1 })
  }

  /// Half way between two axes lies (√½, √½); the ends are the ends.
  @Test func interpolationFollowsTheArc() {
    let middle = Latents.interpolated([1, 0], [0, 1], share: 0.5)
    #expect(abs(middle[0] - 0.70710678) < 1e-6 && abs(middle[1] - 0.70710678) < 1e-6)
    #expect(Latents.interpolated([1, 0], [0, 1], share: 0) == [1, 0])
    #expect(abs(Latents.interpolated([1, 0], [0, 1], share: 1)[1] - 1) < 1e-6)
    // Opposite, equal and zero latents have no arc: a straight line.
    #expect(Latents.interpolated([1, 0], [-1, 0], share: 0.25) == [0.5, 0])
    #expect(Latents.interpolated([2, 2], [2, 2], share: 0.5) == [2, 2])
    let fromZero = Latents.interpolated([0, 0], [0, 2], share: 0.5)
    #expect(fromZero[0].isFinite && fromZero[1].isFinite)
  }

  @Test func arithmetic() {
    let mean = Latents.mean([[1, 2], [3, 6]])
    #expect(mean == [2, 4])
    #expect(Latents.sum(mean, minus: [1, 1], plus: [0, 5]) == [1, 8])
  }
}
