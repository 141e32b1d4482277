import Datasets
import Images
import ModelFiles
import Tensors
import TestSupport
import Testing

/// A form without normalisation but to 0…1.
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

  @Test func normalisesChannelByChannel() throws {
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

  @Test func greyAndColourTurnIntoEachOther() throws {
    let grey = picture(1, 1, channels: 1) { _, _, _ in 77 }
    #expect(samples(try plainForm(1, 1).resized(grey)) == [77, 77, 77])
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

  /// The batches and pixels of so many batches.
  static func run(_ loader: Loader, batches: Int) -> [(Loader.Batch, [Float])] {
    (0..<batches).map { _ in
      var pixels = [Float](repeating: .nan, count: loader.batchSize * loader.form.elementCount)
      let batch = pixels.withUnsafeMutableBufferPointer { loader.next(into: $0) }
      return (batch, pixels)
    }
  }

  @Test func inOrderGivesEveryPictureOnce() throws {
    let set = Self.dataset(10)
    let form = plainForm(8, 8)
    let loader = Loader(set, form: form, batchSize: 4)
    #expect(loader.batchCount == 3)
    let batches = Self.run(loader, batches: 4)
    #expect(batches.map(\.0.indices) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9], [0, 1, 2, 3]])
    #expect(batches.map(\.0.epoch) == [0, 0, 0, 1])
    #expect(batches[2].0.labels == [2, 0])
    for (batch, pixels) in batches {
      for (row, index) in batch.indices.enumerated() {
        var expected = [Float](repeating: 0, count: form.elementCount)
        try expected.withUnsafeMutableBufferPointer { try form.write(set.image(at: index), to: $0) }
        #expect(Array(pixels[row * form.elementCount..<(row + 1) * form.elementCount]) == expected)
      }
      #expect(pixels[(batch.count * form.elementCount)...].allSatisfy { $0 == 0 })
    }
  }

  static func training(
    _ set: Dataset, threads: Int, epoch: Int = 0, seed: UInt64 = 5
  ) -> Loader {
    Loader(
      set, form: plainForm(6, 6), batchSize: 4, random: RandomSource(seed: seed),
      crop: RandomResizedCrop(),
      augmentations: [
        HorizontalFlip(), Shift(pixels: 2), ColorJitter(), AffineWarp(), ElasticDeformation(),
        Cutout(size: 2),
      ], startingAtEpoch: epoch, threads: threads)
  }

  @Test func threadsDoNotMatter() {
    let set = Self.dataset(23)
    let one = Self.run(Self.training(set, threads: 1), batches: 17)
    for threads in [2, 3, 8] {
      let many = Self.run(Self.training(set, threads: threads), batches: 17)
      #expect(one.map(\.0) == many.map(\.0))
      #expect(one.map(\.1) == many.map(\.1))
    }
    let other = Self.run(Self.training(set, threads: 1, seed: 6), batches: 17)
    #expect(one.map(\.0) != other.map(\.0))
  }

  @Test func startingAtAnEpochEqualsRunningToIt() {
    let set = Self.dataset(23)
    let whole = Self.run(Self.training(set, threads: 2), batches: 15)
    let resumed = Self.run(Self.training(set, threads: 1, epoch: 2), batches: 5)
    #expect(whole[10...].map(\.0) == resumed.map(\.0))
    #expect(whole[10...].map(\.1) == resumed.map(\.1))
  }

  @Test func trainingBatchesAreFullAndEpochsDiffer() {
    let batches = Self.run(Self.training(Self.dataset(23), threads: 1), batches: 10).map(\.0)
    #expect(batches.allSatisfy { $0.count == 4 })
    let first = batches[..<5].flatMap(\.indices)
    let second = batches[5...].flatMap(\.indices)
    #expect(Set(first).count == 20 && Set(second).count == 20)
    #expect(first != second)
    // Three pictures in batches of four.
    let small = Self.run(Self.training(Self.dataset(3), threads: 1), batches: 2).map(\.0)
    #expect(small.allSatisfy { $0.count == 4 && Set($0.indices).count == 3 })
  }

  @Test func targetsAreSmoothedProbabilities() {
    let loader = Loader(Self.dataset(3, classes: 4), form: plainForm(8, 8), batchSize: 4)
    var pixels = [Float](repeating: 0, count: 4 * loader.form.elementCount)
    var targets = [Float](repeating: .nan, count: 16)
    pixels.withUnsafeMutableBufferPointer { pixels in
      targets.withUnsafeMutableBufferPointer {
        _ = loader.next(into: pixels, targets: $0, smoothing: 0.2)
      }
    }
    let expected: [Float] = [
      0.85, 0.05, 0.05, 0.05, 0.05, 0.85, 0.05, 0.05, 0.05, 0.05, 0.85, 0.05, 0, 0, 0, 0,
    ]
    for (target, expected) in zip(targets, expected) { #expect(abs(target - expected) < 1e-6) }
  }

  /// Twelve pictures in files, of which number 5 is damaged.
  func files() throws -> Dataset {
    for index in 0..<12 {
      var bytes = try png(pattern(9, 7, seed: index))
      if index == 5 { bytes.removeLast(bytes.count - 60) }
      folder.write(bytes, to: "\(index % 2)/\(index + 10).png")
    }
    return try DatasetParts(path: folder.path).training
  }

  @Test func damagedPicturesDoNotEndARun() throws {
    let set = try files()
    let damaged = try #require(set.names.firstIndex { $0.hasSuffix("/15.png") })
    let training = Loader(
      set, form: plainForm(6, 6), batchSize: 4, random: RandomSource(seed: 1), threads: 2)
    let epoch = Self.run(training, batches: 3).map(\.0)
    #expect(epoch.allSatisfy { $0.count == 4 && !$0.indices.contains(damaged) })
    let warnings = training.takeDamaged()
    #expect(warnings.count == 1)
    #expect(warnings.first?.description.contains("15.png") == true)
    let inOrder = Loader(set, form: plainForm(6, 6), batchSize: 12)
    let all = Self.run(inOrder, batches: 1)[0].0
    #expect(all.indices == (0..<12).filter { $0 != damaged })
  }

  @Test func picturesInMemoryAreThoseOfTheFiles() throws {
    let set = try files()
    let form = plainForm(6, 6)
    let (inMemory, damaged) = set.inMemory(for: form, threads: 3)
    #expect(inMemory.count == 11 && damaged.count == 1)
    let a = Self.run(Loader(set, form: form, batchSize: 12), batches: 1)[0]
    let b = Self.run(Loader(inMemory, form: form, batchSize: 12), batches: 1)[0]
    #expect(a.1 == b.1 && a.0.labels == b.0.labels)
    let (covering, _) = set.inMemory(for: plainForm(3, 3), size: .covering(1.5))
    let image = try covering.image(at: 0)
    #expect((image.width, image.height) == (6, 5))
    #expect(set.memoryNeeded(for: form, size: .exact) == 12 * 108)
  }

  @Test func statisticsOfKnownPictures() {
    // Half the samples 0, half 200: mean 100, deviation 100; the second channel constant.
    let images = (0..<4).map { number in
      picture(2, 2) { x, _, c in c == 1 ? 51 : (x + number) % 2 == 0 ? 0 : 200 }
    }
    let set = Dataset(
      classNames: ["a"], labels: [0, 0, 0, 0], names: ["", "", "", ""], source: .memory(images))
    let (mean, deviation) = set.statistics(for: plainForm(2, 2))
    #expect(abs(mean[0] - 100 / 255) < 1e-6 && abs(mean[1] - 0.2) < 1e-6)
    #expect(abs(deviation[0] - 100 / 255) < 1e-6 && deviation[1] == 1 / 255)
  }

  @Test func abandonedLoadersEnd() {
    for _ in 0..<20 {
      let loader = Self.training(Self.dataset(50), threads: 3)
      _ = Self.run(loader, batches: 1)
    }
  }
}
