import Images

extension PictureClassifier {
  /// Labels pictures in memory: what each is taken for, in their order.
  ///
  /// - Parameter top: how many labels each gets; all that there are where they are fewer.
  /// - Throws: where a picture cannot be resized or the network cannot be computed.
  public func classify(_ pictures: [Image], top: Int = 1) throws -> [Classification] {
    var answers: [Result<Classification, any Error>] = []
    try classify(pictures.count, top: top) { number in
      (pictures[number], ())
    } _: { _, answer in
      answers.append(answer.map(\.0))
    }
    return try answers.map { try $0.get() }
  }
}
