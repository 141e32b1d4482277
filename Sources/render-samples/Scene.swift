import Glibc

/// A still life under an evening sky: a chequered terrace, three spheres, a wooden block with a word
/// on it. It has what filters show themselves on: sharp and soft edges, textures, smooth gradients, text.
struct Scene {
  private static let sun = normalize(Vector(-0.62, 0.36, 0.7))
  private static let sunColor = Vector(2.9, 2.35, 1.75)
  private static let lettering = Lettering()

  private enum Finish {
    case floor, stripes, chrome, gold, wood
  }

  private struct Hit {
    var distance: Double
    var point: Vector
    var normal: Vector
    var finish: Finish
  }

  private struct Sphere {
    let center: Vector
    let radius: Double
    let finish: Finish
  }

  private static let spheres = [
    Sphere(center: Vector(-2.12, 1.0, 0.75), radius: 1.0, finish: .stripes),
    Sphere(center: Vector(2.2, 0.86, 0.45), radius: 0.86, finish: .chrome),
    Sphere(center: Vector(0.62, 0.36, -1.3), radius: 0.36, finish: .gold),
  ]

  /// The block's half sizes, center and turn about the vertical.
  private static let blockHalf = Vector(1.42, 0.62, 0.4)
  private static let blockCenter = Vector(-0.02, 0.62, 1.35)
  private static let blockTurn = -0.16

  /// The color (linear RGB) that reaches `eye` from `direction`.
  ///
  /// - Parameter jitter: two numbers in 0..<1 that choose the point of the sun that casts shadows.
  static func color(
    from eye: Vector, towards direction: Vector, jitter: SIMD2<Double>, depth: Int = 0
  ) -> Vector {
    guard let hit = nearestHit(from: eye, towards: direction) else { return sky(direction) }
    let mirrored = reflect(direction, at: hit.normal)
    let facing = max(0, -dot(direction, hit.normal))
    let fresnel = pow(1 - facing, 5)
    let (albedo, mirror, gloss) = surface(hit)

    let softened = normalize(
      sun + 0.05 * Vector(jitter.x - 0.5, 0, jitter.y - 0.5))
    let start = hit.point + 1e-4 * hit.normal
    let lit = nearestHit(from: start, towards: softened) == nil
    let sunlight = lit ? max(0, dot(hit.normal, softened)) : 0
    let openness = 0.5 + 0.5 * hit.normal.y
    var light = sunlight * sunColor
    light += openness * ambientOcclusion(hit) * Vector(0.42, 0.5, 0.68)
    light += (1 - openness) * Vector(0.16, 0.12, 0.09)
    var color = albedo * light
    if lit { color += gloss * pow(max(0, dot(mirrored, softened)), 60) * sunColor }
    guard depth < 3 else { return color }
    let reflection = Scene.color(from: start, towards: mirrored, jitter: jitter, depth: depth + 1)
    return color + mix(mirror, Vector(repeating: max(mirror.x, 0.04)), 0.2) * reflection
      + fresnel * 0.35 * (gloss > 0 ? 1 : 0) * reflection
  }

  /// Whether `direction` leads to something that stands on the floor.
  static func showsObject(from eye: Vector, towards direction: Vector) -> Bool {
    guard let hit = nearestHit(from: eye, towards: direction) else { return false }
    return hit.finish != .floor
  }

