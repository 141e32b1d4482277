import ModelFiles

extension SeriesPreprocessing {
  /// The means and standard deviations of the channels over all steps of some series; 1 where a channel never
  /// changes.
  public init(of series: [FeatureSequence]) {
    let channels = series.first?.features ?? 1
    var (sums, squares) = (
      [Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels)
    )
    var count = 0.0
    func values(_ one: FeatureSequence, _ channel: Int) -> ArraySlice<Float> {
      let size = one.values.count / channels
      return one.values[(channel * size)..<((channel + 1) * size)]
    }
    for one in series {
      count += Double(one.values.count / channels)
      for channel in 0..<channels {
        for value in values(one, channel) { sums[channel] += Double(value) }
      }
    }
    let means = sums.map { $0 / max(count, 1) }
    for one in series {
      for channel in 0..<channels {
        for value in values(one, channel) {
          squares[channel] += (Double(value) - means[channel]) * (Double(value) - means[channel])
        }
      }
    }
    self.init(
      mean: means.map { Float($0) },
      std: squares.map { square in
        let deviation = Float((square / max(count, 1)).squareRoot())
        return deviation > 0 && deviation.isFinite ? deviation : 1
      })
  }

  /// A series with each channel brought to the training part's scale, drawn where an image is wanted.
  public func normalized(_ series: FeatureSequence) -> FeatureSequence {
    let scaled = FeatureSequence(
      features: series.features,
      values: series.values.indices.map { place in
        let channel = place / max(series.steps, 1)
        return (series.values[place] - mean[channel]) / std[channel]
      })
    return image?.drawn(scaled) ?? scaled
  }
}
