import Datasets
import Images
import ModelFiles
import Tensors
import Testing

@Suite struct CutMixTests {
  @Test func partsLieWithinTheImageAndHaveItsShapeOnAverage() {
    let mix = CutMix(probability: 1)
    var random = RandomSource(seed: 3)
    var share = 0.0
    for _ in 0..<2_000 {
      guard let part = mix.part(width: 20, height: 10, random: &random) else { continue }
      #expect((0...20).contains(part.columns.upperBound) && part.columns.lowerBound >= 0)
      #expect((0...10).contains(part.rows.upperBound) && part.rows.lowerBound >= 0)
      share += Double(part.area) / 200
    }
    // A half on average, less what lies outside.
    #expect((0.25...0.45).contains(share / 2_000), "\(share / 2_000)")
  }

  @Test(arguments: [(Float(0), 0...0), (0.5, 420...520), (1, 900...1_000)])
  func aShareIsMixed(probability: Float, expected: ClosedRange<Int>) {
    var random = RandomSource(seed: 4)
    let count = (0..<1_000).count { _ in
      CutMix(probability: probability).part(width: 16, height: 16, random: &random) != nil
    }
    #expect(expected.contains(count), "\(count)")
  }

  /// Black images of class 0 and white ones of class 1: what the classes say is what there is to be seen,
  /// and so do labels that hold each on its own.
  @Test(
    arguments: [
      Annotation.classes([0, 1]), .labelSets([[0], [1]]), .labelSets([[0, 2], [1, 2]]),
    ])
  func classesAreMixedAsImagesAre(annotation: Annotation) throws {
    let (width, height) = (12, 10)
    func flat(_ value: UInt8) -> Image {
      Image(
        layout: PixelLayout(width: width, height: height, channels: 3, sample: .uint8),
        bytes: Array(repeating: value, count: 3 * width * height))
    }
    let dataset = Dataset(
      classNames: ["black", "white", "flat"], annotation: annotation, names: ["0", "1"],
      source: .memory([flat(0), flat(255)]))
    var form = plainForm(width, height)
    (form.mean, form.std) = ([0, 0, 0], [1, 1, 1])
    let examples = ImageExamples(
      dataset, form: form, classCount: 3, cutMix: CutMix(probability: 1))
    let loader = Loader(examples, batchSize: 2, random: RandomSource(seed: 9))
    var mixed = 0
    for _ in 0..<200 {
      loader.next { batch in
        var (images, classes) = (
          [Float](repeating: 0, count: 2 * form.elementCount), [Float](repeating: 0, count: 6)
        )
        images.withUnsafeMutableBufferPointer { _ = batch.write(ImageExamples.image, to: $0) }
        classes.withUnsafeMutableBufferPointer { _ = batch.write(ImageExamples.label, to: $0) }
        for row in 0..<batch.count {
          let white =
            images[row * form.elementCount..<(row + 1) * form.elementCount].reduce(0, +)
            / Float(form.elementCount)
          #expect(abs(classes[3 * row] + classes[3 * row + 1] - 1) < 1e-6)
          #expect(abs(classes[3 * row + 1] - white) < 1e-5)
          // What holds of both holds of the mixture.
          let isFlat = annotation.counts(of: 3)[2] > 0
          #expect(abs(classes[3 * row + 2] - (isFlat ? 1 : 0)) < 1e-6)
          if white > 0, white < 1 { mixed += 1 }
        }
      }
    }
    #expect(mixed > 100)
  }
}
