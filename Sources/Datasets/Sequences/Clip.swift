import Images
import ModelFiles

/// A clip: the files of its frames in the order of time.
public struct Clip: Sendable, Hashable {
  public let frames: [String]

  public init(frames: [String]) { self.frames = frames }

  /// The frames in a folder; nil where it holds anything but images whose names end in a number.
  ///
  /// Frames are in the order of their numbers: `2.png` comes before `10.png`.
  init?(folder: String) {
    guard let entries = try? ImageFolder().entries(of: folder), !entries.isEmpty else { return nil }
    var numbered: [(number: Int, path: String)] = []
    for entry in entries {
      guard !entry.isFolder, let dot = entry.name.lastIndex(of: "."),
        ImageFormat(ending: entry.name[entry.name.index(after: dot)...].utf8) != nil,
        let number = Self.number(atEndOf: entry.name[..<dot])
      else { return nil }
      numbered.append((number, entry.path))
    }
    let sorted = numbered.sorted { ($0.number, $0.path) < ($1.number, $1.path) }
    frames = sorted.map(\.path)
  }

  /// The clip that a path names: a folder of frames.
  public init(path: String) throws(UnreadableExample) {
    guard let clip = Clip(folder: path) else {
      throw UnreadableExample("is no folder of frames 0.png, 1.png, …")
    }
    self = clip
  }

  /// The paths of all folders of frames in a directory, at any depth, in the order of their names; the directory itself
  /// where it is one.
  public static func paths(in path: String) -> [String] { paths(in: path, depth: 0) }

  /// Links may lead in a circle: no one lays clips deeper.
  private static func paths(in path: String, depth: Int) -> [String] {
    if Clip(folder: path) != nil { return [path] }
    guard depth < 32, let entries = try? ImageFolder().entries(of: path) else { return [] }
    return entries.filter(\.isFolder).flatMap { paths(in: $0.path, depth: depth + 1) }
  }

  private static func number(atEndOf name: Substring) -> Int? {
    var digits: [Character] = []
    for character in name.reversed() {
      guard character.isASCII, character.isWholeNumber else { break }
      digits.append(character)
    }
    return digits.isEmpty ? nil : Int(String(digits.reversed()))
  }

  /// The frames as a network takes them: C features, H × W of each step.
  ///
  /// - Throws: where a frame cannot be read, there are fewer than two, or they differ in size.
  public func sequence(_ preprocessing: Preprocessing) throws(UnreadableExample) -> FeatureSequence
  {
    guard frames.count > 1 else {
      throw UnreadableExample("has \(frames.count) frame; a clip needs two or more")
    }
    let (area, channels) = (preprocessing.width * preprocessing.height, preprocessing.channels)
    var values = [Float](repeating: 0, count: frames.count * area * channels)
    var frame = [Float](repeating: 0, count: area * channels)
    var size: (width: Int, height: Int)?
    for (step, path) in frames.enumerated() {
      let name = path.split(separator: "/").last.map(String.init) ?? path
      do throws(ImageError) {
        let image = try Image(path: path)
        if let size, size != (image.width, image.height) {
          throw ImageError.invalidRequest(
            "is \(image.width)×\(image.height), the frames before it \(size.width)×\(size.height)")
        }
        size = (image.width, image.height)
        var failure: ImageError?
        frame.withUnsafeMutableBufferPointer { buffer in
          do throws(ImageError) { try preprocessing.write(image, to: buffer) } catch {
            failure = error
          }
        }
        if let failure { throw failure }
      } catch { throw UnreadableExample("\(name): \(error.reason)") }
      for channel in 0..<channels {
        let target = (channel * frames.count + step) * area
        values.replaceSubrange(
          target..<target + area, with: frame[channel * area..<(channel + 1) * area])
      }
    }
    return FeatureSequence(
      features: channels, extent: [preprocessing.height, preprocessing.width], values: values)
  }
}

extension LabeledExamples<Clip> {
  /// The clips as a network takes them, and what was odd about them; those that cannot be read are left out.
  ///
  /// - Throws: where none can be read.
  public func sequences(
    _ preprocessing: Preprocessing
  ) throws(DatasetError) -> (LabeledExamples<FeatureSequence>, warnings: [DatasetWarning]) {
    var warnings: [DatasetWarning] = []
    var (kept, sequences): ([Int], [FeatureSequence]) = ([], [])
    for (index, clip) in elements.enumerated() {
      do throws(UnreadableExample) {
        sequences.append(try clip.sequence(preprocessing))
        kept.append(index)
      } catch {
        warnings.append(.unreadableImage(path: names[index], reason: error.reason))
      }
    }
    guard let first = warnings.first, kept.isEmpty else {
      return (
        LabeledExamples<FeatureSequence>(
          classNames: classNames, labels: kept.map { labels[$0] }, names: kept.map { names[$0] },
          elements: sequences), warnings
      )
    }
    throw .corrupt(path: names[0], "no clip can be read: \(first)")
  }
}
