import Datasets
import Files
import Glibc
import Images
import TestSupport
import Testing

@Suite struct ImageFolderTests {
  let folder = TemporaryFolder()

  @Test func classesAndFilesAreSortedAndToldByTheirBytes() throws {
    let bytes = try png(pattern(4, 4))
    let jpeg = try pattern(4, 4).encoded(WriteOptions(format: .jpeg))
    for name in ["b/2.txt", "b/1.png", "b/deep/er/0", "a/x.jpg", "a/y.png", ".hidden/z.png"] {
      folder.write(name == "a/x.jpg" ? jpeg : bytes, to: name)
    }
    folder.write(Array("not a picture".utf8), to: "a/notes.PNG")
    folder.write(Array("not a picture".utf8), to: "a/png")
    folder.write(bytes, to: "a/.hidden.png")
    let parts = try DatasetSplits(path: folder.path)
    #expect(parts.training.classNames == ["a", "b"])
    #expect(parts.training.labels == [0, 0, 1, 1, 1])
    #expect(
      parts.training.names.map { $0.dropFirst(folder.path.count + 1) } == [
        "a/x.jpg", "a/y.png", "b/1.png", "b/2.txt", "b/deep/er/0",
      ])
    let called = folder.path + "/a/notes.PNG"
    #expect(
      parts.warnings == [
        .unreadableImage(path: called, reason: "not a PNG, JPEG, WebP, GIF, BMP or TIFF image"),
        .otherFiles(path: folder.path, count: 1),
      ])
    #expect(parts.warnings[1].description == "\(folder.path): skipped 1 file that is not an image")
    #expect(parts.validation == nil)
  }

  /// Folders and files may be called anything; a class is then called by the bytes' numbers.
  @Test func namesNeedNotBeUTF8() throws {
    for name: [UInt8] in [[0x6B, 0xFF], Array("b".utf8)] {
      let path = Array(folder.path.utf8) + [0x2F] + name
      #expect(mkdir((path + [0]).map { CChar(bitPattern: $0) }, 0o777) == 0)
      for number: UInt8 in 0x30..<0x33 {
        let file = path + [0x2F, 0xE4, number] + Array(".png".utf8)
        try pattern(4, 4).write(path: PathText.text(of: file))
      }
    }
    let parts = try DatasetSplits(path: folder.path)
    #expect(parts.training.classNames == ["b", #"k\xFF"#])
    #expect(parts.training.count == 6 && parts.warnings.isEmpty)
    #expect(try parts.training.image(at: 5).width == 4)
  }

  @Test func linksInACircleEnd() throws {
    let bytes = try png(pattern(2, 2))
    for name in ["a/1", "a/2", "b/1", "b/2"] { folder.write(bytes, to: name) }
    symlink("..", folder.path + "/a/up")
    symlink("../b", folder.path + "/a/other")
    symlink("../a", folder.path + "/b/other")
    symlink("nowhere", folder.path + "/b/dangling")
    mkfifo(folder.path + "/b/pipe", 0o600)
    symlink("nowhere", folder.path + "/gone")
    let parts = try DatasetSplits(path: folder.path)
    #expect(Set(parts.training.names).count == parts.training.count)
    #expect(parts.training.classCounts == [4, 4])
    // Links to nowhere are named, also where a class should be.
    let broken = ["/b/dangling", "/gone"].map {
      DatasetWarning.unreadableImage(path: folder.path + $0, reason: "No such file or directory")
    }
    #expect(Set(parts.warnings).isSuperset(of: broken))
  }

  @Test func classesThatAreNumbersAreSortedByValue() throws {
    let bytes = try png(pattern(2, 2))
    for name in ["10", "2", "1", "007"] { folder.write(bytes, to: "\(name)/a.png") }
    let set = try DatasetSplits(path: folder.path).training
    #expect(set.classNames == ["1", "2", "007", "10"])
    folder.write(bytes, to: "x/a.png")
    #expect(
      try DatasetSplits(path: folder.path).training.classNames == ["007", "1", "10", "2", "x"])
  }

  @Test func oneClassIsEnoughToMeasure() throws {
    folder.write(try png(pattern(2, 2)), to: "only/a.png")
    #expect(throws: DatasetError.self) { try DatasetSplits(path: folder.path) }
    let splits = try DatasetSplits(path: folder.path, fewestClasses: 1)
    #expect(splits.evaluation.classNames == ["only"])
  }

  /// A list with a heading, quotes, a path outside its folder and one to nowhere.
  @Test func listsOfPathsAndClasses() throws {
    let bytes = try png(pattern(2, 2))
    for name in ["images/1.png", "images/a, \"b\".png", "images/3.png", "elsewhere/4.png"] {
      folder.write(bytes, to: name)
    }
    let lines = """
      path,class\r
      images/1.png,dog\r
      "images/a, ""b"".png",cat
      images/none.png,dog

      ../lists/../images/3.png,"dog"
      \(folder.path)/elsewhere/4.png,cat
      """
    let list = folder.write(Array("\u{FEFF}\(lines)".utf8), to: "list.csv")
    mkdir(folder.path + "/lists", 0o777)
    // Relative to the list's folder, whose parent has no such folders.
    let splits = try DatasetSplits(path: list)
    #expect(splits.training.classNames == ["cat", "dog"])
    #expect(splits.training.labels == [1, 0, 0])
    #expect(splits.warnings.count == 2)
    let bad = folder.write(Array("images/1.png,dog,3\n".utf8), to: "bad.csv")
    #expect {
      try DatasetSplits(path: bad)
    } throws: { "\($0)" == "\(bad): line 1: expected a path and a class, path,class" }
  }

  /// Columns in another order, tabs, and paths alone, whose folders name the classes.
  @Test(arguments: [
    "label,path\ndog,dogs/1.png\ncat,cats/2.png\n", "dogs/1.png\tdog\r\ncats/2.png\tcat\r\n",
    "number,filename,class\n7,dogs/1.png,dog\n8,cats/2.png,cat\n", "dogs/1.png\ncats/2.png\n",
    "path\ndogs/1.png\n\ncats/2.png",
  ])
  func listsOfOtherForms(text: String) throws {
    let bytes = try png(pattern(2, 2))
    for name in ["dogs/1.png", "cats/2.png"] { folder.write(bytes, to: name) }
    let splits = try DatasetSplits(path: folder.write(Array(text.utf8), to: "list.txt"))
    #expect(splits.training.classNames.map { $0.prefix(3) } == ["cat", "dog"])
    #expect(splits.training.labels == [1, 0])
    #expect(splits.warnings.isEmpty)
  }

  @Test(arguments: [
    ["-1", "2", "10"], ["0.5", "1.25", "10"], ["1", "2", "10"], ["10", "2", "x1"],
  ])
  func numbersAreInTheirOrder(names: [String]) throws {
    let bytes = try png(pattern(2, 2))
    for name in names { folder.write(bytes, to: "\(name)/1.png") }
    #expect(try DatasetSplits(path: folder.path).training.classNames == names)
  }

  @Test func partsBesideEachOther() throws {
    let bytes = try png(pattern(2, 2))
    for name in ["train/a/1", "train/a/2", "train/b/1", "train/b/2", "val/b/3", "val/b/4"] {
      folder.write(bytes, to: name)
    }
    folder.write(bytes, to: "test/a/5")
    let parts = try DatasetSplits(path: folder.path)
    #expect(parts.training.count == 4)
    #expect(parts.validation?.labels == [1, 1])
    #expect(parts.validation?.classNames == ["a", "b"])
    // A test split is never validation.
    #expect(parts.test?.labels == [0] && parts.evaluation.labels == [0])
    folder.write(bytes, to: "val/unknown/1")
    #expect(throws: DatasetError.self) { try DatasetSplits(path: folder.path) }
  }

  @Test func whatCannotBeLearntFromIsRefused() throws {
    let bytes = try png(pattern(2, 2))
    func error(_ path: String) -> DatasetError? {
      let error = #expect(throws: DatasetError.self) { try DatasetSplits(path: path) }
      #expect(error?.description.contains("\n") == false)
      #expect(error?.description.hasPrefix(path) == true)
      return error
    }
    #expect(error(folder.path + "/none") == .system(path: folder.path + "/none", errno: ENOENT))
    #expect(error(folder.path) == .noData(path: folder.path))
    let file = folder.write(bytes, to: "one.png")
    #expect(error(file) == .system(path: file, errno: ENOTDIR))
    #expect(error(folder.path) == .noClasses(path: folder.path))
    folder.write(bytes, to: "cat/1.png")
    #expect(error(folder.path) == .oneClass(path: folder.path, name: "cat"))
  }

  @Test func oddClassesAreNamed() throws {
    let bytes = try png(pattern(2, 2))
    for name in ["a/1", "a/2", "b/1"] { folder.write(bytes, to: name) }
    folder.write([], to: "b/empty.png")
    mkdir(folder.path + "/c", 0o755)
    let parts = try DatasetSplits(path: folder.path)
    #expect(parts.training.classNames == ["a", "b"])
    #expect(
      parts.warnings == [
        .unreadableImage(path: folder.path + "/b/empty.png", reason: "the file is empty"),
        .singleImage(path: folder.path + "/b"), .emptyClass(path: folder.path + "/c"),
      ])
  }

  @Test(.enabled(if: geteuid() != 0, "the super-user may read everything"))
  func unreadableFoldersAreNamed() throws {
    let bytes = try png(pattern(2, 2))
    for name in ["a/1", "b/1", "c/1"] { folder.write(bytes, to: name) }
    chmod(folder.path + "/c", 0)
    let parts = try DatasetSplits(path: folder.path)
    #expect(parts.training.classNames == ["a", "b"])
    #expect(
      parts.warnings.contains(.unreadableFolder(path: folder.path + "/c", errno: EACCES)))
  }

  @Test func picturesWithoutClasses() throws {
    let bytes = try png(pattern(2, 2))
    for name in ["1", "a/2", "a/b/3"] { folder.write(bytes, to: name) }
    let (dataset, _) = try DatasetSplits.unlabeled(path: folder.path)
    #expect(dataset.count == 3 && dataset.classNames == [""])
    let empty = TemporaryFolder()
    let spoilt = TemporaryFolder()
    let file = spoilt.write(Array("not a picture".utf8), to: "a.jpg")
    let error = #expect(throws: DatasetError.self) {
      try DatasetSplits.unlabeled(path: spoilt.path)
    }
    #expect(
      error?.damaged == [
        .unreadableImage(path: file, reason: "not a PNG, JPEG, WebP, GIF, BMP or TIFF image")
      ])
    #expect(throws: DatasetError.noImages(path: empty.path)) {
      try DatasetSplits.unlabeled(path: empty.path)
    }
  }
}

