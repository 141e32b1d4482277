extension Dataset {
  /// The images without every so manieth, and those.
  public func split(holdingOutEvery interval: Int) -> (training: Dataset, heldOut: Dataset) {
    let places = 0..<count
    return (
      self[places.filter { $0 % interval != interval - 1 }],
      self[places.filter { $0 % interval == interval - 1 }]
    )
  }
}
