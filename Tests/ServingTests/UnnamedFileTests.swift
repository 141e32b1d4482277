import Serving
import Testing

struct UnnamedFileTests {
  private func append(_ text: String, to file: UnnamedFile) throws {
    let bytes = Array(text.utf8)
    try bytes.withUnsafeBytes { try file.append($0) }
  }

  private func text(of file: UnnamedFile, at place: Int, _ count: Int) -> String {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = bytes.withUnsafeMutableBytes { file.read(at: place, into: $0) }
    return String(decoding: bytes[..<got], as: UTF8.self)
  }

  @Test func whatIsWrittenIsRead() throws {
    let file = try UnnamedFile(in: FileRoom(bytes: 100))
    try append("one, ", to: file)
    try append("two", to: file)
    #expect(file.count == 8)
    #expect(text(of: file, at: 0, 100) == "one, two")
    #expect(text(of: file, at: 5, 2) == "tw")
    #expect(text(of: file, at: 8, 2) == "")
  }

  @Test func allFilesTogetherHaveALimit() throws {
    let room = FileRoom(bytes: 10)
    let kept = try UnnamedFile(in: room)
    try append("12345", to: kept)
    do {
      let other = try UnnamedFile(in: room)
      try append("1234", to: other)
      let problem = #expect(throws: Problem.self) { try append("12", to: other) }
      #expect(problem?.status == 507)
      // What does not fit takes nothing.
      #expect(text(of: other, at: 0, 10) == "1234")
    }
    // What a file took is others' again once it is gone.
    try append("67890", to: kept)
    #expect(text(of: kept, at: 0, 10) == "1234567890")
  }
}