@Suite struct IDXTests {
  let folder = TemporaryFolder()

  static func images(_ count: Int) -> [UInt8] {
    [0, 0, 8, 3, 0, 0, 0, UInt8(count), 0, 0, 0, 2, 0, 0, 0, 3]
      + (0..<6 * count).map { UInt8($0) }
  }

  static func labels(_ labels: [UInt8]) -> [UInt8] {
    [0, 0, 8, 1, 0, 0, 0, UInt8(labels.count)] + labels
  }

  /// A gzip file of one stored block.
  static func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    func little(_ value: UInt32, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    let length = UInt32(bytes.count)
    return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1] + little(length, 2) + little(~length, 2) + bytes
      + little(~crc, 4) + little(length, 4)
  }

  @Test func readsPlainAndGzip() throws {
    folder.write(Self.gzip(Self.images(3)), to: "train-images-idx3-ubyte.gz")
    folder.write(Self.gzip(Self.labels([0, 2, 1])), to: "train-labels-idx1-ubyte.gz")
    folder.write(Self.images(2), to: "t10k-images-idx3-ubyte")
    folder.write(Self.labels([1, 0]), to: "t10k-labels-idx1-ubyte")
    var parts = try DatasetSplits(path: folder.path)
    #expect(parts.training.labels == [0, 2, 1])
    #expect(parts.training.classNames == ["0", "1", "2"])
    #expect(parts.validation == nil)
    #expect(parts.test?.labels == [1, 0])
    #expect(parts.test?.classNames == ["0", "1", "2"])
    let image = try parts.training.image(at: 1)
    #expect(image.layout == PixelLayout(width: 3, height: 2, channels: 1))
    #expect(samples(image) == [6, 7, 8, 9, 10, 11])
    folder.write(Array("T-shirt\n Trouser\nBag\n".utf8), to: "labels.txt")
    parts = try DatasetSplits(path: folder.path)
    #expect(parts.training.classNames == ["T-shirt", "Trouser", "Bag"])
  }

  @Test func oneTestPartIsADataset() throws {
    folder.write(Self.images(2), to: "t10k-images-idx3-ubyte")
    folder.write(Self.labels([1, 0]), to: "t10k-labels-idx1-ubyte")
    let parts = try DatasetSplits(path: folder.path)
    #expect(parts.training.count == 2 && parts.validation == nil)
  }

  @Test func badFilesAreRefused() throws {
    let images = Self.images(2)
    let labels = Self.labels([1, 0])
    var damaged = Self.gzip(images)
    damaged[damaged.count - 6] ^= 1
    let cases: [(images: [UInt8], labels: [UInt8])] = [
      (images.dropLast(), labels), (images + [0], labels), (images, labels.dropLast()),
      (images, Self.labels([1])), (images, Self.labels([1, 0, 1])), (images, Self.labels([0, 0])),
      (Self.gzip(images).dropLast(), labels), (damaged, labels), (Array(images[..<8]), labels),
      (
        [0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255], labels
      ),
      ([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3], labels),
    ]
    for (images, labels) in cases {
      folder.write(images, to: "train-images-idx3-ubyte")
      folder.write(labels, to: "train-labels-idx1-ubyte")
      #expect(throws: DatasetError.self) { try DatasetSplits(path: folder.path) }
    }
    folder.write(images, to: "train-images-idx3-ubyte")
    unlink(folder.path + "/train-labels-idx1-ubyte")
    #expect(throws: DatasetError.self) { try DatasetSplits(path: folder.path) }
  }
}

