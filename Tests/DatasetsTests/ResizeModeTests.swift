import Datasets
import Foundation
import Images
import ModelFiles
import Testing

/// What becomes of an image before a network sees it.
@Suite struct ResizeModeTests {
  private func form(
    _ side: Int, mode: Preprocessing.ResizeMode = .centerCrop, shorterSide: Int? = nil,
    interpolation: Preprocessing.Interpolation = .linear, order: Preprocessing.ChannelOrder = .rgb
  ) -> Preprocessing {
    Preprocessing(
      width: side, height: side, channels: 3, resizeMode: mode, shorterSide: shorterSide,
      interpolation: interpolation, channelOrder: order, mean: [0, 0, 0], std: [1, 1, 1])
  }

  /// The same as torchvision's Resize and CenterCrop, but for roundings of one level.
  @Test(arguments: [(61, 43, 24, 20), (30, 77, 32, 32), (13, 13, 29, 17), (200, 150, 21, 16)])
  func resizedAndCroppedAsTorchvisionDoes(
    _ width: Int, _ height: Int, _ side: Int, _ crop: Int
  ) throws {
    let image = picture(width, height) { x, y, c in
      UInt8(truncatingIfNeeded: x * 7 + y * 13 + c * 29 + x * y * (c + 1) / 3)
    }
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    for (interpolation, suffix) in [(Preprocessing.Interpolation.linear, ""), (.cubic, "-cubic")] {
      let name = "torchvision-\(width)x\(height)-\(side)-\(crop)\(suffix).rgb"
      let right = [UInt8](try Data(contentsOf: folder.appending(path: "Fixtures/\(name)")))
      let form = form(crop, shorterSide: side, interpolation: interpolation)
      let made = samples(try form.resized(image))
      #expect(made.count == right.count)
      let largest = zip(made, right).map { abs(Int($0) - Int($1)) }.max() ?? .max
      #expect(largest <= 1, "\(interpolation)")
    }
  }

  /// 6 × 3 in a square of 6: three black rows, one above and two below, or the other way round.
  @Test func blackBesideTheWholeImage() throws {
    let image = picture(6, 3) { x, y, c in UInt8(100 + 10 * y + c) }
    let made = samples(try form(6, mode: .letterbox).resized(image))
    let rows = (0..<6).map { made[$0 * 18] }
    #expect(rows == [0, 100, 110, 120, 0, 0])
    let tall = picture(2, 8) { _, _, _ in 200 }
    let column = samples(try form(4, mode: .letterbox).resized(tall))
    #expect((0..<4).map { column[$0 * 3] } == [0, 200, 0, 0])
  }

  @Test func blueFirst() throws {
    let image = picture(2, 2) { x, y, c in UInt8(51 * (c + 1)) }
    var form = form(2, order: .bgr)
    form.mean = [0, 0.5, 1]
    var values = [Float](repeating: 0, count: form.elementCount)
    try values.withUnsafeMutableBufferPointer { try form.write(image, to: $0) }
    for (plane, right) in [0.6, 0.4 - 0.5, 0.2 - 1].enumerated() {
      #expect(abs(values[plane * 4] - Float(right)) < 1e-6)
    }
  }

  @Test func aCropIsNoLargerThanWhatItIsCutOutOf() {
    #expect(!form(32, shorterSide: 31).isValid)
    #expect(form(32, shorterSide: 32).isValid)
  }

  @Test func storedAndRead() throws {
    let full = form(8, shorterSide: 9, interpolation: .cubic, order: .bgr)
    let data = try JSONEncoder().encode(full)
    #expect(try JSONDecoder().decode(Preprocessing.self, from: data) == full)
    let old = #"{"width":2,"height":2,"channels":1,"fit":"crop","mean":[0],"deviation":[1]}"#
    let read = try JSONDecoder().decode(Preprocessing.self, from: Data(old.utf8))
    #expect(read.shorterSide == nil && read.channelOrder == .rgb && read.isValid)
    #expect(read.interpolation == .linear)
  }
}
