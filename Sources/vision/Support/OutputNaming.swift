import Images

/// Where the results of a run go.
enum OutputTarget: Sendable {
  /// Beside each input, as `in.sobel.png`: the label tells what was done.
  case beside(label: String)
  /// To one file.
  case file(FilePath)
  /// Below a directory, under the inputs' relative paths.
  case directory(FilePath)
  /// To the places that a pattern names.
  case pattern(OutputPattern)
  /// To standard output.
  case standardOutput
  /// In the inputs' places.
  case inPlace

  /// The target that `-o` and `--in-place` name for these inputs.
  ///
  /// - Throws: a usage error where they do not fit together.
  init(output: FilePath?, inPlace: Bool, inputs: [FilePath], label: String) throws(RunError) {
    let readsStandardInput = inputs.contains(where: \.isStandardStream)
    let single = inputs.count == 1 && FileStatus(of: inputs[0])?.kind != .directory
    if inPlace {
      if output != nil { throw .usage("--in-place and -o exclude each other") }
      if readsStandardInput { throw .usage("standard input has no place; leave --in-place out") }
      self = .inPlace
    } else if let output, !output.isStandardStream {
      if output.bytes.isEmpty { throw .usage("-o needs the name of a file or directory") }
      if let pattern = try OutputPattern(output, label: label) {
        if readsStandardInput {
          throw .usage("standard input has no name; give -o a file or leave it out")
        }
        self = .pattern(pattern)
      } else if output.endsInSlash || FileStatus(of: output)?.kind == .directory {
        if readsStandardInput {
          throw .usage("standard input has no name; give -o a file or leave it out")
        }
        self = .directory(output)
      } else if single {
        self = .file(output)
      } else {
        throw .usage("-o \(output): many images need a directory; write -o \(output)/ to make one")
      }
    } else if output != nil || readsStandardInput {
      guard single else {
        throw .usage("only one image goes to standard output; give -o a directory")
      }
      try StandardStream.output.refuseTerminal()
      self = .standardOutput
    } else {
      self = .beside(label: label)
    }
  }

  /// The directory of ``directory(_:)``.
  var directory: FilePath? {
    if case .directory(let path) = self { path } else { nil }
  }

  /// Whether the names of results are made here, so that what has such a name may be the user's own.
  var makesNames: Bool {
    switch self {
    case .beside, .directory, .pattern: true
    case .file, .standardOutput, .inPlace: false
    }
  }

  /// Another place for a result whose first one belongs to another input: the whole name stays in it, `a.jpg.png`.
  func alternative(for input: Input, format: ImageFormat) -> FilePath? {
    guard case .directory(let directory) = self else { return nil }
    return directory.appending(
      input.relativePath.bytes + [UInt8(ascii: ".")] + Array(format.fileExtension.utf8))
  }

  /// Whether results replace their inputs.
  var isInPlace: Bool {
    if case .inPlace = self { true } else { false }
  }

  /// The format that the output's own name asks for.
  ///
  /// - Throws: a usage error where it cannot be written.
  func namedFormat() throws(RunError) -> ImageFormat? {
    guard case .file(let path) = self else { return nil }
    return try ImageFormat(writtenTo: path)
  }

  /// The output of `input` when it is written as `format`; `nil` for standard output.
  func path(for input: Input, format: ImageFormat) -> FilePath? {
    switch self {
    case .standardOutput: nil
    case .file(let path): path
    case .inPlace: input.path
    case .directory(let directory): directory.appending(format.renaming(input.relativePath).bytes)
    case .pattern(let pattern):
      pattern.path(for: input.path, below: input.relativePath, format: format)
    case .beside(let label): format.renaming(input.path, inserting: label)
    }
  }
}

extension ImageFormat {
  /// The format that a name's ending promises.
  init?(extensionOf path: FilePath) {
    guard let ending = path.ending else { return nil }
    self.init(ending: ending.utf8)
  }

  /// The format that the name of a file to be written asks for; nil where it asks for none.
  ///
  /// - Throws: a usage error where it asks for one that cannot be written.
  init?(writtenTo path: FilePath) throws(RunError) {
    if let ending = path.ending, Self.foreignEndings.contains(ending) {
      throw .usage(
        "\(path): PNG, JPEG and WebP can be written; give a name that ends in .png, .jpg or .webp")
    }
    self.init(extensionOf: path)
  }

  /// Endings, in lower case, under which nobody expects a PNG, JPEG or WebP.
  private static let foreignEndings: Set<String> = [
    "avif", "bmp", "eps", "exr", "gif", "hdr", "heic", "heif", "ico", "j2k", "jp2", "jxl", "pbm",
    "pdf", "pgm", "pnm", "ppm", "psd", "qoi", "raw", "svg", "tga", "tif", "tiff", "dib",
  ]

  /// `path` as it is named in this format: an ending of this format stays, that of another is
  /// replaced, and the label stands before it.
  func renaming(_ path: FilePath, inserting label: String? = nil) -> FilePath {
    var stem = path.name
    var ending = Array(fileExtension.utf8)
    if let promised = ImageFormat(extensionOf: path), let (front, back) = path.splitName {
      stem = front
      if promised == self { ending = back }
    }
    if let label, !label.isEmpty { stem += [UInt8(ascii: ".")] + Array(label.utf8) }
    return path.replacingName(with: stem + [UInt8(ascii: ".")] + ending)
  }
}

extension FilePath {
  /// The part of the name behind its last dot, in lower case; nil where there is none.
  var ending: String? {
    splitName.map { String(decoding: $0.ending, as: UTF8.self).lowercased() }
  }

  /// The name's part before its last dot and the part behind.
  var splitName: (stem: [UInt8], ending: [UInt8])? {
    let name = name
    guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > 0 else { return nil }
    return (Array(name[..<dot]), Array(name[(dot + 1)...]))
  }
}
