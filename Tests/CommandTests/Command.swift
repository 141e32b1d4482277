import Foundation
import Testing

/// What a run of the binary gave.
struct Outcome {
  let status: Int32
  let outputBytes: Data
  let error: String

  var output: String { String(decoding: outputBytes, as: UTF8.self) }
  var lines: [String] { output.split(separator: "\n").map(String.init) }
  var errorLines: [String] { error.split(separator: "\n").map(String.init) }
}

/// The `vision` binary and a temporary folder to run it in, removed with the value's owner.
final class Workspace {
  let folder: URL

  /// The binary that was built beside the test bundle.
  static let binary: URL = {
    let tests = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
    let products = tests ?? URL(fileURLWithPath: CommandLine.arguments[0])
    return products.deletingLastPathComponent().appendingPathComponent("vision")
  }()

  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("vision-tests-\(UUID().uuidString)", isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Runs `vision` in the folder.
  @discardableResult
  func vision(_ arguments: String..., input: Data? = nil) throws -> Outcome {
    try run(Self.binary, arguments, input: input)
  }

  @discardableResult
  func vision(arguments: [String], input: Data? = nil) throws -> Outcome {
    try run(Self.binary, arguments, input: input)
  }

  /// Runs a line of shell in the folder, with `$VISION` as the binary: for what only a shell can do.
  func shell(_ line: String) throws -> Outcome {
    try run(URL(fileURLWithPath: "/bin/sh"), ["-c", line])
  }

  private func run(_ program: URL, _ arguments: [String], input: Data? = nil) throws -> Outcome {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment
      .merging(["VISION": Self.binary.path]) { $1 }
    // Files, not pipes: nobody has to read while the command runs.
    let streams = try (0..<3).map { index in
      let url = folder.appendingPathComponent(".stream-\(UUID().uuidString)-\(index)")
      try (index == 0 ? input ?? Data() : Data()).write(to: url)
      return (url, try FileHandle(forUpdating: url))
    }
    defer { for (url, _) in streams { try? FileManager.default.removeItem(at: url) } }
    process.standardInput = streams[0].1
    process.standardOutput = streams[1].1
    process.standardError = streams[2].1
    try process.run()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationReason == .exit
        ? process.terminationStatus : -process.terminationStatus,
      outputBytes: try Data(contentsOf: streams[1].0),
      error: String(decoding: try Data(contentsOf: streams[2].0), as: UTF8.self))
  }

  // MARK: - Files

  func url(_ path: String) -> URL { folder.appendingPathComponent(path) }

  func write(_ data: Data, to path: String) throws {
    let url = url(path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: url)
  }

  func write(_ text: String, to path: String) throws { try write(Data(text.utf8), to: path) }

  func read(_ path: String) throws -> Data { try Data(contentsOf: url(path)) }

  func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: url(path).path) }

  /// The paths of all files below the folder, sorted, those of the test itself left out.
  func files() throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      .filter { path in
        var isDirectory: ObjCBool = false
        let there = FileManager.default.fileExists(
          atPath: url(path).path, isDirectory: &isDirectory)
        return there && !isDirectory.boolValue && !path.contains(".stream-")
      }.sorted()
  }
}
