/// How different vectors are from each other: the mean Euclidean distance over all pairs. Far
/// below that of the data where a generator always makes the same few images.
public func meanPairwiseDistance(_ vectors: [[Float]]) -> Double {
  var sum = 0.0
  for index in vectors.indices {
    for other in 0..<index {
      var square: Float = 0
      for (x, y) in zip(vectors[index], vectors[other]) { square += (x - y) * (x - y) }
      sum += Double(square).squareRoot()
    }
  }
  let pairs = Double(vectors.count) * Double(vectors.count - 1) / 2
  return pairs > 0 ? sum / pairs : 0
}