  private static func nearestHit(from eye: Vector, towards direction: Vector) -> Hit? {
    var nearest: Hit?
    func offer(_ distance: Double, _ finish: Finish, _ normal: (Vector) -> Vector) {
      guard distance > 1e-4, distance < nearest?.distance ?? .infinity else { return }
      let point = eye + distance * direction
      nearest = Hit(distance: distance, point: point, normal: normal(point), finish: finish)
    }
    if direction.y < 0 {
      let distance = -eye.y / direction.y
      if distance < 60 { offer(distance, .floor) { _ in Vector(0, 1, 0) } }
    }
    for sphere in spheres {
      let toEye = eye - sphere.center
      let half = dot(toEye, direction)
      let discriminant = half * half - dot(toEye, toEye) + sphere.radius * sphere.radius
      guard discriminant > 0 else { continue }
      let root = discriminant.squareRoot()
      let distance = -half - root > 1e-4 ? -half - root : -half + root
      offer(distance, sphere.finish) { ($0 - sphere.center) / sphere.radius }
    }
    // The slab method in the block's own axes.
    let (origin, ray) = (intoBlock(eye - blockCenter), intoBlock(direction))
    let (a, b) = ((-blockHalf - origin) / ray, (blockHalf - origin) / ray)
    let (near, far) = (pointwiseMin(a, b), pointwiseMax(a, b))
    let entry = near.max()
    if entry < far.min() {
      let axis = near.x == entry ? 0 : near.y == entry ? 1 : 2
      var normal = Vector.zero
      normal[axis] = ray[axis] > 0 ? -1 : 1
      offer(entry, .wood) { _ in outOfBlock(normal) }
    }
    return nearest
  }

  private static func intoBlock(_ v: Vector) -> Vector { turn(v, -blockTurn) }
  private static func outOfBlock(_ v: Vector) -> Vector { turn(v, blockTurn) }

  private static func turn(_ v: Vector, _ angle: Double) -> Vector {
    Vector(v.x * cos(angle) + v.z * sin(angle), v.y, v.z * cos(angle) - v.x * sin(angle))
  }

  /// Color, mirror color and gloss of a surface at a point.
  private static func surface(_ hit: Hit) -> (albedo: Vector, mirror: Vector, gloss: Double) {
    switch hit.finish {
    case .floor: (floorColor(hit), Vector(repeating: 0.07), 0.15)
    case .stripes: (stripeColor(hit), Vector(repeating: 0.03), 0.5)
    case .chrome: (Vector(repeating: 0.04), Vector(0.82, 0.85, 0.88), 0.9)
    case .gold: (Vector(0.32, 0.2, 0.04), Vector(0.75, 0.55, 0.22), 0.9)
    case .wood: (woodColor(hit), Vector(repeating: 0.02), 0.12)
    }
  }

  private static func floorColor(_ hit: Hit) -> Vector {
    let (x, z) = (hit.point.x * 1.1 + 0.3, hit.point.z * 1.1)
    let isDark = (Int(floor(x)) + Int(floor(z))) & 1 == 0
    let veins = fractalNoise(x * 3, z * 3, octaves: 6, seed: 10)
    let marble = 0.75 + 0.5 * abs(sin(7 * veins + 2 * x))
    let joint = min(abs(x - x.rounded()), abs(z - z.rounded()))
    let tile = isDark ? Vector(0.10, 0.16, 0.20) : Vector(0.72, 0.66, 0.58)
    let color = tile * marble * (joint < 0.015 ? 0.35 : 1)
    return mix(color, Vector(0.45, 0.38, 0.34), smoothstep(12, 45, hit.distance))
  }

  private static func stripeColor(_ hit: Hit) -> Vector {
    let swirl = 0.35 * hit.normal.x + 0.9 * hit.normal.y
    let band = sin(18 * swirl + 1.2 * fractalNoise(hit.normal.x * 3, hit.normal.z * 3, octaves: 3))
    let grain = 0.9 + 0.2 * fractalNoise(hit.normal.x * 40, hit.normal.y * 40, octaves: 3, seed: 4)
    return mix(Vector(0.78, 0.13, 0.10), Vector(0.95, 0.82, 0.68), smoothstep(-0.08, 0.08, band))
      * grain
  }

