import Classification
import Datasets
import Engine
import ModelFiles
import Training

extension TrainCommand {
  /// Trains on texts or series.
  ///
  /// - Returns: nil where the data are neither.
  func trainOnSequences(
    _ card: ModelCard, _ options: PlanOptions
  ) throws(TrainingError) -> ExitStatus? {
    var found: SequenceSplits
    do {
      guard
        let splits = try SequenceSplits(
          path: data, text: sequences.text, label: sequences.label)
      else {
        if sequences.areGiven {
          throw TrainingError.options(
            "\(data): holds neither texts nor series, which the options are for; expected one "
              + "subdirectory of .txt files per class, a .ts file, or a table with a column of classes"
          )
        }
        return nil
      }
      found = splits
      if let validationData {
        guard
          let other = try SequenceSplits(
            path: validationData, text: sequences.text, label: sequences.label)
        else { throw TrainingError.data("\(validationData): holds neither texts nor series") }
        found.validation = try other.evaluation.relabeled(
          as: found.training.classNames, path: validationData)
      }
    } catch let error as DatasetError {
      throw .data("\(error)")
    } catch let error as TrainingError {
      throw error
    } catch { throw .data("\(error)") }
    guard from == nil, classNames == nil else {
      throw .options(
        "--from and --class-names are for images, not for texts or series")
    }
    Console.warn(found.warnings)
    let base = SequenceRecipe.default(
      for: found.training, network: recipeOptions.model, count: found.training.count)
    let recipe = sequences.applied(to: try recipeOptions.applied(to: base))
    let console = TrainingConsole(SequenceTask.self)
    let task = try SequenceTask(
      data: found, path: data, validationFraction: validation, recipe: recipe, card: card)
    describe(task, found, console)
    let use = task.settings.input.noun == "text" ? "TEXTS" : "SERIES"
    return try console.run(
      task,
      settings: TrainingSettings(
        seed: seed, threads: computing.threads, storedPrecision: storedPrecision,
        profiler: options.profiler, isDataMoved: moved.isMoved),
      out: out, hasFailures: found.warnings.contains(where: \.isFailure)
    ) { "vision classify --model \($0) \(use)" }
  }

  /// Says what the data were taken for, and what is trained on them.
  private func describe(_ task: SequenceTask, _ found: SequenceSplits, _ console: TrainingConsole) {
    let (settings, recipe) = (task.settings, task.settings.recipe)
    let shown = zip(settings.classNames, settings.trainingCounts).prefix(12)
      .map { "\($0) (\($1))" }.joined(separator: ", ")
    let plural = settings.input.noun == "text" ? "texts" : "series"
    console.say(
      "\(plural) of \(settings.classNames.count) classes: \(shown)"
        + (settings.classNames.count > 12 ? ", …" : ""))
    let validationCount = task.validation?.count ?? 0
    console.say(
      "\(task.training.count) training \(plural), \(validationCount) validation \(plural)"
        + (validationCount == 0 ? "; the averaged weights of the last epoch are kept" : ""))
    switch settings.input {
    case .text(let text):
      console.say(
        "\(text.vocabulary.count) \(text.unit == .words ? "words" : "characters")"
          + (text.ngrams > 1 ? " and runs of up to \(text.ngrams)" : "")
          + ", the last \(text.maxTokens) of each text")
    case .series(let series):
      let steps = task.training.dataset.elements.map(\.steps)
      let (least, most) = (steps.min() ?? 0, steps.max() ?? 0)
      console.say(
        "\(counted(series.channels, "channel")), "
          + (least == most ? "\(most)" : "\(least) to \(most)") + " steps")
    }
    let parameters = (try? task.network.summary().parameters) ?? 0
    console.say(
      "\(recipe.network) with \(parameters) parameters, \(counted(recipe.epochs, "epoch")), "
        + "batch size \(recipe.batchSize), seed \(seed)")
  }
}

extension SequenceSplits.Content {
  /// The class names in their order.
  var classNames: [String] {
    switch self {
    case .texts(let texts): texts.classNames
    case .series(let series): series.classNames
    }
  }

  var count: Int {
    switch self {
    case .texts(let texts): texts.count
    case .series(let series): series.count
    }
  }

  func relabeled(
    as classNames: [String], path: String
  ) throws(DatasetError) -> SequenceSplits.Content {
    switch self {
    case .texts(let texts): .texts(try texts.relabeled(as: classNames, path: path))
    case .series(let series): .series(try series.relabeled(as: classNames, path: path))
    }
  }
}
