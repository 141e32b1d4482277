import Files
import Glibc
import Serving

/// The training runs that the server shows: told at the start, and no others.
struct ServedRuns: Sendable {
  /// A folder of a run, known by its number.
  struct Run: Sendable {
    let name: String
    let folder: FilePath
  }

  let all: [Run]

  /// - Throws: where a folder is none.
  init(_ folders: [String]) throws(RunError) {
    var all: [Run] = []
    for folder in folders.map(FilePath.init(argument:)) {
      guard FileStatus(of: folder)?.kind == .directory else {
        throw .stopped("--run \(folder): there is no such directory")
      }
      let name = folder.resolved?.name ?? folder.name
      all.append(Run(name: String(decoding: name, as: UTF8.self), folder: folder))
    }
    self.all = all
  }

  /// What of a run may be seen, by its name in the folder.
  static let files: [(name: String, type: MediaType)] = [
    ("config.json", .json), ("log.csv", .csv), ("log.json", .lines), ("curves.png", .png),
    ("confusion.png", .png), ("mistakes.png", .png), ("samples.png", .png),
  ]

  /// The larger ones are no figures of ours.
  private static let largestFile = 32 << 20

  /// The names of the files that a run has by now.
  func files(of run: Run) -> [String] {
    Self.files.map(\.name).filter {
      FileStatus(of: run.folder.appending($0.utf8))?.kind == .file
    }
  }

  /// A file of a run; nil where it is not there.
  func contents(of name: String, in run: Run) -> (bytes: [UInt8], type: MediaType)? {
    guard let file = Self.files.first(where: { $0.name == name }),
      let reader = try? ByteReader(pathBytes: run.folder.appending(name.utf8).bytes),
      let bytes = try? reader.read(Self.largestFile)
    else { return nil }
    return (bytes, file.type)
  }
}
