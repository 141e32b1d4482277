import Datasets
import Images
import Tensors
import Testing

@Suite struct AugmentationTests {
  static let all: [any Augmentation] = AugmentationKind.allCases.compactMap {
    $0.augmentation(for: plainForm(12, 10))
  }

  @Test(arguments: [1, 3])
  func sizeStaysAndRandomnessRepeats(channels: Int) {
    for augmentation in Self.all {
      for (width, height) in [(1, 1), (1, 7), (7, 1), (12, 10), (33, 32)] {
        let image = pattern(width, height, channels: channels)
        var results: [[UInt8]] = []
        for seed in [1, 1, 2, 3, 4] as [UInt64] {
          var random = RandomSource(seed: seed)
          let changed = augmentation.apply(to: image, random: &random)
          #expect(changed.layout == image.layout)
          results.append(samples(changed))
        }
        #expect(results[0] == results[1])
        if width > 7 { #expect(Set(results).count > 1, "\(augmentation)") }
      }
    }
  }

  @Test func flipMirrorsOneTimeInTwo() {
    for channels in [1, 3] {
      let image = pattern(5, 3, channels: channels)
      let mirrored = picture(5, 3, channels: channels) { x, y, c in
        samples(image)[(y * 5 + 4 - x) * channels + c]
      }
      var random = RandomSource(seed: 1)
      var flips = 0
      for _ in 0..<1_000 {
        let result = HorizontalFlip().apply(to: image, random: &random)
        if samples(result) == samples(mirrored) {
          flips += 1
        } else {
          #expect(samples(result) == samples(image))
        }
      }
      #expect((430...570).contains(flips))
    }
  }

  @Test(arguments: [(Float(0), 0...0), (0.25, 190...310), (1, 1_000...1_000), (.nan, 0...0)])
  func occasionalChangesAShare(probability: Float, expected: ClosedRange<Int>) {
    let image = pattern(5, 3)
    let black = RandomApply(AlwaysBlack(), probability: probability)
    var random = RandomSource(seed: 1)
    let changes = (0..<1_000).count { _ in
      let result = samples(black.apply(to: image, random: &random))
      return result != samples(image) && result.allSatisfy { $0 == 0 }
    }
    #expect(expected.contains(changes))
  }

  /// What is left crisp keeps a network from learning that everything is a little blurred.
  @Test(arguments: [AugmentationKind.affine, .elastic])
  func warpsLeaveHalfOfThePictures(kind: AugmentationKind) throws {
    let image = pattern(28, 28)
    let warp = try #require(kind.augmentation(for: plainForm(28, 28)))
    var random = RandomSource(seed: 1)
    let unchanged = (0..<400).count { _ in
      samples(warp.apply(to: image, random: &random)) == samples(image)
    }
    #expect((160...240).contains(unchanged))
  }

  @Test func shiftEqualsPaddingAndCropping() {
    let (width, height, pixels) = (6, 5, 3)
    let image = pattern(width, height)
    func mirrored(_ place: Int, _ count: Int) -> Int {
      place < 0 ? -place : place >= count ? 2 * count - 2 - place : place
    }
    // Every possible result, by the plain definition.
    var possible: [[UInt8]: (Int, Int)] = [:]
    for right in -pixels...pixels {
      for down in -pixels...pixels {
        let moved = picture(width, height) { x, y, c in
          let from = mirrored(y - down, height) * width + mirrored(x - right, width)
          return samples(image)[from * 3 + c]
        }
        possible[samples(moved)] = (right, down)
      }
    }
    var random = RandomSource(seed: 1)
    var seen: Set<[Int]> = []
    for _ in 0..<2_000 {
      let result = RandomTranslation(pixels: pixels).apply(to: image, random: &random)
      guard let (right, down) = possible[samples(result)] else {
        Issue.record("no shift gives this")
        return
      }
      seen.insert([right, down])
    }
    #expect(seen.count == 49)
  }

  @Test func shiftsBeyondThePictureAreReflections() {
    var random = RandomSource(seed: 3)
    for _ in 0..<100 {
      _ = RandomTranslation(pixels: 40).apply(to: pattern(3, 2), random: &random)
    }
  }

  @Test func strengthZeroChangesNothing() {
    let image = pattern(9, 8)
    let none: [any Augmentation] = [
      RandomTranslation(pixels: 0), ColorJitter(brightness: 0, contrast: 0, saturation: 0),
      RandomAffine(rotation: 0, scaling: 0, shear: 0, shift: 0), ElasticTransform(alpha: 0),
      Cutout(size: 0),
    ]
    for augmentation in none {
      var random = RandomSource(seed: 9)
      #expect(
        samples(augmentation.apply(to: image, random: &random)) == samples(image),
        "\(augmentation)")
    }
  }

