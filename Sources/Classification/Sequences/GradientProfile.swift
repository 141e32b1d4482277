import Datasets
import Engine
import Figures
import FoundationEssentials
import Graphs
import Networks
import Tensors
import Training

/// How large a loss's gradients are: of each layer's parameters, and of what each layer says at each step,
/// counted back from a sequence's end. Where they vanish with the steps, nothing is learned from what lies
/// that far back (Y. Bengio et al. 1994; R. Pascanu et al. 2013, arXiv 1211.5063).
public struct GradientProfile: Sendable {
  /// Of each parameter the norm of the gradient.
  public var parameters: [(name: String, norm: Double)] = []
  /// Of each layer that makes a series, for each step back, the mean over examples of the norm of the
  /// gradient.
  public var layers: [(name: String, norms: [Double])] = []
}

/// Measures gradients on one batch that stays the same.
final class GradientProfiler {
  private let plan: Plan
  private let parameters: [(name: String, node: Node)]
  private let series: [(name: String, node: Node)]
  private let lengths: [Int]

  /// - Parameter snapshot: whose variables are read, now and at each profile.
  init(_ task: SequenceTask, _ snapshot: Snapshot) throws(TrainingError) {
    let examples = task.training
    let bucket = examples.usedSteps.count - 1
    let members = (0..<examples.count).filter { examples.bucket(of: $0) == bucket }
    let wanted = min(task.settings.recipe.batchSize, members.count)
    // From all of them, so that every class is there.
    let chosen = (0..<wanted).map { members[$0 * members.count / wanted] }
    let steps = examples.usedSteps[bucket]
    lengths = chosen.map { min(examples.dataset.elements[$0].steps, steps) }
    let batch = SequenceExamples(
      examples.dataset[chosen], bucketSteps: [steps], areTokens: examples.areTokens,
      classCount: task.settings.classNames.count)
    do {
      let graph = Graph()
      let built = try task.network.withSteps(steps).build(
        on: graph, batch: chosen.count, mode: .inference)
      let logits = try built.classScores().logits
      let targets = try graph.input("targets", [chosen.count, task.settings.classNames.count])
      let loss = try Loss.crossEntropy(labelSmoothing: 0)(logits, targets)
      var known: Set<Node> = []
      // A layer that does nothing in inference says what the one before says.
      let series = built.layers.filter {
        $0.output.shape.rank == 3 && known.insert($0.output).inserted
      }
      let wanted = built.parameters + series.map(\.output)
      let gradients = try graph.gradients(of: loss, withRespectTo: wanted)
      parameters = zip(built.parameters, gradients).map { ($0.variableName ?? "", $1) }
      self.series = zip(series, gradients.dropFirst(built.parameters.count)).map { ($0.path, $1) }
      plan = try Plan(
        graph, outputs: gradients, assignments: .none, variables: snapshot.variables,
        options: snapshot.context.options)
      let loader = Loader(batch, batchSize: chosen.count)
      let nodes = built.inputs + [targets]
      let names =
        Array([SequenceExamples.sequence, SequenceExamples.lengths].prefix(built.inputs.count))
        + [SequenceExamples.label]
      let plan = plan
      try loader.next { (batch) throws(EngineError) in
        for (name, node) in zip(names, nodes) where plan.reads(node) {
          try plan.withInput(node) { _ = batch.write(name, to: $0) }
        }
      }
    } catch { throw TrainingError(wrapping: error) }
  }

  func profile() throws(TrainingError) -> GradientProfile {
    func norm(_ values: some Sequence<Float>) -> Double {
      values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    }
    do {
      try plan.run()
      var profile = GradientProfile()
      for (name, node) in parameters {
        profile.parameters.append((name, try plan.withOutput(node) { norm($0) }))
      }
      for (name, node) in series {
        let (features, steps) = (node.shape[1], node.shape[2])
        // A layer that shortens a series has other lengths.
        let ends = lengths.map { min($0, steps) }
        let norms = try plan.withOutput(node) { values in
          (0..<(ends.max() ?? 0)).map { back -> Double in
            let rows = ends.indices.filter { ends[$0] > back }
            let sum = rows.reduce(0.0) { sum, row in
              let step = ends[row] - 1 - back
              return sum
                + norm((0..<features).lazy.map { values[(row * features + $0) * steps + step] })
            }
            return sum / Double(max(rows.count, 1))
          }
        }
        profile.layers.append((name, norms))
      }
      return profile
    } catch { throw TrainingError(wrapping: error) }
  }
}

extension RunFolder {
  /// Adds an epoch to `gradients.csv` and draws its norms by steps back: `gradients.png`.
  func write(_ profile: GradientProfile, epoch: Int) throws(TrainingError) {
    let path = file("gradients.csv")
    let before = (try? String(contentsOf: URL(filePath: path), encoding: .utf8)) ?? ""
    // An epoch that is done again after a stop replaces its rows.
    let kept = before.split(separator: "\n").dropFirst().filter { line in
      (line.split(separator: ",").first.flatMap { Int($0) } ?? epoch) < epoch
    }
    let parameters = profile.parameters.map { "\(epoch),\($0.name),,\(RunLog.text($0.norm))" }
    let layers = profile.layers.flatMap { layer in
      layer.norms.enumerated().map { "\(epoch),\(layer.name),\($0),\(RunLog.text($1))" }
    }
    let lines = ["epoch,layer,steps_back,norm"] + kept.map(String.init) + parameters + layers
    try write(Array((lines.joined(separator: "\n") + "\n").utf8), to: path)
    guard profile.layers.contains(where: { $0.norms.contains { $0 > 0 } }) else { return }
    let chart = LineChart(
      title: "Gradient of the loss, epoch \(epoch)", xLabel: "steps back from the end",
      yLabel: "norm",
      series: profile.layers.map { LineChart.Series($0.name, values: $0.norms, startingAt: 0) },
      isLogarithmic: true)
    try draw(to: file("gradients.png")) { () throws(FigureError) in try chart.rendered() }
  }
}
