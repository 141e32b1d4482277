import Files
import Images

/// Where a command writes an image that it draws: a file, or standard output.
///
/// It is made before the work begins, so that a place where nothing can be written is told then.
struct ImageOutput {
  let path: FilePath

  /// The place of a still image: a PNG or JPEG by its ending; one without an ending is a PNG.
  ///
  /// - Parameters:
  ///   - otherUse: what standard output is for in a command that writes no image there.
  ///   - isNamedHere: whether the user did not give the name, so that a file that has it may be theirs.
  /// - Throws: a usage error for a terminal, a directory and the ending of another format; an error
  ///   that ends the run where there is no such directory.
  init(
    _ path: FilePath, option: String, otherUse: String? = nil, isNamedHere: Bool = false
  ) throws(RunError) {
    if let otherUse, path.isStandardStream {
      throw .usage("\(option) writes a file; standard output has \(otherUse)")
    }
    _ = try ImageFormat(writtenTo: path)
    if isNamedHere { try path.requireReplaceable() }
    try self.init(checking: path, option: option)
  }

  /// The place of an animation, which can be PNG alone.
  ///
  /// - Throws: as for a still image.
  init(ofAnimation path: FilePath, option: String, isNamedHere: Bool = false) throws(RunError) {
    if isNamedHere { try path.requireReplaceable() }
    guard path.ending.map({ ["png", "apng"].contains($0) }) ?? true else {
      throw .usage("\(path): an animation is written as PNG; give a name that ends in .png")
    }
    try self.init(checking: path, option: option)
  }

  private init(checking path: FilePath, option: String) throws(RunError) {
    self.path = path
    if path.isStandardStream {
      try StandardStream.output.refuseTerminal()
      return
    }
    guard !path.bytes.isEmpty else { throw .usage("\(option) needs the name of a file") }
    guard !path.endsInSlash, FileStatus(of: path)?.kind != .directory else {
      let example = path.appending("image.png".utf8)
      throw .usage("\(path): names a directory; give \(option) a file, as in \(example)")
    }
    guard FileStatus(of: path.parent)?.kind == .directory else {
      throw .aborted("\(path): there is no directory \(path.parent)")
    }
  }

  func write(_ image: Image) throws(RunError) {
    guard path.isStandardStream else { return try writeImage(image, to: path) }
    do throws(ImageError) { try image.write(to: FileDescriptorSink.standardOutput) } catch {
      throw .aborted("standard output: \(error)")
    }
  }

  func write(_ animation: AnimatedPNG) throws(RunError) {
    do throws(ImageError) {
      guard !path.isStandardStream else {
        return try animation.write(to: FileDescriptorSink.standardOutput)
      }
      let file = try withImageErrors(try AtomicFile(pathBytes: path.bytes))
      try animation.write(to: file)
      try withImageErrors(try file.commit())
    } catch { throw .aborted("\(path.isStandardStream ? "standard output" : "\(path)"): \(error)") }
  }

  /// Says on standard output where the image is, unless that has the image itself.
  func tell(_ note: String? = nil) {
    guard !path.isStandardStream else { return }
    StandardStream.output.write(note.map { "\(path)  \($0)\n" } ?? "\(path)\n")
  }
}

/// Writes a figure: JPEG where the name says so, otherwise PNG.
func writeImage(_ image: Image, to path: FilePath) throws(RunError) {
  let format = ImageFormat(extensionOf: path) ?? .png
  var options = WriteOptions(format: format, quality: 95, threads: processorCount)
  options.software = Vision.software
  do throws(ImageError) {
    let file = try withImageErrors(try AtomicFile(pathBytes: path.bytes))
    try image.write(
      to: file,
      options: options)
    try withImageErrors(try file.commit())
  } catch { throw .aborted("\(path): \(error)") }
}

extension FilePath {
  /// Whether this is an image that says that this program wrote it.
  var isMarkedResult: Bool {
    let isMarked = try? Input(named: self).withReader(ReadOptions()) { reader in
      reader.metadata.isMarked(by: Vision.configuration.commandName ?? "")
    }
    return isMarked ?? false
  }

  /// - Parameter isResult: whether a file is a result of this program; for images, what they say.
  /// - Throws: a usage error where there is a file that is not known to be a result of this program.
  func requireReplaceable(isResult: (FilePath) -> Bool = \.isMarkedResult) throws(RunError) {
    guard FileStatus(of: self)?.kind == .file, !isResult(self) else { return }
    throw .usage("\(self): exists, and does not say that vision wrote it; give -o another name")
  }
}

extension WriteOptions {
  /// A PNG that says that this program wrote it.
  static var marked: WriteOptions {
    var options = WriteOptions()
    options.software = Vision.software
    return options
  }
}
