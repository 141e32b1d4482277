import Foundation
import Images
import Testing

/// Trainings that are killed again and again: the same command goes on, and ends with the same bytes as
/// one that nothing happened to.
@Suite(.serialized, .enabled(if: Faults.areWanted, Faults.notWanted))
struct TrainFaultTests {
  let folder: Folder

  /// Two classes of small pictures, one light and one dark.
  init() throws {
    folder = try Folder()
    for index in 0..<24 {
      var image = Image(layout: PixelLayout(width: 32, height: 32, channels: 3))
      image.withUnsafeMutableBytes { bytes in
        for place in bytes.indices {
          bytes[place] = UInt8(truncatingIfNeeded: (place &* (index + 7)) % 100 + index % 2 * 150)
        }
      }
      let name = "pictures/\(index % 2 == 0 ? "dark" : "light")/\(index).png"
      try folder.write(Data(try image.encoded()), to: name)
    }
  }

  @Test func train() throws {
    try check(
      [
        "train", "pictures", "--size", "32", "--model", "small-cnn", "--epochs", "6", "--batch",
        "4",
      ],
      kept: ["best.safetensors", "log.csv", "last.checkpoint"])
  }

  @Test func ganTrain() throws {
    try check(
      [
        "gan", "train", "pictures", "--size", "32", "--width", "4", "--latent", "8", "--epochs",
        "6",
        "--batch", "8", "--features", "none", "--evaluation-samples", "8",
      ], kept: ["log.csv", "last.checkpoint"])
  }

  /// - Parameter kept: files of the run folder that must have the same bytes in the end.
  private func check(_ arguments: [String], kept: [String]) throws {
    // All in the folder of one name, which stands in the model's card.
    func start() throws -> Command {
      try Command(arguments + ["--threads", "1", "--out", "run"], in: folder)
    }
    let duration = try seconds {
      let end = try start().end()
      #expect(end.status == 0, "\(end.error)")
    }
    let unbroken = try kept.map { try #require(folder.read("run/\($0)"), "no \($0)") }

    var (killed, run) = (0, 0)
    while killed < Faults.kills {
      run += 1
      try FileManager.default.removeItem(at: folder.url("run"))
      // Each run is killed some times and then left to end.
      for _ in 0..<10 {
        let broken = try start()
        // One in five is asked to stop, as by Ctrl-C, and saves first.
        let signal = Int.random(in: 0..<5) == 0 ? SIGINT : SIGKILL
        broken.send(signal, after: .random(in: 0...duration))
        let end = try broken.end()
        if end.wasKilled { killed += 1 } else { expectNoFailure(end, after: signal, run) }
      }
      let end = try start().end()
      #expect(end.status == 0, "run \(run): \(end.error)")
      for (name, expected) in zip(kept, unbroken) {
        #expect(folder.read("run/\(name)") == expected, "\(name) of run \(run)")
      }
    }
    print("\(killed) kills in \(run) runs of \(duration) s")
  }

  /// It ended in time, or stopped when asked to and said how to go on; before the training began,
  /// by the signal itself.
  private func expectNoFailure(_ end: Command.End, after signal: Int32, _ run: Int) {
    if end.status == 2 {
      #expect(
        signal == SIGINT && (end.output + end.error).contains("the same command"),
        "run \(run): \(end.error)")
    } else {
      #expect([0, -SIGINT].contains(end.status), "run \(run): \(end.error)")
    }
  }
}
