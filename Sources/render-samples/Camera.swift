import Glibc

/// Renders the ``Scene``.
struct Camera {
  var width: Int
  var height: Int
  /// Samples of a pixel, across and down.
  var samples = 5
  /// Whether floor and sky are drawn; without them they are transparent.
  var showsBackground = true

  private let eye = Vector(0, 1.9, -6.6)
  private let target = Vector(0.1, 0.98, 0)
  private let fieldOfView = 36.0 * .pi / 180

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  /// The picture: sRGB-encoded red, green and blue and alpha of each pixel in 0…1, rows from the top.
  func render() -> [SIMD4<Double>] {
    let forward = normalize(target - eye)
    let right = normalize(cross(Vector(0, 1, 0), forward))
    let up = cross(forward, right)
    let scale = 2 * tan(fieldOfView / 2) / Double(height)
    var pixels: [SIMD4<Double>] = []
    pixels.reserveCapacity(width * height)
    for row in 0..<height {
      for column in 0..<width {
        var (sum, covered) = (Vector.zero, 0)
        for sample in 0..<samples * samples {
          let jitter = SIMD2(hash(column, row, 2 * sample), hash(column, row, 2 * sample + 1))
          let x = Double(column) + (Double(sample % samples) + jitter.x) / Double(samples)
          let y = Double(row) + (Double(sample / samples) + jitter.y) / Double(samples)
          let direction = normalize(
            forward + scale * (x - Double(width) / 2) * right
              + scale * (Double(height) / 2 - y) * up)
          guard showsBackground || Scene.showsObject(from: eye, towards: direction) else {
            continue
          }
          sum += Scene.color(from: eye, towards: direction, jitter: jitter)
          covered += 1
        }
        let color = Self.develop(sum / Double(max(1, covered)))
        pixels.append(SIMD4(color, Double(covered) / Double(samples * samples)))
      }
    }
    return pixels
  }

  /// Light to sRGB: a filmic curve (Narkowicz 2015), then the sRGB transfer function.
  private static func develop(_ light: Vector) -> Vector {
    let x = light * 0.62
    var color = (x * (2.51 * x + 0.03)) / (x * (2.43 * x + 0.59) + 0.14)
    color.clamp(lowerBound: .zero, upperBound: Vector(repeating: 1))
    for channel in 0..<3 {
      let value = color[channel]
      color[channel] = value <= 0.0031308 ? 12.92 * value : 1.055 * pow(value, 1 / 2.4) - 0.055
    }
    return color
  }
}
