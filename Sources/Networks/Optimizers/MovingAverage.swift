import Graphs
import Tensors

/// Adds to the graph a moving average of values over the runs: a ← a + (1 − d)·(w − a).
///
/// B. T. Polyak, A. B. Juditsky: *Acceleration of Stochastic Approximation by Averaging*. 1992. For
/// generators: Y. Yazıcı et al.: *The Unusual Effectiveness of Averaging in GAN Training*. 2018,
/// arXiv 1806.04498.
///
/// The averages are states of the graph under the values' names with `average.` in front.
///
/// - Parameters:
///   - values: the present value of each name.
///   - weight: the share 1 − d that the present value gets, a scalar; 1 at the first run.
public func addMovingAverage(
  of values: [(name: String, value: Node)], weight: Node
) throws(NetworkError) {
  try training { () throws(GraphError) in
    for (name, value) in values {
      let average = try value.graph.buffer("average.\(name)", value.shape, .zeros)
      try value.graph.assign(average, average + weight * (value - average))
    }
  }
}
