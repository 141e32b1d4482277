import Figures
import Images
import Networks

/// The curves of activations and of their derivatives.
enum ActivationFigure {
  /// - Parameter activations: one line each, −5…5.
  static func rendered(_ activations: [Activation]) throws(FigureError) -> Image {
    let names = activations.map(\.name).joined(separator: ", ")
    return try LineChart.rendered([
      chart("Activations: \(names)", activations) { $0.value(at: $1) },
      chart("Their derivatives", activations) { activation, x in
        // Of both sides, so that a kink shows the mean of its two slopes.
        let step = 1e-6
        return (activation.value(at: x + step) - activation.value(at: x - step)) / (2 * step)
      },
    ])
  }

  private static func chart(
    _ title: String, _ activations: [Activation], _ value: (Activation, Double) -> Double
  ) -> LineChart {
    LineChart(
      title: title, xLabel: "x",
      series: activations.map { activation in
        LineChart.Series(
          activation.name,
          points: (-500...500).map { step in
            let x = Double(step) / 100
            return LineChart.Series.Point(x: x, y: value(activation, x))
          })
      })
  }
}