@Suite struct CIFARBinaryTests {
  let folder = TemporaryFolder()

  static func record(_ labels: [UInt8]) -> [UInt8] {
    labels + (0..<3_072).map { UInt8($0 / 1_024 * 50 + $0 % 32) }
  }

  @Test func readsBatches() throws {
    folder.write(Self.record([3]) + Self.record([9]), to: "data_batch_1.bin")
    folder.write(Self.record([0]), to: "data_batch_2.bin")
    folder.write(Self.record([1]), to: "test_batch.bin")
    let parts = try DatasetSplits(path: folder.path)
    #expect(parts.training.labels == [3, 9, 0])
    #expect(parts.test?.labels == [1] && parts.validation == nil)
    #expect(parts.training.classNames.count == 10)
    let image = try parts.training.image(at: 0)
    #expect(Array(samples(image)[..<6]) == [0, 50, 100, 1, 51, 101])
  }

  @Test func readsTheFineLabelsOfCIFAR100() throws {
    folder.write(Self.record([5, 99]) + Self.record([5, 0]), to: "train.bin")
    folder.write(
      Array((0..<100).map { "name\($0)\n" }.joined().utf8), to: "fine_label_names.txt")
    let parts = try DatasetSplits(path: folder.path)
    #expect(parts.training.labels == [99, 0])
    #expect(parts.training.classNames[99] == "name99")
  }

