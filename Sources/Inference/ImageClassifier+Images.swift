import Images

extension ImageClassifier {
  /// Classifies images in memory, in their order.
  ///
  /// - Parameter top: how many labels each gets; all that there are where they are fewer.
  /// - Throws: where an image cannot be resized or the network cannot be computed.
  public func classify(_ images: [Image], top: Int = 1) throws -> [Classification] {
    var results: [Result<Classification, any Error>] = []
    try classify(images.count, top: top) { number in
      (images[number], ())
    } _: { _, result in
      results.append(result.map(\.0))
    }
    return try results.map { try $0.get() }
  }
}
