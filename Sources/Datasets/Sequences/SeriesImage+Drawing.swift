import Images
import ModelFiles

extension SeriesImage {
  /// The image of a series that is scaled to mean 0 and standard deviation 1: rows as steps, columns as the
  /// extent of a step, a channel of values 0…1 (a Gramian field −1…1) for each of the series.
  public func drawn(_ series: FeatureSequence) -> FeatureSequence {
    var values: [Float] = []
    values.reserveCapacity(series.features * side * side)
    for channel in 0..<series.features {
      let own = series.values[(channel * series.steps)..<((channel + 1) * series.steps)]
      let points = Self.resampled(Array(own), to: side)
      switch kind {
      case .bars: values += bars(points)
      case .gaf: values += gramianField(points)
      case .recurrence: values += recurrencePlot(points)
      }
    }
    return FeatureSequence(features: series.features, extent: [side], values: values)
  }

  /// The image of a series for people, 8 bits gray, channels below each other.
  public func image(of series: FeatureSequence) -> Image {
    let drawn = drawn(series)
    let bytes = drawn.values.map { value -> UInt8 in
      let share = kind == .gaf ? (value + 1) / 2 : value
      return UInt8((min(max(share, 0), 1) * 255).rounded())
    }
    return Image(
      layout: PixelLayout(width: side, height: side * drawn.features, channels: 1), bytes: bytes)
  }

  /// How many standard deviations bars show at most, up and down.
  private static let shownDeviations: Float = 3

  /// A column for each point: white from the middle to its value. A pixel that is covered in part is gray.
  private func bars(_ points: [Float]) -> [Float] {
    let middle = Float(side) / 2
    var pixels = [Float](repeating: 0, count: side * side)
    for (column, point) in points.enumerated() {
      let end = middle - min(max(point / Self.shownDeviations, -1), 1) * middle
      let (top, bottom) = (min(middle, end), max(middle, end))
      for row in 0..<side {
        let covered = min(bottom, Float(row + 1)) - max(top, Float(row))
        pixels[row * side + column] = max(0, covered)
      }
    }
    return pixels
  }

  /// cos(φᵢ + φⱼ) of φ = arccos x, x the points brought to −1…1.
  private func gramianField(_ points: [Float]) -> [Float] {
    let (low, high) = (points.min() ?? 0, points.max() ?? 0)
    let cosines = points.map { high > low ? min(max(2 * ($0 - low) / (high - low) - 1, -1), 1) : 0 }
    let sines = cosines.map { max(0, 1 - $0 * $0).squareRoot() }
    return cosines.indices.flatMap { row in
      cosines.indices.map { cosines[row] * cosines[$0] - sines[row] * sines[$0] }
    }
  }

  /// |xᵢ − xⱼ| as a share of the largest difference.
  private func recurrencePlot(_ points: [Float]) -> [Float] {
    let range = (points.max() ?? 0) - (points.min() ?? 0)
    return points.flatMap { one in points.map { range > 0 ? abs(one - $0) / range : 0 } }
  }

  /// So many points of a series: means over stretches of equal length where it has more, between its points
  /// along straight lines where it has fewer.
  static func resampled(_ values: [Float], to count: Int) -> [Float] {
    guard let last = values.last else { return Array(repeating: 0, count: count) }
    guard values.count > count else {
      let step = count > 1 ? Float(values.count - 1) / Float(count - 1) : 0
      return (0..<count).map { point in
        let place = Float(point) * step
        let left = min(Int(place), values.count - 1)
        let right = left + 1 < values.count ? values[left + 1] : last
        return values[left] + (right - values[left]) * (place - Float(left))
      }
    }
    let length = Float(values.count) / Float(count)
    return (0..<count).map { point in
      let (start, end) = (Float(point) * length, Float(point + 1) * length)
      var sum: Float = 0
      for place in Int(start)..<min(Int(end.rounded(.up)), values.count) {
        sum += values[place] * max(0, min(end, Float(place + 1)) - max(start, Float(place)))
      }
      return sum / length
    }
  }
}