  @Test func badFilesAreRefused() {
    for bytes in [[], Array(Self.record([1]).dropLast()), Self.record([10]), [1, 2, 3]] {
      folder.write(bytes, to: "data_batch_1.bin")
      #expect(throws: DatasetError.self) { try DatasetSplits(path: folder.path) }
    }
  }

  @Test func namesThatDoNotFitAreNotPassedOver() {
    folder.write(Self.record([3]), to: "data_batch_1.bin")
    for names in [Array("one\ntwo\n".utf8), [0xE9, 10]] {
      folder.write(names, to: "batches.meta.txt")
      #expect(throws: DatasetError.self) { try DatasetSplits(path: folder.path) }
    }
  }
}

@Suite struct SplitTests {
  func dataset(_ counts: [Int]) -> Dataset {
    let labels = counts.enumerated().flatMap { Array(repeating: $0, count: $1) }
    return Dataset(
      classNames: counts.indices.map { "\($0)" }, labels: labels,
      names: labels.indices.map { "\($0)" },
      source: .memory(labels.map { _ in pattern(1, 1) }))
  }

  @Test func everyTenthOfEachClass() throws {
    let (training, validation) = try dataset([100, 35, 10]).split()
    #expect(
      validation.names == [
        "9", "19", "29", "39", "49", "59", "69", "79", "89", "99", "109", "119", "129", "144",
      ])
    #expect(training.count == 145 - 14)
    #expect(Set(training.names).isDisjoint(with: validation.names))
  }

  @Test(arguments: [0.01, 0.1, 0.25, 1.0 / 3, 0.5, 0.9, 0.999] as [Double])
  func isStratified(share: Double) throws {
    for seed in [nil, 1, 2] as [UInt64?] {
      let (training, validation) = try dataset([1, 2, 3, 50, 77]).split(
        validation: share, seed: seed)
      #expect(training.count + validation.count == 133)
      for (label, count) in [1, 2, 3, 50, 77].enumerated() {
        let held = validation.classCounts[label]
        #expect(held + training.classCounts[label] == count)
        #expect(training.classCounts[label] >= 1)
        #expect(
          held == (count == 1 ? 0 : min(max(Int(Double(count) * share + 1e-9), 1), count - 1)))
      }
    }
  }

  @Test func theSeedDecides() throws {
    let set = dataset([100, 100])
    func names(_ seed: UInt64?) throws -> [String] { try set.split(seed: seed).validation.names }
    #expect(try names(1) == names(1))
    #expect(try names(1) != names(2))
    #expect(try names(nil) != names(1))
  }

  @Test func whatCannotBeSplitIsRefused() {
    for share in [0, 1, -1, 2, .nan, .infinity] {
      #expect(throws: DatasetError.self) { try dataset([5, 5]).split(validation: share) }
    }
    #expect(throws: DatasetError.self) { try dataset([1, 1]).split() }
  }

  @Test func relabeling() throws {
    let set = dataset([1, 2])
    #expect(try set.relabeled(as: ["1", "x", "0"], path: "p").labels == [2, 0, 0])
    #expect(throws: DatasetError.self) { try set.relabeled(as: ["1"], path: "p") }
  }
}
