import Glibc

/// A point, a direction or a linear RGB color.
typealias Vector = SIMD3<Double>

func dot(_ a: Vector, _ b: Vector) -> Double { (a * b).sum() }

func cross(_ a: Vector, _ b: Vector) -> Vector {
  Vector(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}

func length(_ a: Vector) -> Double { dot(a, a).squareRoot() }

func normalize(_ a: Vector) -> Vector { a / length(a) }

func reflect(_ direction: Vector, at normal: Vector) -> Vector {
  direction - 2 * dot(direction, normal) * normal
}

func mix(_ a: Vector, _ b: Vector, _ t: Double) -> Vector { a + (b - a) * t }

/// 0 below `low`, 1 above `high`, smooth between.
func smoothstep(_ low: Double, _ high: Double, _ x: Double) -> Double {
  let t = min(max((x - low) / (high - low), 0), 1)
  return t * t * (3 - 2 * t)
}

/// A number in 0..<1 that depends on nothing but its arguments.
func hash(_ x: Int, _ y: Int, _ z: Int = 0) -> Double {
  var h = UInt64(bitPattern: Int64(x)) &* 0x9E37_79B9_7F4A_7C15
  h ^= UInt64(bitPattern: Int64(y)) &* 0xC2B2_AE3D_27D4_EB4F
  h ^= UInt64(bitPattern: Int64(z)) &* 0x1656_67B1_9E37_79F9
  h ^= h >> 31
  h = h &* 0xD6E8_FEB8_6659_FD93
  h ^= h >> 32
  return Double(h >> 11) * 0x1p-53
}

/// Value noise in 0…1, smooth between the points of a unit grid.
func noise(_ x: Double, _ y: Double, seed: Int = 0) -> Double {
  let (column, row) = (Int(floor(x)), Int(floor(y)))
  let u = smoothstep(0, 1, x - floor(x))
  let v = smoothstep(0, 1, y - floor(y))
  let top = hash(column, row, seed) * (1 - u) + hash(column + 1, row, seed) * u
  let bottom = hash(column, row + 1, seed) * (1 - u) + hash(column + 1, row + 1, seed) * u
  return top * (1 - v) + bottom * v
}

/// Octaves of noise, each twice as fine and half as strong as the one before (0…1).
func fractalNoise(_ x: Double, _ y: Double, octaves: Int, seed: Int = 0) -> Double {
  var (sum, weight, total, scale) = (0.0, 1.0, 0.0, 1.0)
  for octave in 0..<octaves {
    sum += weight * noise(x * scale, y * scale, seed: seed + octave)
    total += weight
    weight *= 0.5
    scale *= 2
  }
  return sum / total
}
