import Images
import ModelFiles

/// A clip: the files of its frames in the order of time, or an animated PNG or GIF.
public struct Clip: Sendable, Hashable {
  /// The files; one where it is an animation.
  public let files: [String]
  /// How many frames there are, as the files say.
  public let frameCount: Int
  private let isAnimation: Bool

  /// - Parameter frames: the files of its frames.
  public init(frames: [String]) {
    files = frames
    frameCount = frames.count
    isAnimation = false
  }

  /// The animation in a file; nil where it holds none.
  init?(animation path: String) {
    guard let info = try? ImageReader(path: path).info, [.png, .gif].contains(info.format),
      info.imageCount > 1
    else { return nil }
    files = [path]
    frameCount = info.imageCount
    isAnimation = true
  }

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
    self.init(frames: sorted.map(\.path))
  }

  /// The clip that a path names: a folder of frames, or an animation.
  public init(path: String) throws(UnreadableExample) {
    guard let clip = Clip(folder: path) ?? Clip(animation: path) else {
      throw UnreadableExample("is no folder of frames 0.png, 1.png, … and no animated PNG or GIF")
    }
    self = clip
  }

  /// The frames, each with what it is called.
  ///
  /// - Throws: where a frame cannot be read, there are fewer than two, or they differ in size.
  public func frames() throws(UnreadableExample) -> [(name: String, image: Image)] {
    guard frameCount > 1 else {
      throw UnreadableExample("has \(frameCount) frame; a clip needs two or more")
    }
    if isAnimation {
      do throws(ImageError) {
        return try AnimationFrames(path: files[0]).images.enumerated().map {
          ("frame \($0.offset)", $0.element)
        }
      } catch { throw UnreadableExample(error.reason) }
    }
    var frames: [(name: String, image: Image)] = []
    for path in files {
      let name = path.split(separator: "/").last.map(String.init) ?? path
      do throws(ImageError) { frames.append((name, try Image(path: path))) } catch {
        throw UnreadableExample("\(name): \(error.reason)")
      }
      let (first, last) = (frames[0].image, frames[frames.count - 1].image)
      guard first.width == last.width, first.height == last.height else {
        throw UnreadableExample(
          "\(name) is \(last.width)×\(last.height), the first frame \(first.width)×\(first.height)")
      }
    }
    return frames
  }

  /// The paths of all folders of frames and animations in a directory, at any depth, in the order of their
  /// names; the path itself where it is one.
  public static func paths(in path: String) -> [String] { paths(in: path, depth: 0) }

  /// Links may lead in a circle: no one lays clips deeper.
  private static func paths(in path: String, depth: Int) -> [String] {
    if Clip(folder: path) != nil { return [path] }
    guard depth < 32, let entries = try? ImageFolder().entries(of: path) else {
      return Clip(animation: path) == nil ? [] : [path]
    }
    return entries.flatMap { entry in
      entry.isFolder
        ? paths(in: entry.path, depth: depth + 1)
        : Clip(animation: entry.path) == nil ? [] : [entry.path]
    }
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
  /// - Throws: as ``frames()``.
  public func sequence(_ preprocessing: Preprocessing) throws(UnreadableExample) -> FeatureSequence
  {
    let frames = try frames()
    let (area, channels) = (preprocessing.width * preprocessing.height, preprocessing.channels)
    var values = [Float](repeating: 0, count: frames.count * area * channels)
    var frame = [Float](repeating: 0, count: area * channels)
    for (step, (name, image)) in frames.enumerated() {
      var failure: ImageError?
      frame.withUnsafeMutableBufferPointer { buffer in
        do throws(ImageError) { try preprocessing.write(image, to: buffer) } catch {
          failure = error
        }
      }
      if let failure { throw UnreadableExample("\(name): \(failure.reason)") }
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
