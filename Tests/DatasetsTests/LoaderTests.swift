import Datasets
import Images
import ModelFiles
import Tensors
import TestSupport
import Testing

/// A form without normalization but to 0…1.
func plainForm(
  _ width: Int, _ height: Int, channels: Int = 3, fit: Preprocessing.ResizeMode = .centerCrop
)
  -> Preprocessing
{
  Preprocessing(
    width: width, height: height, channels: channels, resizeMode: fit,
    mean: Array(repeating: 0, count: channels), std: Array(repeating: 1, count: channels))
}

@Suite struct PreprocessingTests {
  func values(_ form: Preprocessing, _ image: Image) throws -> [Float] {
    var values = [Float](repeating: .nan, count: form.elementCount)
    try values.withUnsafeMutableBufferPointer { try form.write(image, to: $0) }
    return values
  }

  @Test func normalizesChannelByChannel() throws {
    let form = Preprocessing(
      width: 2, height: 1, channels: 3, mean: [0.5, 0.25, 0], std: [0.5, 1, 2])
    let image = picture(2, 1) { x, _, c in [[0, 51, 255], [255, 102, 0]][x][c] }
    let expected: [Float] = [-1, 1, 0.2 - 0.25, 0.4 - 0.25, 0.5, 0]
    for (value, expected) in zip(try values(form, image), expected) {
      #expect(abs(value - expected) < 1e-6)
    }
  }

  @Test func cropsTheMiddleOrStretches() throws {
    // Columns of 0, 60, 120, 180 in a 4 × 2 picture.
    let image = picture(4, 2, channels: 1) { x, _, _ in UInt8(60 * x) }
    #expect(
      try values(plainForm(2, 2, channels: 1), image).map { ($0 * 255).rounded() }
        == [60, 120, 60, 120])
    let stretched = try values(plainForm(2, 2, channels: 1, fit: .squash), image)
    #expect(stretched[0] < 60 / 255 && stretched[1] > 120 / 255)
  }

  @Test func anyPictureFits() throws {
    for (width, height) in [(1, 1), (1, 500), (500, 1), (33, 17)] {
      for channels in 1...4 {
        for form in [plainForm(32, 32), plainForm(5, 9, channels: 1, fit: .squash)] {
          let fitted = try form.resized(pattern(width, height, channels: channels))
          #expect(
            fitted.layout
              == PixelLayout(
                width: form.width, height: form.height, channels: form.channels))
        }
      }
    }
  }

  @Test func grayAndColorTurnIntoEachOther() throws {
    let gray = picture(1, 1, channels: 1) { _, _, _ in 77 }
    #expect(samples(try plainForm(1, 1).resized(gray)) == [77, 77, 77])
    let red = picture(1, 1) { _, _, c in c == 0 ? 255 : 0 }
    #expect(samples(try plainForm(1, 1, channels: 1).resized(red)) == [76])
    let clear = picture(1, 1, channels: 4) { _, _, _ in 0 }
    #expect(samples(try plainForm(1, 1).resized(clear)) == [255, 255, 255])
  }
}

@Suite struct LoaderTests {
  let folder = TemporaryFolder()

  static func dataset(_ count: Int, classes: Int = 3) -> Dataset {
    Dataset(
      classNames: (0..<classes).map { "\($0)" }, labels: (0..<count).map { $0 % classes },
      names: (0..<count).map { "\($0)" },
      source: .memory((0..<count).map { pattern(8, 8, seed: $0) }))
  }

  /// What a batch holds.
  struct Batch: Equatable {
    var pass: Int
    var indices: [Int]
    var pixels: [Float]
    /// The class of each image, from the one-hot slot.
    var labels: [Int]
  }

  static func examples(
    _ set: Dataset, _ form: Preprocessing, augmented: Bool = false
  ) -> ImageExamples {
    ImageExamples(
      set, form: form, classCount: set.classNames.count,
      crop: augmented ? RandomResizedCrop() : nil,
      augmentations: augmented
        ? [
          HorizontalFlip(), RandomTranslation(pixels: 2), ColorJitter(), RandomAffine(),
          ElasticTransform(),
          Cutout(size: 2),
        ] : [])
  }

