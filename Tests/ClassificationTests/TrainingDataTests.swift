import Classification
import Datasets
import Glibc
import Images
import ModelFiles
import TestSupport
import Testing
import Training

private func picture(_ width: Int, _ height: Int, channels: Int, seed: UInt8) -> Image {
  let layout = PixelLayout(width: width, height: height, channels: channels)
  return Image(
    layout: layout, bytes: (0..<layout.byteCount).map { UInt8(truncatingIfNeeded: $0) &* seed })
}

/// A folder of classes; each picture is given by its name and what is in the file.
private func write(_ classes: [String: [String: Image]], to folder: TemporaryFolder) throws {
  for (name, pictures) in classes {
    mkdir("\(folder.path)/\(name)", 0o777)
    for (file, image) in pictures { try image.write(path: "\(folder.path)/\(name)/\(file)") }
  }
}

private func several(_ count: Int, channels: Int = 3, size: Int = 8) -> [String: Image] {
  Dictionary(
    uniqueKeysWithValues: (0..<count).map {
      ("\($0).png", picture(size, size, channels: channels, seed: UInt8($0 + 1)))
    })
}

private func problem(_ path: String) -> String {
  do {
    _ = try TrainingData(path: path)
    return "none"
  } catch { return "\(error)" }
}

private let form = Preprocessing(
  width: 8, height: 8, channels: 3, mean: [0, 0, 0], std: [1, 1, 1])

@Suite struct TrainingDataTests {
  @Test func emptyFolderIsRefused() throws {
    let folder = TemporaryFolder()
    #expect(problem(folder.path).contains("no images"))
  }

  @Test func missingFolderIsNamed() {
    #expect(problem("/nowhere/at/all") == "/nowhere/at/all: No such file or directory")
  }

  @Test func oneClassIsRefused() throws {
    let folder = TemporaryFolder()
    try write(["cats": several(3)], to: folder)
    #expect(problem(folder.path).contains("only one class, cats"))
  }

  @Test func classWithOnePictureIsTrainedOnAndNamed() throws {
    let folder = TemporaryFolder()
    try write(["a": several(1), "b": several(10)], to: folder)
    let found = try TrainingData(path: folder.path)
    #expect(found.warnings == [.singleImage(path: "\(folder.path)/a")])
    let prepared = try found.prepared(for: form, recipe: .smallColor, validationFraction: 0.2)
    #expect(prepared.training.classCounts == [1, 8])
    #expect(prepared.validation?.classCounts == [0, 2])
  }

  @Test func damagedPictureIsLeftOutAndNamed() throws {
    let folder = TemporaryFolder()
    try write(["a": several(20), "b": several(20)], to: folder)
    // Half of a picture.
    let bytes = try picture(64, 64, channels: 3, seed: 3).encoded()
    let file = try #require(fopen("\(folder.path)/a/bad.png", "w"))
    fwrite(bytes, 1, bytes.count / 2, file)
    fclose(file)
    let prepared = try TrainingData(path: folder.path)
      .prepared(for: form, recipe: .smallColor, validationFraction: 0)
    #expect(prepared.training.count == 40)
    #expect(prepared.validation == nil)
    #expect(prepared.damaged.count == 1)
    #expect(prepared.damaged.first?.description.contains("a/bad.png") == true)
  }

  @Test func mixedSizesAndModesBecomeOneForm() throws {
    let folder = TemporaryFolder()
    try write(
      [
        "a": [
          "gray.png": picture(30, 10, channels: 1, seed: 1),
          "alpha.png": picture(9, 50, channels: 4, seed: 2),
        ],
        "b": [
          "color.png": picture(8, 8, channels: 3, seed: 3),
          "grayAlpha.png": picture(100, 100, channels: 2, seed: 4),
        ],
      ], to: folder)
    let found = try TrainingData(path: folder.path)
    #expect(found.channels == 3)
    let prepared = try found.prepared(for: form, recipe: .smallColor, validationFraction: 0)
    #expect(prepared.damaged.isEmpty)
    let loader = Loader(ImageExamples(prepared.training, form: form), batchSize: 4)
    var pixels = [Float](repeating: .nan, count: 4 * form.elementCount)
    let count = pixels.withUnsafeMutableBufferPointer { pixels in
      loader.next { batch in
        batch.write(ImageExamples.image, to: pixels)
        return batch.count
      }
    }
    #expect(count == 4)
    #expect(pixels.allSatisfy { (0...1).contains($0) })
  }

