import Files
import Images
import Testing

@Suite struct AnimatedPNGTests {
  private func frames(_ count: Int) -> [Image] {
    (0..<count).map { index in
      Image(
        layout: PixelLayout(width: 3, height: 2, channels: 1),
        bytes: (0..<6).map { UInt8($0 * 10 + index) })
    }
  }

  /// The types of a file's chunks, and the numbers of those that are numbered.
  private func chunks(_ file: [UInt8]) -> [(type: String, number: Int)] {
    func number(_ at: Int) -> Int { file[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
    var chunks: [(String, Int)] = []
    var start = 8
    while start < file.count {
      let type = String(decoding: file[start + 4..<start + 8], as: UTF8.self)
      chunks.append((type, number(start + 8)))
      start += number(start) + 12
    }
    return chunks
  }

  @Test func framesAreNumberedInOrder() throws {
    let sink = MemorySink()
    try AnimatedPNG(frames: frames(3), framesPerSecond: 10).write(to: sink)
    let chunks = chunks(sink.bytes)
    #expect(
      chunks.map(\.type) == [
        "IHDR", "acTL", "fcTL", "IDAT", "fcTL", "fdAT", "fcTL", "fdAT", "IEND",
      ])
    let numbered = chunks.filter { $0.type == "fcTL" || $0.type == "fdAT" }
    #expect(numbered.map(\.number) == [0, 1, 2, 3, 4])
    #expect(chunks[1].number == 3)
  }

  /// Readers without animations, such as ours, see the first frame.
  @Test func theFirstFrameIsTheImage() throws {
    let sink = MemorySink()
    try AnimatedPNG(frames: frames(2), framesPerSecond: 10).write(to: sink)
    let image = try Image(fileBytes: sink.bytes)
    #expect(image.withUnsafeBytes(Array.init) == [0, 10, 20, 30, 40, 50])
  }

  @Test func refusesWhatCannotBe() {
    let other = Image(layout: PixelLayout(width: 2, height: 2, channels: 1))
    #expect(throws: ImageError.self) { try AnimatedPNG(frames: [], framesPerSecond: 10) }
    #expect(throws: ImageError.self) { try AnimatedPNG(frames: frames(1), framesPerSecond: 0) }
    #expect(throws: ImageError.self) {
      try AnimatedPNG(frames: frames(1) + [other], framesPerSecond: 10)
    }
  }
}
