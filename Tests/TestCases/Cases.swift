import Foundation
import Testing

/// The conformance cases that others made: a folder outside of this package, which `VISION_CASES` names
/// or which lies at `../shared/cases`. Tests that need it are skipped where it is absent:
///
///     @Test(.enabled(if: Cases.areThere, Cases.absent))
public enum Cases {
  /// The folder with the cases; nil where there is none.
  public static let folder: URL? = {
    let environment = ProcessInfo.processInfo.environment
    let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let place =
      environment["VISION_CASES"].map { URL(filePath: $0, directoryHint: .isDirectory) }
      ?? package.appending(path: "../shared/cases", directoryHint: .isDirectory)
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: place.path, isDirectory: &isFolder)
    return exists && isFolder.boolValue ? place.standardizedFileURL : nil
  }()

  public static let areThere = folder != nil

  /// Whether the long runs over all cases were asked for (`VISION_CONFORMANCE=1`) and can be done.
  public static let isConformanceRun =
    areThere && ProcessInfo.processInfo.environment["VISION_CONFORMANCE"] == "1"

  public static let absent: Comment =
    "no conformance cases: give their folder in VISION_CASES, and set VISION_CONFORMANCE=1"

  /// Unpacks an archive of the cases into a temporary folder, which is removed when the value goes.
  public static func unpack(_ archive: String) throws -> TemporaryFolder {
    guard let folder else { throw CocoaError(.fileNoSuchFile) }
    let target = try TemporaryFolder()
    let tar = Process()
    tar.executableURL = URL(filePath: "/usr/bin/env")
    tar.arguments = ["tar", "xzf", folder.appending(path: archive).path, "-C", target.url.path]
    try tar.run()
    tar.waitUntilExit()
    guard tar.terminationStatus == 0 else { throw CocoaError(.fileReadCorruptFile) }
    return target
  }
}

/// A fresh folder that is removed with everything in it when the object goes.
public final class TemporaryFolder: Sendable {
  public let url: URL

  public init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "vision-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// All files below the folder whose names end in one of these (all without any), sorted by path.
  public func files(_ endings: String...) -> [URL] {
    let all = FileManager.default.enumerator(at: url, includingPropertiesForKeys: nil)
    return (all?.compactMap { $0 as? URL } ?? [])
      .filter { file in
        !file.hasDirectoryPath
          && (endings.isEmpty || endings.contains { file.lastPathComponent.hasSuffix($0) })
      }
      .sorted { $0.path < $1.path }
  }

  /// The path of a file in the folder.
  public func path(_ name: String) -> String { url.appending(path: name).path }
}
