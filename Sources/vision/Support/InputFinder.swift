import Files
import Glibc
import Images

/// One image to be worked on.
struct Input: Sendable {
  /// Where it is read from; `-` is standard input.
  let path: FilePath
  /// The path below the folder that all inputs have in common; what an output folder repeats.
  let relativePath: FilePath
  /// Tells whether an output would replace this or another input; `nil` for standard input and for
  /// what does not exist.
  let identity: FileStatus.Identity?
  /// The format that its first bytes tell; `nil` where they cannot be looked at beforehand (a pipe, a
  /// missing file) or are no image's.
  let format: ImageFormat?
  /// Whether it was found in a directory, not named itself.
  let isFound: Bool
  /// Whether it was found through a link that leads out of the directory that was named.
  var isOutside = false
}

extension Input {
  /// A single image, named on the command line.
  init(named path: FilePath) {
    self.init(
      path: path, relativePath: path, identity: FileStatus(of: path)?.identity, format: nil,
      isFound: false)
  }

  /// Opens the image, reads its header and calls `body` with the reader; the file is closed behind it.
  func withReader<Result>(
    _ options: ReadOptions, _ body: (ImageReader) throws -> Result
  ) throws -> Result {
    if path.isStandardStream {
      return try body(ImageReader(fileDescriptor: STDIN_FILENO, options: options))
    }
    let descriptor = path.withCString { open($0, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw ImageError.system("cannot open", errno: errno) }
    defer { close(descriptor) }
    return try body(ImageReader(fileDescriptor: descriptor, options: options))
  }
}

/// Finds the images that files, directories and `-` on a command line stand for.
///
/// A pattern that no shell has replaced, such as `'photos/*.jpg'`, stands for the paths that match it. A
/// directory is searched with all that is below it, in the order of the names' bytes. Its images
/// are told by their first bytes or, so that a spoilt one is named, by the ending of their names;
/// other files, hidden ones (a leading dot) and what is neither file nor directory are passed over. Links come last:
/// what they lead to is worked on once, under its real name where that was found, too. Those that lead nowhere are
/// failures.
struct InputFinder {
  /// A place that could not be searched.
  struct Failure: Sendable {
    let path: FilePath
    let reason: String
  }

  private(set) var inputs: [Input] = []
  /// How many files of which formats were passed over that are images, but not read.
  private(set) var foreignFormats: [String: Int] = [:]
  private(set) var failures: [Failure] = []

  private let arguments: [FilePath]
  private let excluded: FileStatus.Identity?
  private var visited: Set<FileStatus.Identity> = []
  private var seen: Set<FilePath> = []
  private var found: Set<FileStatus.Identity> = []

  /// A link in a directory, looked at when all that is no link was.
  private struct Link {
    let path: FilePath
    let relativePath: FilePath
    /// The named directory below which it was found, all links in its path resolved.
    let root: FilePath?
    let isOutside: Bool
  }
  private var links: [Link] = []

  /// - Parameter excluding: a directory below the inputs that is not searched: the one that the
  ///   outputs go to.
  init(_ arguments: [FilePath], excluding outputDirectory: FilePath? = nil) {
    self.arguments = arguments
    let named = arguments.flatMap(\.matches).map { path in
      (path: path, status: path.isStandardStream ? nil : FileStatus(of: path))
    }
    let output = outputDirectory.flatMap(FileStatus.init(of:))?.identity
    excluded = named.contains { $0.status?.identity == output } ? nil : output
    let root = Self.commonDirectory(
      of: named.filter { !$0.path.isStandardStream }.map {
        ($0.path, $0.status?.kind == .directory)
      })
    for (path, status) in named {
      let components = path.isStandardStream ? [] : Self.absoluteComponents(path)
      let relative = FilePath(components: components.dropFirst(root.count))
      switch status?.kind {
      case .directory:
        search(path, relativePath: relative, root: path.resolved, isOutside: false)
      case .file: add(path, relative, status, Self.sniff(path), isFound: false)
      case .link, .other, nil: add(path, relative, status, nil, isFound: false)
      }
    }
    followLinks()
  }

  /// - Throws: when there is nothing to work on.
  func requireInputs() throws(RunError) {
    guard inputs.isEmpty, failures.isEmpty else { return }
    throw .failed(
      arguments.map(\.description).joined(separator: ", ") + ": no images that can be read"
        + (foreignFormats.isEmpty ? "" : ", but " + BatchReport.list(of: foreignFormats)))
  }

  private mutating func add(
    _ path: FilePath, _ relativePath: FilePath, _ status: FileStatus?, _ format: ImageFormat?,
    isFound: Bool, isOutside: Bool = false
  ) {
    // What is named twice is worked on once.
    guard seen.insert(FilePath(components: Self.absoluteComponents(path))).inserted else { return }
    inputs.append(
      Input(
        path: path, relativePath: relativePath, identity: status?.identity, format: format,
        isFound: isFound, isOutside: isOutside))
    if let identity = status?.identity { found.insert(identity) }
  }

