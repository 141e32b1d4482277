import Figures
import Training

/// What `vision gan train` shows: a line that changes on a terminal, a line for each epoch.
final class GANProgress {
  private let line = StatusLine()
  private let epochs: Int

  init(epochs: Int) { self.epochs = epochs }

  func show(_ event: GANEvent) {
    switch event {
    case .began(let epoch, let step):
      if epoch + step > 0 {
        print(TrainingView.goingOn(after: epoch, step))
      }
    case .step(let report):
      line.show(
        "epoch \(report.epoch) of \(epochs)   \(report.step) of \(report.stepsPerEpoch)   "
          + "\(Self.losses(report))   \(Int(report.imagesPerSecond)) images/s"
          + (report.secondsLeft.map { "   \(Pace.text(seconds: $0)) left" } ?? ""))
    case .damaged(let warning):
      line.clear()
      Report.complain("\(warning)")
    case .epoch(let report):
      let quality = report.quality.map {
        "   Fréchet distance \(distanceText($0.frechetDistance)) (\($0.features))"
      }
      print(
        "epoch \(report.steps.epoch)   \(Self.losses(report.steps))" + (quality ?? "")
          + (report.isBest && quality != nil ? "   best" : "")
          + "   \(Pace.text(seconds: report.seconds))")
    case .alarm(let text):
      line.clear()
      Report.complain("warning: \(text)")
    }
  }

  /// Says how it ended and what to do next.
  func close(_ end: TrainingEnd, run: String) {
    line.clear()
    switch end {
    case .interrupted(let epoch, let step):
      StandardStream.error.write(
        "stopped in epoch \(epoch) after \(counted(step, "step")); "
          + "the same command goes on from here\n")
    case .complete, .outOfPatience:
      StandardStream.output.write(
        """
        \(run)/best.safetensors   the generator: vision gan sample --model \(run)/best.safetensors
        \(run)/samples            the same 64 latents after every epoch
        \(run)/curves.png         losses and quality\n
        """)
    }
  }

  private func print(_ text: String) {
    line.clear()
    StandardStream.error.write(text + "\n")
  }

  private static func losses(_ report: GANStepReport) -> String {
    "D \(short(report.discriminatorLoss))   G \(short(report.generatorLoss))   "
      + "D(x) \(short(report.realProbability))   D(G(z)) \(short(report.fakeProbability))"
  }

  /// Three digits behind the point.
  private static func short(_ value: Double) -> String { fixed(value, decimals: 3) }
}