  private static func woodColor(_ hit: Hit) -> Vector {
    let local = intoBlock(hit.point - blockCenter)
    let bend = fractalNoise(local.x * 0.8, local.y * 2 + local.z * 3, octaves: 4, seed: 20)
    let rings = 0.5 + 0.5 * sin(34 * (local.y * 0.6 + local.z * 0.7 + 0.35 * bend))
    let fibres = fractalNoise(local.x * 3, local.y * 60 + local.z * 45, octaves: 3, seed: 30)
    var color = mix(Vector(0.36, 0.19, 0.08), Vector(0.62, 0.38, 0.18), 0.6 * rings + 0.4 * fibres)
    let isFront = intoBlock(hit.normal).z < -0.5
    if isFront {
      let scale = 2 * blockHalf.x * 0.78 / lettering.width
      let word = SIMD2(local.x / scale + lettering.width / 2, local.y / scale + 0.62)
      let distance = lettering.distance(to: word)
      let outline = smoothstep(0.10, 0.06, distance)
      color = mix(color, Vector(0.10, 0.05, 0.02), outline * 0.85)
      color = mix(color, Vector(0.93, 0.88, 0.76), smoothstep(0.02, -0.02, distance))
    }
    let edge = (blockHalf - abs(local)).sorted()[1]
    return color * (0.55 + 0.45 * smoothstep(0, 0.03, edge))
  }

  /// The darkening of the floor where something stands near.
  private static func ambientOcclusion(_ hit: Hit) -> Double {
    guard hit.finish == .floor else { return 1 }
    var open = 1.0
    for sphere in spheres {
      let offset = sphere.center - hit.point
      let distance = max(length(offset), sphere.radius * 1.001)
      let covered = (sphere.radius / distance) * (sphere.radius / distance)
      open *= 1 - 0.9 * covered * max(0, offset.y / distance)
    }
    let local = abs(intoBlock(hit.point - blockCenter)) - blockHalf
    let outside = length(pointwiseMax(Vector(local.x, 0, local.z), .zero))
    return open * (0.4 + 0.6 * smoothstep(0, 0.7, outside))
  }

  private static func sky(_ direction: Vector) -> Vector {
    let height = direction.y
    var color = mix(Vector(1.15, 0.62, 0.36), Vector(0.62, 0.62, 0.78), smoothstep(0, 0.22, height))
    color = mix(color, Vector(0.13, 0.28, 0.58), smoothstep(0.12, 0.75, height))
    let towardsSun = max(0, dot(direction, sun))
    color += pow(towardsSun, 8) * Vector(0.5, 0.25, 0.08) + pow(towardsSun, 900) * sunColor * 3
    if height > 0.02 {
      let (x, z) = (direction.x / (height + 0.12), direction.z / (height + 0.12))
      let cloud = fractalNoise(x * 0.9 + 4, z * 1.6, octaves: 6, seed: 50)
      let cover = smoothstep(0.5, 0.78, cloud) * smoothstep(0.02, 0.2, height)
      color = mix(color, Vector(1.15, 0.93, 0.82) * (0.75 + 0.5 * cloud), 0.85 * cover)
    }
    return hills(direction, behind: color)
  }

  /// Three chains of hills, the nearer the darker.
  private static func hills(_ direction: Vector, behind sky: Vector) -> Vector {
    let bearing = atan2(direction.x, direction.z)
    var color = sky
    for (chain, shade) in [
      Vector(0.52, 0.42, 0.48), Vector(0.30, 0.27, 0.36), Vector(0.14, 0.17, 0.21),
    ]
    .enumerated() {
      let fineness = 3.0 + 2.5 * Double(chain)
      let ridge =
        0.155 - 0.045 * Double(chain)
        + (0.13 - 0.02 * Double(chain))
        * (fractalNoise(bearing * fineness + 7, Double(chain), octaves: 7, seed: 70 + chain) - 0.5)
      if direction.y < ridge { color = mix(shade, shade * 1.3, direction.y / ridge) }
    }
    return color
  }
}

private func abs(_ v: Vector) -> Vector { pointwiseMax(v, -v) }

extension Vector {
  fileprivate func sorted() -> [Double] { [x, y, z].sorted() }
}