  static func run(_ loader: Loader, batches: Int, form: Preprocessing, classes: Int = 3) -> [Batch]
  {
    (0..<batches).map { _ in
      var pixels = [Float](repeating: .nan, count: loader.batchSize * form.elementCount)
      var targets = [Float](repeating: .nan, count: loader.batchSize * classes)
      return loader.next { batch in
        pixels.withUnsafeMutableBufferPointer { #expect(batch.write("image", to: $0)) }
        targets.withUnsafeMutableBufferPointer { #expect(batch.write("class", to: $0)) }
        let labels = batch.indices.indices.compactMap { row in
          targets[row * classes..<(row + 1) * classes].firstIndex(of: 1).map { $0 - row * classes }
        }
        #expect(
          targets.count { $0 == 1 } == batch.count && targets.allSatisfy { $0 == 0 || $0 == 1 })
        return Batch(pass: batch.pass, indices: batch.indices, pixels: pixels, labels: labels)
      }
    }
  }

  @Test func inOrderGivesEveryPictureOnce() throws {
    let set = Self.dataset(10)
    let form = plainForm(8, 8)
    let loader = Loader(Self.examples(set, form), batchSize: 4)
    #expect(loader.batchCount == 3)
    let batches = Self.run(loader, batches: 4, form: form)
    #expect(batches.map(\.indices) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9], [0, 1, 2, 3]])
    #expect(batches.map(\.pass) == [0, 0, 0, 1])
    #expect(batches[2].labels == [2, 0])
    for batch in batches {
      for (row, index) in batch.indices.enumerated() {
        var expected = [Float](repeating: 0, count: form.elementCount)
        try expected.withUnsafeMutableBufferPointer { try form.write(set.image(at: index), to: $0) }
        #expect(
          Array(batch.pixels[row * form.elementCount..<(row + 1) * form.elementCount]) == expected)
      }
      #expect(batch.pixels[(batch.indices.count * form.elementCount)...].allSatisfy { $0 == 0 })
    }
  }

  static func training(
    _ set: Dataset, threads: Int, batch: Int = 0, seed: UInt64 = 5
  ) -> Loader {
    Loader(
      examples(set, plainForm(6, 6), augmented: true), batchSize: 4,
      random: RandomSource(seed: seed), startingAt: batch, threads: threads)
  }

  private static func runTraining(_ loader: Loader, batches: Int) -> [Batch] {
    run(loader, batches: batches, form: plainForm(6, 6))
  }

  @Test func threadsDoNotMatter() {
    let set = Self.dataset(23)
    let one = Self.runTraining(Self.training(set, threads: 1), batches: 17)
    for threads in [2, 3, 8] {
      #expect(one == Self.runTraining(Self.training(set, threads: threads), batches: 17))
    }
    #expect(one != Self.runTraining(Self.training(set, threads: 1, seed: 6), batches: 17))
  }

  @Test func startingAtABatchEqualsRunningToIt() {
    let set = Self.dataset(23)
    let whole = Self.runTraining(Self.training(set, threads: 2), batches: 15)
    for first in [3, 10] {
      let resumed = Self.runTraining(Self.training(set, threads: 1, batch: first), batches: 5)
      #expect(Array(whole[first..<first + 5]) == resumed)
    }
  }

  @Test func trainingBatchesAreFullAndPassesDiffer() {
    let batches = Self.runTraining(Self.training(Self.dataset(23), threads: 1), batches: 10)
    #expect(batches.allSatisfy { $0.indices.count == 4 })
    let first = batches[..<5].flatMap(\.indices)
    let second = batches[5...].flatMap(\.indices)
    #expect(Set(first).count == 20 && Set(second).count == 20)
    #expect(first != second)
    // Three images in batches of four.
    let small = Self.runTraining(Self.training(Self.dataset(3), threads: 1), batches: 2)
    #expect(small.allSatisfy { $0.indices.count == 4 && Set($0.indices).count == 3 })
  }

  /// Numbers in two shapes: multiples of 3 have five numbers, the others two. Some cannot be read.
  private struct Numbers: ExampleSource {
    var count = 20
    var unreadable: Set<Int> = []
    func bucket(of index: Int) -> Int { index % 3 == 0 ? 1 : 0 }
    func slots(bucket: Int) -> [ExampleSlot] { [ExampleSlot("numbers", [bucket == 0 ? 2 : 5])] }
    func name(of index: Int) -> String { "number \(index)" }
    func write(
      _ index: Int, into places: ExamplePlaces, random: RandomSource?
    ) throws(UnreadableExample) {
      places.floats("numbers")[0] = Float(index)
      if unreadable.contains(index) { throw UnreadableExample("no number") }
      places.floats("numbers").update(repeating: Float(index))
    }
  }