  @Test func elasticFieldsAreSmoothAndOfTheirStrength() {
    // A ramp shows the displacement along x: value = 4 x.
    let ramp = picture(64, 64, channels: 1) { x, _, _ in UInt8(4 * x) }
    var random = RandomSource(seed: 2)
    var squares: Float = 0
    var largestStep: Float = 0
    for _ in 0..<20 {
      let result = samples(ElasticTransform(alpha: 34, sigma: 4).apply(to: ramp, random: &random))
      func displacement(_ x: Int, _ y: Int) -> Float { Float(result[y * 64 + x]) / 4 - Float(x) }
      for y in 16..<48 {
        for x in 16..<48 {
          squares += displacement(x, y) * displacement(x, y) / (20 * 32 * 32)
          largestStep = max(largestStep, abs(displacement(x + 1, y) - displacement(x, y)))
        }
      }
    }
    // Blurring even noise (variance α²/3) by a gaussian leaves α²/3 / (4 π σ²): a deviation of 1.38.
    #expect(abs(squares.squareRoot() - 1.38) < 0.25)
    #expect(largestStep < 1.5)
  }

  @Test func cutoutCoversASquare() {
    let image = picture(20, 20) { _, _, _ in 1 }
    var random = RandomSource(seed: 1)
    var largest = 0
    for _ in 0..<300 {
      let result = samples(Cutout(size: 6, value: 99).apply(to: image, random: &random))
      let covered = result.count { $0 == 99 }
      #expect(result.count { $0 == 1 } == 1_200 - covered)
      largest = max(largest, covered)
      #expect(covered >= 9 * 3)
    }
    #expect(largest == 36 * 3)
  }

  @Test func cropsLieWithinThePicture() throws {
    // Values tell the place: red x, green y.
    let image = picture(200, 100) { x, y, c in c == 0 ? UInt8(x) : c == 1 ? UInt8(y) : 7 }
    let form = plainForm(10, 10)
    var random = RandomSource(seed: 4)
    var widths: Set<Int> = []
    for _ in 0..<200 {
      let crop = try RandomResizedCrop(area: 0.1...0.5).apply(
        to: image, form: form, random: &random)
      #expect(crop.layout == PixelLayout(width: 10, height: 10, channels: 3))
      let values = samples(crop)
      #expect(values[0] <= values[27] && values[1] <= values[271] && values[2] == 7)
      widths.insert(Int(values[27]) - Int(values[0]))
    }
    #expect(widths.count > 20)
    for size in [(1, 1), (1, 300), (300, 1)] {
      _ = try RandomResizedCrop(area: -1...9).apply(
        to: pattern(size.0, size.1), form: form, random: &random)
    }
  }

  @Test func wildStrengthsAreTamed() {
    var random = RandomSource(seed: 1)
    let wild: [any Augmentation] = [
      RandomTranslation(pixels: -5), ColorJitter(brightness: 1e9, contrast: .nan, saturation: -1),
      RandomAffine(rotation: 1e9, scaling: 5, shear: .infinity, shift: 1e30),
      ElasticTransform(alpha: 1e30, sigma: 0), ElasticTransform(alpha: .nan, sigma: .nan),
      Cutout(size: .max), Cutout(size: -3),
    ]
    for augmentation in wild {
      _ = augmentation.apply(to: pattern(9, 9), random: &random)
    }
  }
}

private struct AlwaysBlack: Augmentation {
  func apply(
    to picture: Image, random: inout RandomSource, sampling: Sampling
  ) -> Image {
    Image(layout: picture.layout)
  }
}
