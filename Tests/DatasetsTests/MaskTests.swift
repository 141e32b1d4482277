import Datasets
import Images
import ModelFiles
import Tensors
import TestSupport
import Testing

/// Folders of images and masks to be read.
private struct MaskFolders {
  let folder = TemporaryFolder()
  var images: String { folder.path + "/images" }
  var masks: String { folder.path + "/masks" }

  /// Writes as many images, and masks of the values that `mask` gives.
  init(
    _ count: Int, channels: Int = 1, palette: [UInt8]? = nil,
    mask: (_ index: Int, _ x: Int, _ y: Int, _ c: Int) -> UInt8
  ) throws {
    for index in 0..<count {
      folder.write(try png(pattern(6, 4, seed: index)), to: "images/a/\(index).png")
      var options = WriteOptions(format: .png)
      options.palette = palette
      let image = picture(6, 4, channels: channels) { mask(index, $0, $1, $2) }
      folder.write(try image.encoded(options), to: "masks/a/\(index).png")
    }
  }

  func pairs() throws -> MaskPairs { try MaskPairs(images: images, masks: masks) }

  func names(_ text: String) throws -> ClassNameFile {
    try ClassNameFile(path: folder.write(Array(text.utf8), to: "names.txt"))
  }
}

@Suite struct MaskTests {
  /// Gray levels are numbers: each that occurs is a class, but for the void value.
  @Test func grayLevels() throws {
    let folders = try MaskFolders(3) { index, x, _, _ in UInt8(x == 5 ? 9 : index) }
    let pairs = try folders.pairs()
    #expect(pairs.count == 3 && pairs.warnings.isEmpty)
    let classes = try pairs.classes(void: 9)
    #expect(classes.kind == .index && classes.values == [0, 1, 2] && classes.void == 9)
    #expect(classes.names == ["class 0", "class 1", "class 2"] && classes.indices == [0, 1, 2])
    #expect(Set(classes.colors).count == 3)
    let (decoded, damaged) = pairs.decoded(classes: classes)
    #expect(damaged.isEmpty && decoded.count == 3 && decoded.channels == 3)
    #expect(decoded.classCounts == [20, 20, 20])
    let mask = samples(try decoded.masks.image(at: 1))
    #expect(mask == (0..<24).map { $0 % 6 == 5 ? MaskClasses.none : 1 })
  }

  /// A palette's indices, and its colors to draw classes with.
  @Test func paletteIndices() throws {
    let palette: [UInt8] = [0, 0, 0, 250, 0, 0, 0, 250, 0, 0, 0, 250]
    let folders = try MaskFolders(2, palette: palette) { _, x, _, _ in UInt8(x % 2 * 3) }
    let classes = try folders.pairs().classes(names: folders.names("a\nb\nc\nd\n"))
    #expect(classes.names == ["a", "b", "c", "d"] && classes.values == [0, 1, 2, 3])
    #expect(try folders.pairs().classes().values == [0, 3])
    #expect(try folders.pairs().classes().colors == [0, 0x0000FA])
    #expect(try folders.pairs().classes().palette == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 250])
  }

  /// Numbers with gaps take the names in their order.
  @Test func numbersWithGaps() throws {
    let folders = try MaskFolders(1) { _, x, _, _ in x < 2 ? 0 : 255 }
    let classes = try folders.pairs().classes(names: folders.names("membrane\ncell"))
    #expect(classes.values == [0, 255] && classes.names == ["membrane", "cell"])
    #expect(classes.palette.count == 768)
  }

  /// Colors are the classes that a file says they are.
  @Test func colors() throws {
    let folders = try MaskFolders(1, channels: 3) { _, x, y, c in
      x == 0 ? 0 : c == 0 ? UInt8(y % 2 * 200) : 7
    }
    let classes = try folders.pairs().classes(
      names: folders.names("200 7 7 road\n0 7 7\tsky\n0 0 0 void\n"), void: 0)
    #expect(classes.kind == .color && classes.names == ["road", "sky"])
    #expect(classes.values == [0xC80707, 0x000707] && classes.indices == [0, 1])
    #expect(classes.palette == [200, 7, 7, 0, 7, 7])
    let (decoded, _) = try folders.pairs().decoded(classes: classes)
    let mask = samples(try decoded.masks.image(at: 0))
    #expect(mask[..<8] == [255, 1, 1, 1, 1, 1, 255, 0])
    #expect(try folders.pairs().classes().names.first == "class #000000")
  }

