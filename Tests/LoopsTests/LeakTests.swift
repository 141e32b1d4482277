import Foundation
import Testing

private let symbolLister = ["/usr/bin/nm", "/usr/bin/llvm-nm"]
  .first(where: FileManager.default.isExecutableFile)

/// The object files of a module, which lie beside the tests' program where it was built.
private func objects(of module: String) -> [URL] {
  let build = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("\(module).build")
  let files = try? FileManager.default.contentsOfDirectory(
    at: build, includingPropertiesForKeys: nil)
  return (files ?? []).filter { $0.pathExtension == "o" }
}

/// A function that two modules compile under one name is kept once by the linker. If such a one
/// came from a wide module, the baseline would run it too, and stop on an older processor.
@Suite struct LeakTests {
  @Test(
    .enabled(if: symbolLister != nil, "nm is not installed"),
    .enabled(if: !objects(of: "LoopsV3").isEmpty, "no object files beside the tests"),
    arguments: ["LoopsV3", "LoopsV4"])
  func wideModulesShareNoFunction(_ module: String) throws {
    let nm = try #require(symbolLister)
    let own = "$s\(module.utf8.count)\(module)"
    var listed = 0
    for object in objects(of: module) {
      let symbols = try symbols(of: object, listedBy: nm)
      listed += symbols.count
      let shared =
        symbols
        .filter { $0.kind == "W" && !$0.name.hasPrefix(own) }.map { $0.name }
      #expect(shared.isEmpty, "\(object.lastPathComponent) shares \(shared)")
    }
    #expect(listed > 0, "no functions in \(module)")
  }

  private func symbols(of object: URL, listedBy nm: String) throws -> [(kind: String, name: String)]
  {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: nm)
    process.arguments = ["--defined-only", object.path]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
    let symbols = lines.compactMap { line -> (kind: String, name: String)? in
      let fields = line.split(separator: " ")
      return fields.count == 3 ? (String(fields[1]), String(fields[2])) : nil
    }
    return symbols
  }
}
