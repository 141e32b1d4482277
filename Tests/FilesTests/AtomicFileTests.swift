import Files
import Foundation
import TestCases
import Testing

@Suite struct AtomicFileTests {
  private func write(_ text: String, to path: String, commit: Bool = true) throws {
    let file = try AtomicFile(path: path)
    try Array(text.utf8).withUnsafeBytes { try file.write($0) }
    if commit { try file.commit() }
  }

  private func text(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  @Test func fileAppearsWhenComplete() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("new.png")
    let file = try AtomicFile(path: path)
    try [1, 2, 3].withUnsafeBytes { try file.write($0) }
    #expect(!FileManager.default.fileExists(atPath: path))
    try file.commit()
    #expect(folder.files().map(\.lastPathComponent) == ["new.png"])
  }

  @Test func withoutCommitNothingChanges() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("old.png")
    try write("old", to: path)
    try write("new", to: path, commit: false)
    #expect(try text(path) == "old")
    #expect(folder.files().count == 1)
    try write("new", to: path)
    #expect(try text(path) == "new")
    #expect(folder.files().count == 1)
  }

  @Test func namedTemporaryFilesServeToo() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("file")
    for text in ["first", "second"] {
      let dropped = try AtomicFile(pathBytes: Array(path.utf8), nameless: false)
      try [1].withUnsafeBytes { try dropped.write($0) }
      let file = try AtomicFile(pathBytes: Array(path.utf8), nameless: false)
      try Array(text.utf8).withUnsafeBytes { try file.write($0) }
      #expect(folder.files().contains { $0.lastPathComponent.hasPrefix(".vision-") })
      try file.commit()
      #expect(try self.text(path) == text)
    }
    #expect(folder.files().map(\.lastPathComponent) == ["file"])
  }

  @Test func permissionsAndLinksStay() throws {
    let folder = try TemporaryFolder()
    let (path, link) = (folder.path("file"), folder.path("link"))
    try write("old", to: path)
    #expect(chmod(path, 0o640) == 0)
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "file")
    try write("new", to: link)
    #expect(try text(path) == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "file")
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o640)
  }

  @Test func devicesAreWrittenTo() throws {
    try write("nothing", to: "/dev/null")
    var status = stat()
    #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
    #expect(throws: FileError.system("cannot write", errno: ENOSPC)) {
      try write("x", to: "/dev/full")
    }
  }

  @Test func impossiblePlacesAreErrors() throws {
    let folder = try TemporaryFolder()
    #expect(throws: FileError.system("cannot write", errno: ENOENT)) {
      try write("x", to: folder.path("no/such/place"))
    }
    #expect(throws: FileError.system("cannot write", errno: EISDIR)) {
      try write("x", to: folder.url.path)
    }
    #expect(throws: FileError.system("cannot open", errno: ENOENT)) {
      _ = try ByteReader(path: folder.path("none"))
    }
    #expect(throws: FileError.system("cannot read", errno: EISDIR)) {
      _ = try ByteReader(path: folder.url.path)
    }
    #expect(throws: FileError.notRegular) { _ = try MappedFile(path: "/dev/null") }
  }
}