  private mutating func search(
    _ directory: FilePath, relativePath: FilePath, root: FilePath?, isOutside: Bool
  ) {
    guard let status = FileStatus(of: directory), status.identity != excluded,
      visited.insert(status.identity).inserted
    else { return }
    let names: [[UInt8]]
    do throws(FileError) { names = try Directory.names(in: directory.bytes) } catch {
      failures.append(Failure(path: directory, reason: "\(error)"))
      return
    }
    for name in names where name.first != UInt8(ascii: ".") {
      let path = directory.appending(name)
      let relative = relativePath.appending(name)
      guard let status = FileStatus(ofLink: path) else { continue }
      switch status.kind {
      case .directory: search(path, relativePath: relative, root: root, isOutside: isOutside)
      case .file: addFound(path, relative, status, isOutside: isOutside)
      case .link:
        links.append(Link(path: path, relativePath: relative, root: root, isOutside: isOutside))
      case .other: break
      }
    }
  }

  /// Takes a file in a directory, if it is an image or called one.
  private mutating func addFound(
    _ path: FilePath, _ relative: FilePath, _ status: FileStatus, isOutside: Bool
  ) {
    let format = Self.sniff(path)
    // Reading one that is called an image and is none, or cannot be opened, says why.
    if format != nil || ImageFormat(extensionOf: path) != nil {
      add(path, relative, status, format, isFound: true, isOutside: isOutside)
    } else if let name = path.ending.flatMap({ Self.foreignFormats[$0] }) {
      foreignFormats[name, default: 0] += 1
    }
  }

  /// Goes where links lead; what was found already is not taken again.
  private mutating func followLinks() {
    while let link = links.first {
      links.removeFirst()
      guard let status = FileStatus(of: link.path) else {
        failures.append(
          Failure(path: link.path, reason: "is a link that leads nowhere; remove it or mend it"))
        continue
      }
      let isOutside = link.isOutside || !link.path.leads(into: link.root)
      switch status.kind {
      case .directory:
        search(
          link.path, relativePath: link.relativePath, root: link.root, isOutside: isOutside)
      case .file:
        if !found.contains(status.identity) {
          addFound(link.path, link.relativePath, status, isOutside: isOutside)
        }
      case .link, .other: break
      }
    }
  }

  /// Formats of images that are not read, by the endings of names in lower case.
  private static let foreignFormats: [String: String] = [
    "avif": "AVIF", "heic": "HEIC", "heif": "HEIC", "jxl": "JPEG XL", "jp2": "JPEG 2000",
    "j2k": "JPEG 2000", "psd": "PSD", "svg": "SVG", "tga": "TGA", "pbm": "PNM", "pgm": "PNM",
    "ppm": "PNM", "pnm": "PNM", "exr": "OpenEXR", "hdr": "HDR", "ico": "ICO", "qoi": "QOI",
    "dng": "raw", "cr2": "raw", "cr3": "raw", "nef": "raw", "arw": "raw", "orf": "raw",
    "rw2": "raw",
    "raf": "raw", "eps": "EPS",
  ]

  /// What a file's first bytes tell; nil where they tell nothing or cannot be read.
  private static func sniff(_ path: FilePath) -> ImageFormat? {
    let descriptor = path.withCString { open($0, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: ImageFormat.sniffedByteCount)
    let count = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
    return ImageFormat(sniffing: bytes[..<max(count, 0)])
  }

  /// The components of the deepest directory that holds (or is) all of `paths`.
  private static func commonDirectory(of paths: [(FilePath, isDirectory: Bool)]) -> [[UInt8]] {
    let directories = paths.map { path, isDirectory in
      let components = absoluteComponents(path)
      return isDirectory ? components : components.dropLast()
    }
    guard var common = directories.first else { return [] }
    for other in directories.dropFirst() {
      common = zip(common, other).prefix { $0 == $1 }.map(\.0)
    }
    return common
  }

  /// The components of a path from the root, `.` and `..` resolved by name.
  private static func absoluteComponents(_ path: FilePath) -> [[UInt8]] {
    var result: [[UInt8]] = []
    let start = path.isAbsolute ? [] : workingDirectory
    for component in start + path.components where component != [UInt8(ascii: ".")] {
      if component == Array("..".utf8) { _ = result.popLast() } else { result.append(component) }
    }
    return result
  }

  private static let workingDirectory: [[UInt8]] = {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    guard getcwd(&buffer, buffer.count) != nil else { return [] }
    return FilePath(bytes: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }).components
  }()
}

extension FilePath {
  /// The path without links, `.` and `..`; nil where there is no such file.
  var resolved: FilePath? {
    withCString { path in
      guard let resolved = realpath(path, nil) else { return nil }
      defer { free(resolved) }
      return FilePath(bytes: UnsafeRawBufferPointer(start: resolved, count: strlen(resolved)))
    }
  }

  /// Whether this path, links followed, is below a directory whose links are resolved.
  fileprivate func leads(into root: FilePath?) -> Bool {
    guard let root, let resolved else { return false }
    return resolved.components.starts(with: root.components)
  }

  /// The paths that match, sorted, where this is a pattern as shells know them (`*`, `?`, `[…]`) and no
  /// file's name; otherwise, and where none matches, the path itself.
  fileprivate var matches: [FilePath] {
    guard bytes.contains(where: { "*?[".utf8.contains($0) }), FileStatus(of: self) == nil else {
      return [self]
    }
    var found = glob_t()
    defer { globfree(&found) }
    guard withCString({ glob($0, 0, nil, &found) }) == 0 else { return [self] }
    return (0..<Int(found.gl_pathc)).compactMap { index in
      // The system counts its paths, each a C string of its own.
      found.gl_pathv[index].map { path in
        FilePath(bytes: UnsafeRawBufferPointer(start: path, count: strlen(path)))
      }
    }
  }
}
