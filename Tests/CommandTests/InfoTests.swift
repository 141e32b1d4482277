import Foundation
import Images
import Testing

struct InfoTests {
  let work: Workspace

  init() throws { work = try Workspace() }

  @Test func factsOfAnImage() throws {
    var image = picture(channels: 4, sample: .uint16)
    image.metadata.resolution = Resolution(horizontal: 3937, vertical: 3937)
    try work.write(image, to: "in.png")
    let outcome = try work.vision("info", "in.png")
    #expect(outcome.status == 0)
    #expect(
      outcome.output == """
        in.png
          format       PNG
          size         12 × 9 pixels
          channels     4 (stored as RGBA)
          depth        16 bits
          interlaced   no
          resolution   100 × 100 dots an inch
          print size   3.05 × 2.29 mm

        """)
  }

  @Test func theMatrixOfASmallImage() throws {
    var image = Image(layout: PixelLayout(width: 3, height: 2, channels: 1))
    image.withUnsafeMutableBytes { $0.copyBytes(from: [1, 20, 255, 0, 5, 6]) }
    try work.write(image, to: "in.png")
    let outcome = try work.vision("info", "--matrix", "in.png")
    #expect(
      outcome.output.hasSuffix(
        """
          gray, from column 0, row 0
            1  20 255
            0   5   6

        """))
  }

  @Test func aCropOfALargeImage() throws {
    let image = picture(width: 300, height: 200)
    try work.write(image, to: "in.png")
    let refused = try work.vision("info", "--matrix", "in.png")
    #expect(refused.status == 1)
    #expect(
      refused.error
        == "vision: in.png: 300 × 200 pixels are too many to print; choose a part with --crop x,y,w,h\n"
    )
    let outcome = try work.vision("info", "--json", "--crop", "10,20,2,1", "in.png")
    let start = (20 * 300 + 10) * 3
    let numbers = image.bytes[start..<start + 6].map { "\($0)" }
    #expect(
      outcome.output.contains(
        "\"matrix\":[[[\(numbers[..<3].joined(separator: ","))],[\(numbers[3...].joined(separator: ","))]]]"
      ))
    let outside = try work.vision("info", "--crop", "299,0,2,1", "in.png")
    #expect(
      outside.error == "vision: in.png: --crop 299,0,2,1 leaves the image of 300 × 200 pixels\n")
    #expect(try work.vision("info", "--crop", "1,2,3", "in.png").status == 64)
  }

  @Test func jsonIsAnArrayEvenWhenFilesFail() throws {
    try work.write(picture(), to: "a.png")
    try work.write("text", to: "b.png")
    let outcome = try work.vision("info", "--json", "a.png", "b.png")
    #expect(outcome.status == 1)
    let objects = try JSONSerialization.jsonObject(with: outcome.outputBytes) as? [[String: Any]]
    #expect(objects?.count == 1)
    #expect(objects?.first?["width"] as? Int == 12)
    #expect(
      outcome.errorLines == [
        "vision: b.png: not a PNG, JPEG, WebP, GIF, BMP or TIFF image", "1 of 2 images examined",
      ])
  }

  @Test func standardInputIsRead() throws {
    let outcome = try work.vision("info", "-", input: Data(try picture().encoded()))
    #expect(outcome.lines.prefix(3) == ["-", "  format       PNG", "  size         12 × 9 pixels"])
  }
}
