import Datasets
import Images
import ModelFiles
import TestSupport
import Testing

/// Clips, drawn series and word vectors.
@Suite struct ClipTests {
  private let folder = TemporaryFolder()

  private func frame(_ path: String, width: Int = 3, value: Int) throws {
    try folder.write(
      png(picture(width, 2, channels: 1) { x, y, _ in UInt8(value + x + 10 * y) }),
      to: path)
  }

  private let form = Preprocessing(width: 3, height: 2, channels: 1, mean: [0], std: [1 / 255.0])

  /// Frames follow their numbers, and become features × steps × rows × columns.
  @Test func foldersOfFramesAreClips() throws {
    for (clip, count) in [("up/a", 3), ("up/b", 2), ("down/c", 2)] {
      for number in 0..<count { try frame("clips/\(clip)/f\(9 + number).png", value: number) }
    }
    let splits = try #require(try SequenceSplits(path: folder.path + "/clips"))
    guard case .clips(let clips) = splits.training else { throw Unexpected() }
    #expect(clips.classNames == ["down", "up"] && clips.labels == [0, 1, 1])
    #expect(clips.elements.map(\.frameCount) == [2, 3, 2])
    let sequence = try clips.elements[1].sequence(form)
    #expect(sequence.features == 1 && sequence.extent == [2, 3] && sequence.steps == 3)
    let first: [Float] = [0, 1, 2, 10, 11, 12]
    let errors = zip(sequence.values, first + first.map { $0 + 1 } + first.map { $0 + 2 })
    #expect(errors.allSatisfy { abs($0 - $1) < 1e-4 })
    let learned = try Preprocessing(of: clips, size: nil)
    #expect(learned.width == 3 && learned.height == 2 && learned.channels == 1)
    #expect(abs(learned.mean[0] * 255 - 6.714) < 0.01)
    #expect(Clip.paths(in: folder.path + "/clips").count == 3)
  }

  /// Clips that are none are named and left out; images without numbers make no clips.
  @Test func oddClipsAreNamed() throws {
    for number in 0..<2 {
      try frame("odd/x/good\(number)/0.png", value: 0)
      try frame("odd/x/good\(number)/1.png", value: 1)
    }
    try frame("odd/y/short/0.png", value: 0)
    try frame("odd/y/uneven/0.png", value: 0)
    try frame("odd/y/uneven/1.png", width: 4, value: 0)
    let splits = try #require(try SequenceSplits(path: folder.path + "/odd"))
    guard case .clips(let clips) = splits.training else { throw Unexpected() }
    let (kept, warnings) = try clips.sequences(form)
    #expect(kept.labels == [0, 0])
    #expect(
      warnings.map { "\($0)".replacing(folder.path + "/", with: "") } == [
        "odd/y/short: has 1 frame; a clip needs two or more; skipped",
        "odd/y/uneven: 1.png is 4×2, the first frame 3×2; skipped",
      ])
    try frame("images/x/cat/a.png", value: 0)
    try frame("images/x/cat/b.png", value: 0)
    #expect(try SequenceSplits(path: folder.path + "/images") == nil)
    #expect(
      throws: UnreadableExample("is no folder of frames 0.png, 1.png, … and no animated PNG or GIF")
    ) {
      _ = try Clip(path: folder.path + "/images")
    }
  }

  /// Bars, field and plot of four points, worked by hand.
  @Test func seriesAreDrawn() {
    func drawn(_ kind: SeriesImage.Kind, _ values: [Float], side: Int = 8) -> [Float] {
      SeriesImage(kind, side: side).drawn(FeatureSequence(features: 1, values: values)).values
    }
    // Up by two deviations of three: of eight rows the half above the middle, 8/3 rows of it.
    let bars = drawn(.bars, [2, 2, 2, 2, -3, -3, -3, -3])
    let column = (0..<8).map { bars[8 * $0] }
    #expect(zip(column, [0, 2.0 / 3, 1, 1, 0, 0, 0, 0]).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect((0..<8).map { bars[8 * $0 + 7] } == [0, 0, 0, 0, 1, 1, 1, 1])
    // −1, 0, 1 as two of each and means between: cos(φ + φ) = 2x² − 1 on the diagonal.
    let field = drawn(.gaf, [0, 0, 1, 1, 2, 2, 1, 1])
    #expect(field[0] == 1 && abs(field[2 * 8 + 2] + 1) < 1e-6 && field[4 * 8 + 4] == 1)
    #expect(abs(field[4] + 1) < 1e-6 && abs(field[2]) < 1e-6)
    let plot = drawn(.recurrence, [0, 0, 1, 1, 2, 2, 1, 1])
    #expect(Array(plot[0..<8]) == [0, 0, 0.5, 0.5, 1, 1, 0.5, 0.5])
    // Longer series are averaged, shorter ones drawn between their points.
    let long = drawn(.recurrence, (0..<16).map { Float($0) })
    #expect(zip(long[0..<8], 0..<8).allSatisfy { abs($0 - Float($1) / 7) < 1e-6 })
    let short = drawn(.recurrence, [0, 7])
    #expect(zip(short[0..<8], 0..<8).allSatisfy { abs($0 - Float($1) / 7) < 1e-6 })
    #expect(drawn(.gaf, [5, 5]).allSatisfy { $0.isFinite })
  }

  @Test func vectorsOfWords() throws {
    let path = folder.path + "/vectors.txt"
    folder.write(Array("2 3\nthe 1 2 3\ncat 4 5 -6e-1 \n".utf8), to: "vectors.txt")
    let (table, found) = try WordVectors.table(path: path, words: [nil, "cat", "dog"])
    #expect(found == 1 && table.shape == [3, 3])
    #expect(table.withUnsafeBufferPointer { Array($0) } == [0, 0, 0, 4, 5, -0.6, 0, 0, 0])
    func message(_ text: String, _ words: [String?] = ["cat"]) throws -> String {
      folder.write(Array(text.utf8), to: "vectors.txt")
      do {
        _ = try WordVectors.table(path: path, words: words)
        return ""
      } catch { return "\(error)".replacing(path + ": ", with: "") }
    }
    #expect(try message("the 1 2\ncat 1\n") == "the vector of \"cat\" has not 2 numbers")
    #expect(try message("the 1 2\n") == "holds none of the texts' words")
    #expect(try message("").hasPrefix("holds no vectors of words"))
  }

  private struct Unexpected: Error {}
}
