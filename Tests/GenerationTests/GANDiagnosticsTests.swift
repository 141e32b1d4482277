import Generation
import Images
import Testing

@Suite struct GANDiagnosticsTests {
  /// Plain images of these tones.
  private func samples(_ tones: [UInt8]) -> [Image] {
    tones.map { tone in
      Image(
        layout: PixelLayout(width: 4, height: 4, channels: 3),
        bytes: Array(repeating: tone, count: 48))
    }
  }

  private func warnings(
    _ real: Double, _ fake: Double, _ tones: [UInt8], diversity: Double? = nil
  ) -> [String] {
    GANDiagnostics.warnings(
      realProbability: real, fakeProbability: fake, samples: samples(tones), diversity: diversity)
  }

  @Test func noneWhenAllIsWell() {
    #expect(warnings(0.8, 0.3, [10, 100, 200]).isEmpty)
    #expect(warnings(0.99, 0.1, [10, 100, 200], diversity: 0.9).isEmpty)
  }

  @Test func theDiscriminatorWins() {
    let found = warnings(0.99, 0.01, [10, 100, 200])
    let begin = "the discriminator is winning (D(x) 99 %, D(G(z)) 1 %)"
    #expect(found.count == 1 && found.allSatisfy { $0.hasPrefix(begin) }, "\(found)")
  }

  /// Tones a 50th of the range apart are the limit; diversity is known where quality was measured.
  @Test func theSamplesCollapse() {
    #expect(warnings(0.8, 0.3, [100, 106]).isEmpty)
    for found in [warnings(0.8, 0.3, [100, 104]), warnings(0.8, 0.3, [10, 200], diversity: 0.3)] {
      let begin = "possible mode collapse, samples are nearly identical"
      #expect(found.count == 1 && found.allSatisfy { $0.hasPrefix(begin) }, "\(found)")
    }
  }
}
