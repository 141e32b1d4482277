import Glibc
import Images

/// How much more the pixels count that lie between two objects which almost touch, so that a network learns
/// to keep them apart.
///
/// O. Ronneberger et al. 2015, arXiv 1505.04597, equation 2: w₀ · exp(−(d₁ + d₂)² / 2σ²), d₁ and d₂ being the
/// distances to the nearest and the second nearest object, w₀ = 10 and σ = 5 pixels. Objects are what hangs
/// together of all classes but the first, which is the ground between them.
public struct BorderWeights: Sendable {
  public let strength: Float
  public let sigma: Float
  /// Places around a pixel, the nearest first, as far as they count.
  private let offsets: [(x: Int, y: Int, distance: Float)]

  public init(strength: Float = 10, sigma: Float = 5) {
    self.strength = max(strength, 0)
    self.sigma = sigma.clamped(to: 0.5...16)
    let reach = Int((3 * self.sigma).rounded(.up))
    var offsets: [(x: Int, y: Int, distance: Float)] = []
    for y in -reach...reach {
      for x in -reach...reach where x * x + y * y <= reach * reach {
        offsets.append((x, y, Float(x * x + y * y).squareRoot()))
      }
    }
    self.offsets = offsets.sorted { ($0.distance, $0.y, $0.x) < ($1.distance, $1.y, $1.x) }
  }

  /// The weights of a map of classes as fractions of ``strength``, 0…255: of the ground near two objects; 0
  /// elsewhere.
  public func image(of map: Image) -> Image {
    let objects = Self.objects(in: map)
    var result = Image(layout: map.layout)
    let (width, height) = (map.width, map.height)
    map.withUnsafeBytes { classes in
      result.withUnsafeMutableBytes { weights in
        for place in classes.indices where classes[place] == 0 {
          weights[place] = weight(
            x: place % width, y: place / width, width, height, objects: objects)
        }
      }
    }
    return result
  }

  private func weight(x: Int, y: Int, _ width: Int, _ height: Int, objects: [Int32]) -> UInt8 {
    var nearest: (object: Int32, distance: Float)?
    for offset in offsets {
      let (column, row) = (x + offset.x, y + offset.y)
      guard (0..<width).contains(column), (0..<height).contains(row) else { continue }
      let object = objects[row * width + column]
      guard object != 0, object != nearest?.object else { continue }
      guard let first = nearest else {
        nearest = (object, offset.distance)
        continue
      }
      let sum = first.distance + offset.distance
      return UInt8((255 * expf(-sum * sum / (2 * sigma * sigma))).rounded())
    }
    return 0
  }

  /// A number from 1 on for each pixel of an object, 0 for ground and for what has no class.
  private static func objects(in map: Image) -> [Int32] {
    let (width, height) = (map.width, map.height)
    var objects = [Int32](repeating: 0, count: width * height)
    map.withUnsafeBytes { classes in
      func isObject(_ place: Int) -> Bool {
        classes[place] != 0 && classes[place] != MaskClasses.none
      }
      var waiting: [Int] = []
      var last: Int32 = 0
      for start in classes.indices where isObject(start) && objects[start] == 0 {
        last += 1
        objects[start] = last
        waiting.append(start)
        while let place = waiting.popLast() {
          let x = place % width
          for next in [
            x > 0 ? place - 1 : -1, x + 1 < width ? place + 1 : -1, place - width, place + width,
          ] where classes.indices.contains(next) && isObject(next) && objects[next] == 0 {
            objects[next] = last
            waiting.append(next)
          }
        }
      }
    }
    return objects
  }
}

extension MaskedImages {
  /// The weights of all masks.
  public func borderWeights(_ weights: BorderWeights) -> Dataset {
    let images = (0..<count).map { index in
      // Masks are in memory.
      (try? masks.image(at: index)).map(weights.image)
        ?? Image(layout: PixelLayout(width: 1, height: 1, channels: 1))
    }
    return Dataset(
      classNames: [""], labels: images.map { _ in 0 }, names: masks.names, source: .memory(images))
  }
}