  private func numbers(
    _ source: Numbers, random: RandomSource?, batches: Int
  ) -> [(bucket: Int, indices: [Int])] {
    let loader = Loader(source, batchSize: 3, random: random)
    return (0..<batches).map { _ in
      loader.next { batch in
        let length = batch.bucket == 0 ? 2 : 5
        var values = [Float](repeating: .nan, count: 3 * length)
        values.withUnsafeMutableBufferPointer { #expect(batch.write("numbers", to: $0)) }
        let expected = batch.indices.flatMap { Array(repeating: Float($0), count: length) }
        #expect(Array(values.prefix(expected.count)) == expected)
        #expect(values.dropFirst(expected.count).allSatisfy { $0 == 0 })
        return (batch.bucket, batch.indices)
      }
    }
  }

  /// Of 13 short and 7 long examples four and two batches of three are full.
  @Test func examplesOfOneShapeShareABatch() {
    let source = Numbers()
    #expect(Loader.batchCount(of: source, batchSize: 3, random: RandomSource(seed: 1)) == 6)
    let pass = numbers(source, random: RandomSource(seed: 1), batches: 6)
    for (bucket, indices) in pass {
      #expect(indices.count == 3 && indices.allSatisfy { source.bucket(of: $0) == bucket })
    }
    #expect(Set(pass.flatMap(\.indices)).count == 18)
    #expect(pass.count { $0.bucket == 1 } == 2)
    // In order: all short ones, then all long ones, the last of each with what is left.
    let ordered = numbers(source, random: nil, batches: 8)
    #expect(ordered.map(\.bucket) == [0, 0, 0, 0, 0, 1, 1, 1])
    #expect(ordered.map(\.indices.count) == [3, 3, 3, 3, 1, 3, 3, 1])
  }

  /// Classes of 5, 1 and 2: fifteen examples, five of each class, all of them there.
  @Test func smallClassesAreSeenAsOftenAsTheLargest() {
    let labels = [0, 0, 1, 0, 2, 0, 2, 0]
    let balanced = BalancedExamples(Numbers(count: 8), labels: labels)
    #expect(balanced.count == 15)
    let seen = (0..<15).compactMap { Int(balanced.name(of: $0).dropFirst("number ".count)) }
    #expect(Set(seen) == Set(0..<8))
    for label in 0..<3 { #expect(seen.count { labels[$0] == label } == 5) }
  }

  @Test func theNextExampleOfTheShapeTakesAPlace() {
    let source = Numbers(unreadable: [0, 3, 18, 19])
    let pass = numbers(source, random: RandomSource(seed: 2), batches: 6)
    for (bucket, indices) in pass {
      #expect(indices.count == 3 && indices.allSatisfy { source.bucket(of: $0) == bucket })
      #expect(source.unreadable.isDisjoint(with: indices))
    }
    let ordered = numbers(source, random: nil, batches: 8)
    #expect(ordered.flatMap(\.indices).count == 16)
  }

  /// Twelve pictures in files, of which number 5 is damaged.
  func files() throws -> Dataset {
    for index in 0..<12 {
      var bytes = try png(pattern(9, 7, seed: index))
      if index == 5 { bytes.removeLast(bytes.count - 60) }
      folder.write(bytes, to: "\(index % 2)/\(index + 10).png")
    }
    return try DatasetSplits(path: folder.path).training
  }

  @Test func damagedPicturesDoNotEndARun() throws {
    let set = try files()
    let form = plainForm(6, 6)
    let damaged = try #require(set.names.firstIndex { $0.hasSuffix("/15.png") })
    let training = Loader(
      Self.examples(set, form), batchSize: 4, random: RandomSource(seed: 1), threads: 2)
    let epoch = Self.run(training, batches: 3, form: form, classes: 2)
    #expect(epoch.allSatisfy { $0.indices.count == 4 && !$0.indices.contains(damaged) })
    let warnings = training.drainWarnings()
    #expect(warnings.count == 1)
    #expect(warnings.first?.description.contains("15.png") == true)
    let inOrder = Loader(Self.examples(set, form), batchSize: 12)
    let all = Self.run(inOrder, batches: 1, form: form, classes: 2)[0]
    #expect(all.indices == (0..<12).filter { $0 != damaged })
  }

  @Test func picturesInMemoryAreThoseOfTheFiles() throws {
    let set = try files()
    let form = plainForm(6, 6)
    let (inMemory, damaged) = set.inMemory(for: form, threads: 3)
    #expect(inMemory.count == 11 && damaged.count == 1)
    let (a, b) = (
      Self.run(Loader(Self.examples(set, form), batchSize: 12), batches: 1, form: form, classes: 2),
      Self.run(
        Loader(Self.examples(inMemory, form), batchSize: 12), batches: 1, form: form, classes: 2)
    )
    #expect(a[0].pixels == b[0].pixels && a[0].labels == b[0].labels)
    let (covering, _) = set.inMemory(for: plainForm(3, 3), size: .resizedToCover(1.5))
    let image = try covering.image(at: 0)
    #expect((image.width, image.height) == (6, 5))
    #expect(set.estimatedBytes(for: form, size: .exact) == 12 * 108)
  }

  @Test func statisticsOfKnownPictures() {
    // Half the samples 0, half 200: mean 100, deviation 100; the second channel constant.
    let images = (0..<4).map { number in
      picture(2, 2) { x, _, c in c == 1 ? 51 : (x + number) % 2 == 0 ? 0 : 200 }
    }
    let set = Dataset(
      classNames: ["a"], labels: [0, 0, 0, 0], names: ["", "", "", ""], source: .memory(images))
    let (mean, deviation) = set.channelStatistics(for: plainForm(2, 2))
    #expect(abs(mean[0] - 100 / 255) < 1e-6 && abs(mean[1] - 0.2) < 1e-6)
    #expect(abs(deviation[0] - 100 / 255) < 1e-6 && deviation[1] == 1 / 255)
  }

  @Test func abandonedLoadersEnd() {
    for _ in 0..<20 {
      let loader = Self.training(Self.dataset(50), threads: 3)
      _ = Self.runTraining(loader, batches: 1)
    }
  }
}
