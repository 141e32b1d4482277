import Files
import Foundation
import TestCases
import Testing

@Suite struct DirectoryTests {
  @Test func directoriesAreMadeWithThoseAboveThem() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("a/b/c/")
    try Directory.create(Array(path.utf8))
    try Directory.create(Array(path.utf8))
    var isDirectory: ObjCBool = false
    #expect(FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory))
    #expect(isDirectory.boolValue)
    try Data([1]).write(to: URL(fileURLWithPath: folder.path("file")))
    #expect(throws: FileError.system("cannot create directory", errno: EEXIST)) {
      try Directory.create(Array(folder.path("file").utf8))
    }
    #expect(throws: FileError.system("cannot create directory", errno: ENOTDIR)) {
      try Directory.create(Array(folder.path("file/below").utf8))
    }
  }

  @Test func namesAreSortedByTheirBytes() throws {
    let folder = try TemporaryFolder()
    for name in ["b", "a", "B", ".hidden", "ä"] {
      try Data().write(to: URL(fileURLWithPath: folder.path(name)))
    }
    #expect(
      try Directory.names(in: Array(folder.url.path.utf8))
        == [".hidden", "B", "a", "b", "ä"].map { Array($0.utf8) })
    #expect(throws: FileError.system("cannot read directory", errno: ENOENT)) {
      try Directory.names(in: Array(folder.path("none").utf8))
    }
  }
}
