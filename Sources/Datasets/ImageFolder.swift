import Files
import Glibc
import Images

/// Images in folders: the folder of a class holds its images, at any depth.
///
/// Classes and files are sorted by name; files are told by their bytes; links are followed, but no folder
/// is read twice for a class, nor the dataset's own, so that links in a circle end. Names that begin with
/// a dot are passed over. A file that is called an image and is none is named, others are counted.
struct ImageFolder {
  private(set) var warnings: [DatasetWarning] = []
  /// The folders that were read for the class at hand, and the dataset's.
  private var visited: Set<FileIdentity> = []
  private var otherFiles = 0

  /// The folders of a dataset's classes, in `path`.
  static func labeled(
    path: String
  ) throws(DatasetError) -> (dataset: Dataset, warnings: [DatasetWarning]) {
    var scan = ImageFolder()
    let entries = try scan.entries(of: path)
    var (names, labels, paths): ([String], [Int], [String]) = ([], [], [])
    let root = FileIdentity(path)
    for entry in entries where entry.isBroken {
      scan.warnings.append(.unreadableImage(path: entry.path, reason: errorText(ENOENT)))
    }
    for folder in Self.sorted(entries.filter(\.isFolder), by: \.name) {
      scan.visited = root.map { [$0] } ?? []
      let images = scan.images(below: folder.path)
      switch images.count {
      case 0:
        scan.warnings.append(.emptyClass(path: folder.path))
        continue
      case 1: scan.warnings.append(.singleImage(path: folder.path))
      default: break
      }
      labels += Array(repeating: names.count, count: images.count)
      // A label is a text, on terminals and in files.
      names.append(PathText.isEscaped(folder.name) ? printable(folder.name) : folder.name)
      paths += images
    }
    if names.isEmpty {
      let direct = entries.contains { !$0.isFolder && scan.isImage($0.path) }
      throw direct
        ? .noClasses(path: path)
        : .noData(path: path, damaged: scan.warnings.filter(\.isFailure))
    }
    return (
      Dataset(classNames: names, labels: labels, names: paths, source: .files(paths)),
      scan.warnings(about: path)
    )
  }

  /// Class names in their order: by value where all are numbers, else by name.
  static func sorted<Element>(
    _ elements: some Sequence<Element>, by name: (Element) -> String
  ) -> [Element] {
    let named = elements.map { (number: number(name($0)), name: name($0), element: $0) }
    let areNumbers = named.allSatisfy { $0.number != nil }
    return named.sorted { first, second in
      if areNumbers, let a = first.number, let b = second.number, a != b { return a < b }
      return first.name < second.name
    }.map(\.element)
  }

  /// The number that a name is, as 10, -1 or 0.5.
  private static func number(_ name: String) -> Double? {
    guard name.allSatisfy({ ("0"..."9").contains($0) || $0 == "." || $0 == "-" }) else {
      return nil
    }
    return Double(name)
  }

  /// All images in a folder, at any depth, as one class without a name.
  static func unlabeled(
    path: String
  ) throws(DatasetError) -> (dataset: Dataset, warnings: [DatasetWarning]) {
    var scan = ImageFolder()
    _ = try scan.entries(of: path)
    let paths = scan.images(below: path)
    guard !paths.isEmpty else {
      throw .noImages(path: path, damaged: scan.warnings.filter(\.isFailure))
    }
    return (
      Dataset(
        classNames: [""], labels: Array(repeating: 0, count: paths.count), names: paths,
        source: .files(paths)), scan.warnings(about: path)
    )
  }

  /// The warnings, at their end how many other files there are in the dataset's folder.
  private func warnings(about path: String) -> [DatasetWarning] {
    otherFiles > 0 ? warnings + [.otherFiles(path: path, count: otherFiles)] : warnings
  }

  private struct FileIdentity: Hashable {
    var device: UInt
    var inode: UInt

    /// Nil where there is no such file or it cannot be asked; `errno` says why.
    init?(_ path: String) {
      var status = stat()
      guard stat(cString(PathText.bytes(of: path)), &status) == 0 else { return nil }
      device = UInt(status.st_dev)
      inode = UInt(status.st_ino)
    }
  }

  struct Entry {
    var name: String
    var path: String
    var isFolder: Bool
    /// A link to nowhere.
    var isBroken = false
  }

  /// The files and folders in a folder, by name.
  func entries(of path: String) throws(DatasetError) -> [Entry] {
    guard let directory = opendir(cString(PathText.bytes(of: path))) else {
      throw .system(path: path, errno: errno)
    }
    defer { closedir(directory) }
    var entries: [Entry] = []
    while let item = readdir(directory) {
      // d_name is a NUL-terminated string inside the entry.
      let name = withUnsafeBytes(of: &item.pointee.d_name) {
        PathText.text(of: Array($0.prefix { $0 != 0 }))
      }
      guard !name.hasPrefix(".") else { continue }
      let entryPath = path.hasSuffix("/") ? path + name : path + "/" + name
      var isFolder = item.pointee.d_type == UInt8(DT_DIR)
      if !isFolder, item.pointee.d_type != UInt8(DT_REG) {
        // A link, or a file system that does not tell.
        var status = stat()
        guard stat(cString(PathText.bytes(of: entryPath)), &status) == 0 else {
          entries.append(Entry(name: name, path: entryPath, isFolder: false, isBroken: true))
          continue
        }
        isFolder = status.st_mode & S_IFMT == S_IFDIR
        // Opening a pipe would wait for its other end.
        guard isFolder || status.st_mode & S_IFMT == S_IFREG else { continue }
      }
      entries.append(Entry(name: name, path: entryPath, isFolder: isFolder))
    }
    return entries.sorted { $0.name < $1.name }
  }

  private mutating func images(below path: String) -> [String] {
    guard let identity = FileIdentity(path) else {
      warnings.append(.unreadableFolder(path: path, errno: errno))
      return []
    }
    guard visited.insert(identity).inserted else { return [] }
    let entries: [Entry]
    do {
      entries = try self.entries(of: path)
    } catch {
      if case .system(_, let code) = error {
        warnings.append(.unreadableFolder(path: path, errno: code))
      }
      return []
    }
    var images: [String] = []
    for entry in entries {
      if entry.isFolder {
        images += self.images(below: entry.path)
      } else if isImage(entry.path) {
        images.append(entry.path)
      }
    }
    return images
  }

  /// Tells by the first bytes; counts what is no image, names what cannot be opened and what is
  /// called an image and is none.
  private mutating func isImage(_ path: String) -> Bool {
    let descriptor = open(cString(PathText.bytes(of: path)), O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let reason = errorText(errno)
      warnings.append(.unreadableImage(path: path, reason: reason))
      return false
    }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: ImageFormat.sniffedByteCount)
    let count = read(descriptor, &bytes, bytes.count)
    guard count > 0 else {
      let reason = count == 0 ? "the file is empty" : errorText(errno)
      warnings.append(.unreadableImage(path: path, reason: reason))
      return false
    }
    guard ImageFormat(sniffing: bytes[..<count]) != nil else {
      let name = path.utf8[(path.utf8.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex)...]
      if let dot = name.lastIndex(of: UInt8(ascii: ".")),
        ImageFormat(ending: name[name.index(after: dot)...]) != nil
      {
        let error = ImageError.unread(Array(bytes[..<count]))
        warnings.append(.unreadableImage(path: path, reason: error.reason))
      } else {
        otherFiles += 1
      }
      return false
    }
    return true
  }
}
