import Foundation
import Images
import Testing

/// Animations against what Pillow shows (`Fixtures/make_animations.py`).
@Suite struct AnimationFramesTests {
  private static func file(_ name: String) throws -> [UInt8] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    return Array(try Data(contentsOf: folder.appending(path: "Fixtures/animations/\(name)")))
  }

  @Test(arguments: ["moving.gif", "holes.gif", "over.png", "cleared.png"])
  func asPillowShows(_ name: String) throws {
    let images = try AnimationFrames(fileBytes: Self.file(name)).images
    let expected = try Self.file(name + ".rgba")
    #expect(images.count * 12 * 9 * 4 == expected.count)
    for (number, image) in images.enumerated() {
      #expect(image.width == 12 && image.height == 9 && image.channels == 4)
      let own = image.withUnsafeBytes { Array($0) }
      for pixel in 0..<12 * 9 {
        let place = (number * 12 * 9 + pixel) * 4
        // What cannot be seen has any color.
        #expect(abs(Int(own[4 * pixel + 3]) - Int(expected[place + 3])) <= 1)
        guard expected[place + 3] > 0 else { continue }
        for channel in 0..<3 {
          let difference = Int(own[4 * pixel + channel]) - Int(expected[place + channel])
          #expect(abs(difference) <= 2, "\(name), image \(number), pixel \(pixel)")
        }
      }
    }
  }

  /// What our own writer writes comes back.
  @Test func comesBack() throws {
    let frames = (0..<3).map { number in
      Image(
        layout: PixelLayout(width: 4, height: 3, channels: 3),
        bytes: (0..<36).map { UInt8($0 * 7 + number) })
    }
    let folder = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString).png"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try AnimatedPNG(frames: frames, framesPerSecond: 5).write(path: folder)
    let images = try AnimationFrames(path: folder).images
    #expect(images.count == 3)
    for (image, frame) in zip(images, frames) {
      let (own, colors) = (image.withUnsafeBytes { Array($0) }, frame.withUnsafeBytes { Array($0) })
      for pixel in 0..<12 {
        #expect(Array(own[4 * pixel..<4 * pixel + 3]) == Array(colors[3 * pixel..<3 * pixel + 3]))
        #expect(own[4 * pixel + 3] == 255)
      }
    }
  }

  /// Files that end early, or hold something else, give an error or what there is of them.
  @Test(arguments: ["moving.gif", "over.png"])
  func cutFilesDoNotCrash(_ name: String) throws {
    let file = try Self.file(name)
    for count in 0..<file.count {
      guard let images = try? AnimationFrames(fileBytes: Array(file[..<count])).images else {
        continue
      }
      #expect(images.count <= 5)
    }
    for place in stride(from: 8, to: file.count, by: 3) {
      var bytes = file
      bytes[place] ^= 0xFF
      _ = try? AnimationFrames(
        fileBytes: bytes, limits: Limits(maximumPixels: 10_000, maximumBytes: 1 << 20))
    }
    #expect(throws: ImageError.self) { try AnimationFrames(fileBytes: Array("GIF".utf8)) }
    let still = Image(layout: PixelLayout(width: 1, height: 1, channels: 1), bytes: [0])
    #expect(throws: ImageError.self) { try AnimationFrames(fileBytes: still.encoded()) }
  }
}
