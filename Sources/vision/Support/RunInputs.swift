import Files
import Glibc
import ModelFiles

/// What a run reads: nothing of it may be replaced by what the run writes, whatever names or links lead there.
struct RunInputs {
  private let files: Set<FileStatus.Identity>
  private let folders: [FilePath]

  /// - Parameter paths: files, and folders with all that is below them; what does not exist is left out.
  init(_ paths: [FilePath]) {
    let found = paths.filter { !$0.isStandardStream }.compactMap { path in
      FileStatus(of: path).map { (path, $0) }
    }
    files = Set(found.filter { $0.1.kind == .file }.map(\.1.identity))
    folders = found.filter { $0.1.kind == .directory }.map(\.0)
  }

  /// The same for arguments; nil stands for an option that was not given.
  init(arguments: String?...) {
    self.init(arguments.compactMap { $0 }.map(FilePath.init(argument:)))
  }

  /// The same for models, by name or path; one that is not there is reported where it is read.
  init(models: [String?]) {
    self.init(
      models.compactMap { $0 }.compactMap { try? ModelCatalog().path(for: $0) }
        .map(FilePath.init(argument:)))
  }

  /// - Throws: a usage error where `output` is one of the files that the run reads.
  func requireNone(at output: FilePath, option: String) throws(RunError) {
    guard !output.isStandardStream, holds(output) else { return }
    throw .usage("\(option) \(output): is read, too; give another file")
  }

  /// Whether a path leads to one of the files that the run reads.
  func holds(_ path: FilePath) -> Bool {
    guard let status = FileStatus(of: path), status.kind == .file else { return false }
    return files.contains(status.identity) || folders.contains { $0.holds(status.identity) }
  }
}

extension FilePath {
  /// Whether a file is below this folder, hidden ones included, links followed.
  fileprivate func holds(_ file: FileStatus.Identity) -> Bool {
    var visited: Set<FileStatus.Identity> = []
    var waiting = [self]
    while let folder = waiting.popLast() {
      guard let identity = FileStatus(of: folder)?.identity, visited.insert(identity).inserted,
        let names = folder.names
      else { continue }
      for name in names {
        let path = folder.appending(name)
        guard let status = FileStatus(of: path) else { continue }
        if status.identity == file { return true }
        if status.kind == .directory { waiting.append(path) }
      }
    }
    return false
  }

  /// The names in a directory; nil where it cannot be read.
  var names: [[UInt8]]? { try? Directory.names(in: bytes) }
}
