import Images
import Inference

/// The real pictures that come nearest to generated ones: to see that a generator does not copy.
public enum NearestNeighbours {
  /// For each picture a row: itself, then the nearest of the others, nearest first.
  ///
  /// Distances are Euclidean, between features.
  public static func rows(
    of pictures: [Image], among others: [Image], features extractor: FeatureExtractor,
    count: Int = 7
  ) throws(TrainingError) -> [[Image]] {
    let places = try wrapped(try extractor.features(of: others))
    let own = try wrapped(try extractor.features(of: pictures))
    return zip(pictures, own).map { picture, place in
      let distances = places.map { other in
        zip(place, other).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      }
      let nearest = distances.indices.sorted { distances[$0] < distances[$1] }.prefix(count)
      return [picture] + nearest.map { others[$0] }
    }
  }
}
