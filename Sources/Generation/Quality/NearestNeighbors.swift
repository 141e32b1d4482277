import Images
import Inference

/// The real images that come nearest to generated ones: to see that a generator does not copy.
public enum NearestNeighbors {
  /// For each image a row: itself, then the nearest of the others, nearest first.
  ///
  /// Distances are Euclidean, between features.
  public static func rows(
    of images: [Image], among others: [Image], features extractor: FeatureExtractor,
    count: Int = 7
  ) throws(InferenceError) -> [[Image]] {
    let places = try extractor.features(of: others)
    return try zip(images, extractor.features(of: images)).map { image, place in
      let distances = places.map { other in
        zip(place, other).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      }
      let nearest = distances.indices.sorted { distances[$0] < distances[$1] }.prefix(count)
      return [image] + nearest.map { others[$0] }
    }
  }
}