  @Test(
    arguments: [
      ("a\nb", nil, "of which 2 is not among the 2 classes"),
      ("a\nb\nc\nd", nil, nil), ("a\nb", 2, nil),
      ("1 2 3 a\nb", nil, "some of the lines begin with a color"),
      ("a\na", nil, "named twice"), ("", nil, "class names, one a line"),
    ] as [(String, Int?, String?)])
  func names(text: String, void: Int?, problem: String?) throws {
    let folders = try MaskFolders(1) { _, x, _, _ in UInt8(x % 3) }
    do {
      let classes = try folders.pairs().classes(names: folders.names(text), void: void)
      #expect(problem == nil && classes.names.count == text.split(separator: "\n").count)
    } catch {
      #expect(problem.map { "\(error)".contains($0) } ?? false, "\(error)")
    }
  }

  /// What cannot be masks is refused in a line.
  @Test func otherMasks() throws {
    let photo = try MaskFolders(1, channels: 3) { _, x, y, c in UInt8(x * 40 + y * 9 + c) }
    // 24 colors are few enough for classes, but they have no names.
    #expect(throws: DatasetError.self) {
      try photo.pairs().classes(names: photo.names("a\nb"))
    }
    let one = try MaskFolders(2) { _, _, _, _ in 3 }
    #expect(throws: DatasetError.self) { try one.pairs().classes() }
    let many = try MaskFolders(11) { index, x, y, _ in
      UInt8(truncatingIfNeeded: index * 24 + y * 6 + x)
    }
    #expect(throws: DatasetError.self) { try many.pairs().classes() }
  }

  /// Names decide what belongs together; what has no partner is counted, and refused above a tenth.
  @Test func partners() throws {
    let folders = try MaskFolders(10) { index, _, _, _ in UInt8(index % 2) }
    folders.folder.write(try png(pattern(6, 4)), to: "images/alone.png")
    let pairs = try folders.pairs()
    #expect(pairs.count == 10)
    #expect(
      pairs.warnings == [
        .withoutPartner(
          path: folders.images, count: 1, example: folders.images + "/alone.png", partner: "mask")
      ])
    let (training, heldOut) = pairs.split(holdingOutOneIn: 4)
    #expect(training.count == 8 && heldOut.images == Array(pairs.images.suffix(2)))
    folders.folder.write(try png(pattern(6, 4)), to: "images/b/0.png")
    #expect {
      try folders.pairs()
    } throws: { "\($0)".contains("2 of 12 files have no mask of their name") }
  }

  /// Damaged files and masks of another size are named and left out.
  @Test func damagedPairs() throws {
    let folders = try MaskFolders(4) { index, _, _, _ in UInt8(index % 2) }
    let classes = try folders.pairs().classes()
    folders.folder.write(try png(pattern(5, 4, channels: 1)), to: "masks/a/1.png")
    let file = try png(pattern(6, 4))
    folders.folder.write(Array(file.prefix(60)), to: "images/a/2.png")
    let (decoded, damaged) = try folders.pairs().decoded(classes: classes)
    #expect(decoded.images.names.map { $0.suffix(5) } == ["0.png", "3.png"])
    #expect(damaged.count == 2)
    #expect("\(damaged[0])".contains("has a mask of 5 × 4 pixels, not 6 × 4"))
  }

  // MARK: - Crops

  private func dataset(_ images: [Image]) -> Dataset {
    Dataset(
      classNames: [""], labels: images.map { _ in 0 }, names: images.indices.map { "\($0)" },
      source: .memory(images))
  }

  /// At a scale of 1 a crop is a part of the image, and the mask's the same part.
  @Test func cropsOfImageAndMask() {
    let image = picture(40, 30, channels: 1) { x, y, _ in UInt8(x * 6 + y / 8) }
    let crop = RandomScaledCrop(scales: 1...1)
    for seed in 0..<20 as Range<UInt64> {
      var random: RandomSource? = RandomSource(seed: seed)
      let (part, masks) = crop.apply(
        to: image, and: [(image, .nearest)], width: 16, height: 8, random: &random)
      #expect(part.width == 16 && part.height == 8)
      // Between pixels the image is interpolated, its mask is not.
      for (a, b) in zip(samples(part), samples(masks[0])) { #expect(abs(Int(a) - Int(b)) <= 4) }
      #expect(samples(masks[0]).allSatisfy(Set(samples(image)).contains))
    }
    var none: RandomSource?
    let middle = crop.apply(
      to: image, and: [(image, .nearest)], width: 16, height: 8, random: &none)
    #expect(samples(middle.image) == samples(middle.companions[0]))
    #expect(samples(middle.image)[0] == UInt8(12 * 6 + 11 / 8))
  }

  /// Twice as large, the image is interpolated; smaller than the crop, it is enlarged until it fits.
  @Test func scales() {
    let ramp = picture(64, 64, channels: 1) { x, _, _ in UInt8(x * 4) }
    for (scale, size, step) in [(2, 16, 2), (0.5, 16, 8), (0.5, 64, 4), (1, 128, 2)]
      as [(Float, Int, Int)]
    {
      var random: RandomSource? = RandomSource(seed: 3)
      let part = RandomScaledCrop(scales: scale...scale).apply(
        to: ramp, and: [(ramp, .nearest)], width: size, height: size, random: &random
      ).image
      let row = samples(part)[..<size]
      let inner = zip(row.dropFirst(2), row.dropFirst()).map { Int($0) - Int($1) }.dropLast(2)
      #expect(inner.allSatisfy { abs($0 - step) <= 1 }, "\(scale) \(size): \(inner)")
    }
  }

  /// A margin may lie beyond the image, and shows its mirror image.
  @Test func marginsAreMirrored() {
    let image = picture(8, 8, channels: 1) { x, y, _ in UInt8(x * 16 + y) }
    var none: RandomSource?
    let part = RandomScaledCrop(margin: 3).apply(
      to: image, and: [(image, .nearest)], width: 14, height: 14, random: &none
    ).image
    let row = Array(samples(part)[42..<56])
    #expect(row == [3, 2, 1, 0, 1, 2, 3, 4, 5, 6, 7, 6, 5, 4].map { UInt8($0 * 16) })
  }

  /// Between two objects two pixels apart, the middle of the ground, by hand: 255 · exp(−(1 + 1)² / 50) and, a
  /// pixel further on, whose objects are 1 and 2 away, 255 · exp(−9 / 50).
  @Test func groundBetweenObjects() throws {
    func map(_ rows: [[UInt8]]) -> Image {
      Image(
        layout: PixelLayout(width: rows[0].count, height: rows.count, channels: 1),
        bytes: rows.flatMap { $0 })
    }
    let weights = BorderWeights()
    #expect(samples(weights.image(of: map([[1, 0, 2]]))) == [0, 235, 0])
    #expect(samples(weights.image(of: map([[1, 0, 0, 1]]))) == [0, 213, 213, 0])
    // One object, bent around the ground, is not two; what has no class is no object.
    #expect(samples(weights.image(of: map([[1, 0, 1], [1, 1, 1]]))).allSatisfy { $0 == 0 })
    #expect(samples(weights.image(of: map([[1, 0, 255]]))).allSatisfy { $0 == 0 })

    let image = map([[1, 0, 2], [1, 0, 2]])
    let pairs = ImagePairs(
      dataset([image]), with: dataset([image]), as: .mask(classes: 3),
      form: plainForm(3, 2, channels: 1), weights: (dataset([weights.image(of: image)]), weights))
    var values = [Float](repeating: .nan, count: 6)
    Loader(pairs, batchSize: 1).next { batch in
      values.withUnsafeMutableBufferPointer { #expect(batch.write("weight", to: $0)) }
    }
    for (value, expected) in zip(values, [1, 10.2157, 1, 1, 10.2157, 1] as [Float]) {
      #expect(abs(value - expected) < 1e-3)
    }
  }

  /// A mask is smaller than its image by the margin.
  @Test func masksWithinAMargin() {
    let mask = picture(12, 10, channels: 1) { x, _, _ in UInt8(x % 2) }
    let pairs = ImagePairs(
      dataset([pattern(12, 10)]), with: dataset([mask]), as: .mask(classes: 2, margin: 2),
      form: plainForm(12, 10), crop: RandomScaledCrop(scales: 1...1, margin: 2))
    #expect(pairs.slots(bucket: 0)[1].shape == [2, 6, 8])
    var values = [Float](repeating: .nan, count: 96)
    Loader(pairs, batchSize: 1).next { batch in
      values.withUnsafeMutableBufferPointer { #expect(batch.write("mask", to: $0)) }
    }
    #expect(values == (0..<96).map { ($0 % 8 % 2 == 1) == ($0 >= 48) ? 1 : 0 })
  }
}
