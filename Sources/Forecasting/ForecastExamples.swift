import Datasets
import Tensors

/// Windows of a series and what follows: the inputs `series` and `target`.
struct ForecastExamples: ExampleSource {
  let series: ForecastSeries
  let scale: ForecastScale
  let targets: Range<Int>

  static let series = "series"
  static let target = "target"

  var count: Int { targets.count }

  func slots(bucket: Int) -> [ExampleSlot] {
    [
      ExampleSlot(Self.series, [1, series.settings.window]),
      ExampleSlot(Self.target, [series.settings.horizon]),
    ]
  }

  func name(of index: Int) -> String { "row \(targets.lowerBound + index + 2)" }

  func write(
    _ index: Int, into places: ExamplePlaces, random: RandomSource?
  ) throws(UnreadableExample) {
    let target = targets.lowerBound + index
    _ = places.floats(Self.series).update(
      fromContentsOf: scale.input(series.input(target: target)))
    _ = places.floats(Self.target).update(
      fromContentsOf: scale.target(series.wanted(target: target), series.settings))
  }
}
