import Classification
import Datasets
import Engine
import ModelFiles
import Training

extension TrainCommand {
  /// Trains on texts, series or clips.
  ///
  /// - Returns: nil where the data are none of these.
  func trainOnSequences(
    _ card: ModelCard, _ options: PlanOptions
  ) throws(TrainingError) -> ExitStatus? {
    if sequences.taken == .images, !sequences.areGiven { return nil }
    var found: SequenceSplits
    do {
      guard
        let splits = try SequenceSplits(
          path: data, text: sequences.text, label: sequences.label)
      else {
        if sequences.areGiven {
          throw TrainingError.options(
            "\(data): holds no texts, series or clips, which the options are for; expected one subdirectory of "
              + ".txt files or of folders of frames per class, a .ts file, or a table with a column of classes"
          )
        }
        return nil
      }
      found = splits
      if let validationData {
        guard
          let other = try SequenceSplits(
            path: validationData, text: sequences.text, label: sequences.label)
        else { throw TrainingError.data("\(validationData): holds no texts, series or clips") }
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
        "--from and --class-names are for images, not for texts, series or clips")
    }
    let console = TrainingConsole(SequenceTask.self)
    console.warn(found.warnings)
    if sequences.taken != nil {
      guard case .series = found.training else {
        throw .options("--as: \(data) holds \(found.training.plural), which are not drawn")
      }
    }
    let base = SequenceRecipe.default(
      for: found.training, network: recipeOptions.model,
      image: sequences.image(size: recipeOptions.size, longest: found.training.longest),
      count: found.training.count)
    var recipe = sequences.applied(to: try recipeOptions.applied(to: base))
    if freeze == .embedding {
      recipe.freezesEmbedding = true
    } else if freeze != nil {
      throw .options("--freeze: of texts, the embedding can be frozen")
    }
    var task = try SequenceTask(
      data: found, path: data, validationFraction: validation, recipe: recipe, card: card)
    task.profilesGradients = sequences.profileGradients
    console.warn(task.warnings)
    describe(task, found, console)
    return try console.run(
      task,
      settings: runOptions.settings(options, storedPrecision: storedPrecision),
      out: runOptions.out
    ) { "vision classify --model \($0) \(task.settings.input.plural.uppercased())" }
  }

  /// Says what the data were taken for, and what is trained on them.
  private func describe(_ task: SequenceTask, _ found: SequenceSplits, _ console: TrainingConsole) {
    let (settings, recipe) = (task.settings, task.settings.recipe)
    let shown = zip(settings.classNames, settings.trainingCounts).prefix(12)
      .map { "\($0) (\($1))" }.joined(separator: ", ")
    let plural = settings.input.plural
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
      console.say(
        "\(counted(series.channels, "channel")), \(found.training.stepRange) steps"
          + (series.image.map {
            ", drawn as \($0.kind.title) of \($0.side)×\($0.side) pixels"
          } ?? ""))
    case .clip(let frames):
      console.say(
        "\(found.training.stepRange) frames of \(frames.width)×\(frames.height) pixels, "
          + (frames.channels == 1 ? "gray" : "color"))
    }
    if let vectors = recipe.vectors, let found = task.foundVectors {
      console.say("\(found) of the tokens have a vector in \(vectors)")
    }
    let parameters = (try? task.network.summary().parameters) ?? 0
    console.say(
      "\(recipe.network) with \(parameters) parameters, \(counted(recipe.epochs, "epoch")), "
        + "batch size \(recipe.batchSize), seed \(runOptions.seed)")
  }
}

extension SequenceSplits.Content {
  /// The class names in their order.
  var classNames: [String] {
    switch self {
    case .texts(let texts): texts.classNames
    case .series(let series): series.classNames
    case .clips(let clips): clips.classNames
    }
  }

  var count: Int {
    switch self {
    case .texts(let texts): texts.count
    case .series(let series): series.count
    case .clips(let clips): clips.count
    }
  }

  /// The steps of each series, the frames of each clip; none of texts.
  private var steps: [Int] {
    switch self {
    case .texts: []
    case .series(let series): series.elements.map(\.steps)
    case .clips(let clips): clips.elements.map(\.frameCount)
    }
  }

  var longest: Int { steps.max() ?? 0 }

  /// `10`, or `8 to 12`.
  var stepRange: String {
    let least = steps.min() ?? 0
    return least == longest ? "\(longest)" : "\(least) to \(longest)"
  }

  func relabeled(
    as classNames: [String], path: String
  ) throws(DatasetError) -> SequenceSplits.Content {
    switch self {
    case .texts(let texts): .texts(try texts.relabeled(as: classNames, path: path))
    case .series(let series): .series(try series.relabeled(as: classNames, path: path))
    case .clips(let clips): .clips(try clips.relabeled(as: classNames, path: path))
    }
  }
}

extension SeriesImage.Kind {
  /// What it is called.
  var title: String {
    switch self {
    case .bars: "bars"
    case .gaf: "Gramian angular fields"
    case .recurrence: "recurrence plots"
    }
  }
}
