import Serving
import Testing

struct MultipartTests {
  private func reader(_ text: String, step: Int, type: String = "multipart/form-data; boundary=xyz")
    throws -> MultipartReader
  {
    var rest = Array(text.utf8)[...]
    return try MultipartReader(contentType: type) { target in
      let count = min(step, target.count, rest.count)
      target.copyBytes(from: rest.prefix(count))
      rest = rest.dropFirst(count)
      return count
    }
  }

  private func parts(_ reader: MultipartReader, step: Int) throws -> [(
    MultipartReader.Part, String
  )] {
    var result: [(MultipartReader.Part, String)] = []
    while let part = try reader.next() {
      var bytes: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: step)
      while true {
        let count = try buffer.withUnsafeMutableBytes { try reader.read(into: $0) }
        if count == 0 { break }
        bytes += buffer[..<count]
      }
      result.append((part, String(decoding: bytes, as: UTF8.self)))
    }
    return result
  }

  @Test(arguments: [1, 2, 3, 7, 64, 10_000])
  func partsComeWhateverTheBytesComeIn(step: Int) throws {
    let text =
      "preamble\r\n--xyz\r\ncontent-disposition: form-data; name=\"a\"; filename=\"d/one.png\"\r\n"
      + "Content-Type: image/png\r\n\r\none\r\n--xy\r\n\r\n--xyz\r\nContent-Disposition: form-data; "
      + "name=b; filename=\"\"\r\n\r\n\r\n--xyz--\r\nepilogue"
    let parts = try parts(reader(text, step: step), step: step)
    #expect(parts.map(\.0.name) == ["a", "b"])
    #expect(parts.map(\.0.fileName) == ["one.png", ""])
    #expect(parts.map(\.1) == ["one\r\n--xy\r\n", ""])
  }

  @Test func aPartMayBePassedOver() throws {
    let text =
      "--xyz\r\nContent-Disposition: form-data; name=a\r\n\r\nlong\r\n--xyz\r\n"
      + "Content-Disposition: form-data; name=b\r\n\r\nshort\r\n--xyz--"
    let reader = try reader(text, step: 5)
    #expect(try reader.next()?.name == "a")
    #expect(try reader.next()?.name == "b")
    #expect(try reader.next()?.name == nil)
    #expect(try reader.next()?.name == nil)
  }

  @Test(arguments: [
    "", "--xyz", "--xyz\r\n", "--xyz\r\n\r\nno name\r\n--xyz--", "--xyzabc\r\n",
    "--xyz\r\nContent-Disposition: form-data; name=a\r\n\r\ncut off",
  ])
  func whatIsMalformedIsRefused(text: String) throws {
    #expect(throws: Problem.self) { try parts(reader(text, step: 10), step: 10) }
  }

  @Test(arguments: ["multipart/form-data", "multipart/form-data; boundary=", "x; boundary=\""])
  func theBoundaryIsNeeded(type: String) {
    #expect(throws: Problem.self) { try reader("", step: 1, type: type) }
  }
}
