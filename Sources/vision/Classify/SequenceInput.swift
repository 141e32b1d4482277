import Datasets
import Files
import Inference
import ModelFiles

/// A text, a series or a clip that a command was given, and what was made of it for a network.
struct SequenceInput {
  /// What the user calls it.
  let name: String
  let sequence: FeatureSequence

  /// The texts, series or clips of an input: a file, a directory, or a text on standard input.
  ///
  /// - Parameter failed: is told of what in a directory cannot be read.
  static func read(
    _ input: String, _ model: SequenceClassifier, failed: (String, String) -> Void
  ) throws(UnreadableExample) -> [SequenceInput] {
    switch model.preprocessing {
    case .text(let preprocessing):
      let numbers = TokenNumbers(preprocessing)
      return try texts(input, failed: failed).map {
        SequenceInput(name: $0.name, sequence: numbers.sequence(of: $0.text))
      }
    case .series: return try series(input, model)
    case .clip(let frames): return try clips(input, frames, failed: failed)
    }
  }

  /// The texts of an input by their names.
  static func texts(
    _ input: String, failed: (String, String) -> Void
  ) throws(UnreadableExample) -> [(name: String, text: String)] {
    if input == "-" {
      let bytes: [UInt8]
      do throws(ReadingError) { bytes = try readFile(FilePath(argument: "-")) } catch {
        throw UnreadableExample(error.reason)
      }
      return [("-", try TextFile.text(bytes))]
    }
    var texts: [(String, String)] = []
    let paths = TextFile.paths(in: input)
    if paths == [] { throw UnreadableExample("contains no .txt files") }
    for path in paths ?? [input] {
      do throws(UnreadableExample) { texts.append((path, try TextFile.read(path))) } catch {
        if paths == nil { throw error }
        failed(path, error.reason)
      }
    }
    return texts
  }

  private static func series(
    _ input: String, _ model: SequenceClassifier
  ) throws(UnreadableExample) -> [SequenceInput] {
    do {
      guard let splits = try SequenceSplits(path: input) else {
        throw UnreadableExample("holds no series (.ts, or a table with a column of classes)")
      }
      let sequences = try model.sequences(of: splits.evaluation)
      return zip(sequences.names, sequences.elements).map {
        SequenceInput(name: $0, sequence: $1)
      }
    } catch let error as UnreadableExample {
      throw error
    } catch { throw UnreadableExample("\(error)".replacing("\(input): ", with: "")) }
  }

  /// The clip that is an input, or those in its folders.
  private static func clips(
    _ input: String, _ frames: Preprocessing, failed: (String, String) -> Void
  ) throws(UnreadableExample) -> [SequenceInput] {
    let paths = Clip.paths(in: input)
    guard !paths.isEmpty else {
      throw UnreadableExample(
        "holds no folder of frames 0.png, 1.png, … and no animated PNG or GIF")
    }
    var clips: [SequenceInput] = []
    for path in paths {
      do throws(UnreadableExample) {
        clips.append(
          SequenceInput(name: path, sequence: try Clip(path: path).sequence(frames)))
      } catch {
        if paths == [input] { throw error }
        failed(path, error.reason)
      }
    }
    return clips
  }
}