  @Test(arguments: [
    (1, 28, TrainingData.Kind.smallGrayscale, "compact-resnet"),
    (3, 32, .smallColor, "whitened-cnn"), (3, 200, .photos, "resnet18"),
    (3, 64, .photos, "photo-resnet"), (3, 100, .photos, "photo-resnet"),
  ])
  func recipeIsChosenByTheData(
    channels: Int, size: Int, kind: TrainingData.Kind, model: String
  ) throws {
    let folder = TemporaryFolder()
    let pictures = several(4, channels: channels, size: size)
    try write(["a": pictures, "b": pictures], to: folder)
    let found = try TrainingData(path: folder.path)
    let recipe = Recipe.default(for: found)
    #expect(found.kind == kind)
    #expect(recipe.model == model)
    // Images are not enlarged; photographs are taken in whole tiles.
    #expect(recipe.imageSize == (size == 200 ? 128 : size == 100 ? 64 : size))
    // Eight pictures: smaller batches and more epochs.
    #expect(recipe.batchSize == 8)
    #expect(recipe.epochs > 100)
  }

  /// However small images are, what is chosen for them fits.
  @Test(arguments: [1, 3], [1, 2, 3, 4, 5, 8, 9])
  func tinyImagesHaveARecipe(channels: Int, size: Int) throws {
    let folder = TemporaryFolder()
    let pictures = several(4, channels: channels, size: size)
    try write(["a": pictures, "b": pictures], to: folder)
    let found = try TrainingData(path: folder.path)
    let task = try ClassifierTask(
      data: found, recipe: Recipe.default(for: found), card: ModelCard(name: "tiny"))
    #expect(task.network.inputShape[2] == channels)
  }

  /// An hour at the table's 250 billion multiply-adds a second, three times forward: photo-resnet with 434
  /// million for an image of 64 × 64 makes 12 epochs of 55,000.
  @Test func epochsAreThoseOfAnHour() {
    let recipe = Recipe.smallPhotos.limited(toAnHourOf: 55_000, channels: 3, classes: 261)
    #expect((10...14).contains(recipe.epochs), "\(recipe.epochs)")
    #expect(Recipe.smallPhotos.limited(toAnHourOf: 100, channels: 3, classes: 3).epochs == 30)
    #expect(Recipe.photos.limited(toAnHourOf: 10_000_000, channels: 3, classes: 3).epochs == 5)
  }

  @Test(arguments: [
    // seconds, seconds an epoch, side, epochs
    (600.0, 10.0, 64, 60), (6_000, 10, 64, 300), (100, 10, 64, 10),
    // Five epochs would fit; at three quarters of the side, 9/16 of the work, eight and more.
    (50, 10, 48, 8),
    // At half the side, four times as many.
    (20, 10, 32, 8), (1, 10, 32, 1),
  ])
  func aBudgetIsSpent(budget: Double, perEpoch: Double, side: Int, epochs: Int) {
    let recipe = Recipe.smallPhotos.fitted(to: budget, secondsPerEpoch: perEpoch)
    #expect(recipe.imageSize == side && recipe.epochs == epochs)
    let fixed = Recipe.smallPhotos.fitted(to: budget, secondsPerEpoch: perEpoch, keepsSize: true)
    #expect(fixed.imageSize == 64)
  }

  @Test func senselessNumbersAreRefused() throws {
    let folder = TemporaryFolder()
    try write(["a": several(3), "b": several(3)], to: folder)
    let found = try TrainingData(path: folder.path)
    func problem(_ change: (inout Recipe) -> Void) -> String {
      var recipe = Recipe.smallColor
      change(&recipe)
      do {
        _ = try ClassifierTask(
          data: found, validationFraction: 0.1, recipe: recipe, card: ModelCard(name: "test"))
        return "none"
      } catch { return "\(error)" }
    }
    #expect(problem { $0.model = "resnet19" }.contains("unknown architecture \"resnet19\""))
    #expect(problem { $0.imageSize = 2 } != "none")
    #expect(problem { $0.epochs = 0 }.contains("epochs 0: must be"))
    #expect(problem { $0.batchSize = -1 }.contains("batchSize -1: must be"))
    #expect(problem { $0.learningRate = .nan }.contains("learningRate nan"))
    #expect(problem { $0.dropout = 1 }.contains("dropout 1.0"))
    #expect(problem { _ in } == "none")
  }
}

@Suite struct MatchedClassesTests {
  private func dataset(_ names: [String]) -> Dataset {
    Dataset(
      classNames: names, labels: [0, 1], names: ["x", "y"],
      source: .memory([
        picture(1, 1, channels: 1, seed: 1), picture(1, 1, channels: 1, seed: 2),
      ]))
  }

  @Test func namesAreFoundInAnotherOrder() throws {
    let matched = try dataset(["b", "c"]).matched(to: ["a", "b", "c"], path: "data").dataset
    #expect(matched.labels == [1, 2])
  }

  @Test func numbersAreTakenByPosition() throws {
    let matched = try dataset(["0", "1"]).matched(
      to: ["shirt", "bag", "boot"], path: "data"
    ).dataset
    #expect(matched.labels == [0, 1])
    #expect(matched.classNames == ["shirt", "bag", "boot"])
  }

  @Test func unknownClassIsNamed() {
    #expect(throws: DatasetError.self) {
      try dataset(["a", "zebra"]).matched(to: ["a", "b"], path: "data")
    }
  }
}
