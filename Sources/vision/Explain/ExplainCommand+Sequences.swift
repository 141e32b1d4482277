import Datasets
import Engine
import Figures
import Files
import Images
import Inference
import ModelFiles

extension ExplainCommand {
  /// Explains what a classifier of texts, series or clips says of one.
  func explain(_ model: SequenceClassifier, _ planOptions: PlanOptions) throws {
    guard !filters, layer == nil, let input = image else {
      throw RunError.usage(
        "--filters and --layer are for models of images; this one takes \(model.preprocessing.plural)"
      )
    }
    let index = try chosenClass(among: model.classNames)
    var explanation = try SequenceExplanation(
      model, folder: FilePath(argument: output), options: planOptions,
      inputs: RunInputs([FilePath(argument: input)] + self.model.files))
    try report(on: input) {
      switch model.preprocessing {
      case .text(let preprocessing):
        try requireFirst()
        let texts = try SequenceInput.texts(input) { _, _ in }
        guard texts.count == 1 else {
          throw RunError.usage("\(input): is a directory; name one text")
        }
        try explanation.write(text: texts[0].text, preprocessing, chosen: index)
      case .series(let preprocessing):
        let series = try series(in: input, channels: preprocessing.channels)
        try explanation.write(series: series, preprocessing, chosen: index)
      case .clip(let frames):
        try requireFirst()
        try explanation.write(clip: try Clip(path: input), frames, chosen: index)
      }
      try explanation.finish()
      return explanation.report
    }
  }

  private func requireFirst() throws(RunError) {
    guard series == nil else { throw .usage("--series is for models of series") }
  }

  /// The series of a number in a file.
  private func series(in input: String, channels: Int) throws(UnreadableExample) -> FeatureSequence
  {
    let content: SequenceSplits.Content?
    do throws(DatasetError) { content = try SequenceSplits(path: input)?.evaluation } catch {
      throw UnreadableExample("\(error)".replacing("\(input): ", with: ""))
    }
    guard case .series(let found) = content else {
      throw UnreadableExample("holds no series (.ts, or a table with a column of classes)")
    }
    let number = series ?? 1
    guard (1...found.count).contains(number) else {
      throw UnreadableExample("has no series \(number); it has \(found.count)")
    }
    let chosen = found.elements[number - 1]
    guard chosen.features == channels else {
      throw UnreadableExample("has \(chosen.features) channels, the model takes \(channels)")
    }
    return chosen
  }
}
