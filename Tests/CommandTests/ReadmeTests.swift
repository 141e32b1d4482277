import Foundation
import Testing

/// The README says what the program says.
struct ReadmeTests {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  @Test func theFilterTableIsTheCatalog() throws {
    let readme = try String(
      contentsOf: Self.root.appendingPathComponent("README.md"), encoding: .utf8)
    let start = "<!-- filters: written by `vision filter --list --markdown` -->\n"
    let table = try #require(
      readme.components(separatedBy: start).last?.components(separatedBy: "<!-- /filters -->").first
    )
    #expect(table == (try Workspace().vision("filter", "--list", "--markdown").output))
  }

  /// Every `vision …` line of the README, run in a folder that has the files it names; without those
  /// that train, those that use what was trained, and the server, which has no end.
  @Test func everyCommandRuns() throws {
    let readme = try String(
      contentsOf: Self.root.appendingPathComponent("README.md"), encoding: .utf8)
    let commands = readme.split(separator: "\n").filter { $0.hasPrefix("    vision ") }
      .filter { !$0.contains(" train ") && !$0.contains("run/") && !$0.contains(" serve") }
    #expect(commands.count > 20)
    let work = try Workspace()
    let tiff = try Data(
      contentsOf: Self.root.appendingPathComponent("Tests/ImagesTests/Fixtures/formats/lzw.tif"))
    for command in commands {
      try? FileManager.default.removeItem(at: work.url("photos"))
      let names = [
        "photo.png", "photo.jpg", "cat.jpg", "drawing.png", "photos/a.png", "photos/b/c.jpg",
        "logo.png", "portrait.jpg", "eyes.png", "lights.png", "cells.png",
      ]
      for name in names {
        try work.write(picture(width: 120, height: 100), to: name)
      }
      for name in ["page.png", "car.jpg"] {
        try work.write(picture(width: 900, height: 700), to: name)
      }
      try work.write(tiff, to: "scan.tif")
      try work.write("@classLabel true a b\n@data\n1,2,4,3:a\n2,1,0,5:b\n", to: "GunPoint_TRAIN.ts")
      try work.write("-2 -1 0; -1 1 1; 0 1 2", to: "emboss.txt")
      let line = command.drop { $0 == " " }.dropFirst("vision".count)
      let outcome = try work.shell("$VISION" + line)
      #expect(outcome.status == 0, "\(command): \(outcome.error)")
    }
  }
}
