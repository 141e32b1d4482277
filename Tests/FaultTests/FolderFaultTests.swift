import Foundation
import Images
import Testing

/// Folders of very many pictures, and files that another program writes to while they are read.
@Suite(.serialized, .enabled(if: Faults.areWanted, Faults.notWanted))
struct FolderFaultTests {
  let folder: Folder

  init() throws { folder = try Folder() }

  private func picture(width: Int, height: Int) throws -> Data {
    var image = Image(layout: PixelLayout(width: width, height: height, channels: 1))
    image.withUnsafeMutableBytes { bytes in
      for index in bytes.indices { bytes[index] = .random(in: .min ... .max) }
    }
    return Data(try image.encoded())
  }

  @Test func aHundredThousandPictures() throws {
    let picture = try picture(width: 8, height: 8)
    try FileManager.default.createDirectory(
      at: folder.url("many"), withIntermediateDirectories: false)
    for index in 0..<100_000 {
      try picture.write(to: folder.url("many/\(index).png"))
    }
    // In 1 GiB of addresses: nothing may grow with the pictures.
    let end = try Command.shell(
      "ulimit -v 1048576; $VISION filter --sobel many -o results/ --jobs 2", in: folder)
    #expect(end.status == 0)
    #expect(end.error == "100000 of 100000 images filtered\n")
    #expect(end.output.split(separator: "\n").count == 100_000)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.url("results").path).count
        == 100_000)
  }

  /// Reads what a line of shell says while a file is cut short and written anew, again and again.
  private func read(_ file: String, whole: Data, _ line: String) throws {
    try folder.write(whole, to: "whole")
    try folder.write(whole, to: file)
    let writer = try Command.start(
      """
      while [ -e whole ] && [ ! -e stop ]; do
        cat whole > \(file); head -c 30000 whole > \(file); : > \(file); cat whole > \(file)
      done
      """, in: folder)
    for _ in 0..<Faults.kills / 4 {
      let end = try Command.shell(line, in: folder)
      #expect([0, 1, 2].contains(end.status), "\(end.error)")
      #expect(end.error.split(separator: "\n").count <= 1, "\(end.error)")
    }
    try folder.write(Data(), to: "stop")
    #expect(try writer.end().status == 0)
  }

  @Test func aPictureThatChanges() throws {
    try read(
      "in.png", whole: picture(width: 400, height: 300),
      "$VISION filter --gaussian 2 in.png -o out.png")
  }

  @Test func aModelThatChanges() throws {
    try folder.write(picture(width: 28, height: 28), to: "in.png")
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent()
    let model = tests.deletingLastPathComponent().appending(
      path: "assets/models/digits.safetensors")
    try read(
      "model.safetensors", whole: Data(contentsOf: model),
      "$VISION classify in.png --model model.safetensors")
  }
}
