import Glibc

/// An image that is no photograph: blank, a gradient, noise, a pattern of lines, flat shapes, writing, a sign
/// drawn with a brush, or a tissue of cells.
///
/// A classifier of photographs learns from some hundreds of them what it can have no opinion on.
struct NonPhotograph {
  private let index: Int
  private let width: Int
  private let height: Int
  private var drawn = 0

  /// - Parameter index: which image; the same number gives the same image.
  init(_ index: Int) {
    self.index = index
    // A third are as small as icons and scans of single letters, which look soft when they are enlarged.
    let side = hash(index, -4) < 0.33 ? 24 + 16 * hash(index, -1) : 64 + 80 * hash(index, -1)
    let longer = side * (1 + 0.4 * hash(index, -2))
    let isUpright = hash(index, -3) < 0.3
    (width, height) = isUpright ? (Int(side), Int(longer)) : (Int(longer), Int(side))
  }

  func picture() -> Picture {
    var image = self
    // Signs and tissues are the hardest to tell from things, so there are more of them.
    return switch index % 12 {
    case 0: image.blank()
    case 1: image.gradient()
    case 2, 3: image.noise()
    case 4: image.lines()
    case 5: image.shapes()
    case 6: image.writing()
    case 7, 8, 9: image.sign()
    default: image.tissue()
    }
  }

  // MARK: - Kinds

  /// One color, at times with a little grain.
  private mutating func blank() -> Picture {
    let (color, grain) = (self.color(), max(0, number(-0.02, 0.03)))
    return draw { image, _ in color + image.grain(grain) }
  }

  /// From one color to another along a line or from a center.
  private mutating func gradient() -> Picture {
    let (from, to) = (color(), color())
    let (angle, isRadial) = (number(0, 2 * .pi), number(0, 1) < 0.3)
    let (along, grain) = (SIMD2(cos(angle), sin(angle)), max(0, number(-0.02, 0.03)))
    return draw { image, point in
      let offset = point - 0.5
      let share = isRadial ? 1.4 * length(offset) : 0.5 + 0.7 * (offset * along).sum()
      return mix(from, to, min(max(share, 0), 1)) + image.grain(grain)
    }
  }

  /// White noise, smooth noise, or noise in blocks; gray or in colors.
  private mutating func noise() -> Picture {
    let cell = number(0, 1) < 0.4 ? 1 : number(1.5, 14)
    let (isSmooth, isGray) = (number(0, 1) < 0.5, number(0, 1) < 0.4)
    let (middle, spread, seed) = (color(), number(0.1, 1), Int(number(0, 1e6)))
    let size = SIMD2(Double(width), Double(height))
    func value(_ column: Int, _ row: Int) -> Vector {
      let first = hash(column, row, seed)
      return isGray
        ? Vector(repeating: first)
        : Vector(first, hash(column, row, seed + 1), hash(column, row, seed + 2))
    }
    return draw { _, point in
      let place = point * size / cell
      let (column, row) = (Int(place.x), Int(place.y))
      var drawn = value(column, row)
      if isSmooth, cell > 1 {
        let (across, down) = (place.x - Double(column), place.y - Double(row))
        let above = mix(drawn, value(column + 1, row), across)
        drawn = mix(above, mix(value(column, row + 1), value(column + 1, row + 1), across), down)
      }
      return middle + spread * (drawn - 0.5)
    }
  }

  /// Stripes, a grid, checks or rings.
  private mutating func lines() -> Picture {
    let (ground, ink, angle) = (color(), color(), number(0, .pi))
    let (period, share, kind) = (number(0.04, 0.35), number(0.1, 0.6), Int(number(0, 4)))
    let turned = number(0, 1) < 0.5 ? SIMD2(1.0, 0) : SIMD2(cos(angle), sin(angle))
    func isInked(_ place: Double) -> Bool {
      place / period - (place / period).rounded(.down) < share
    }
    return draw { _, point in
      let across = (point * turned).sum()
      let down = (point * SIMD2(-turned.y, turned.x)).sum()
      let inked =
        switch kind {
        case 0: isInked(across)
        case 1: isInked(across) || isInked(down)
        case 2: isInked(across) != isInked(down)
        default: isInked(length(point - 0.5))
        }
      return inked ? ink : ground
    }
  }

  /// Flat circles and rectangles, as in a chart or a logo.
  private mutating func shapes() -> Picture {
    let ground = color()
    let shapes = (0..<Int(number(1, 9))).map { _ in
      (
        center: SIMD2(number(0, 1), number(0, 1)),
        half: SIMD2(number(0.03, 0.3), number(0.03, 0.3)),
        isRound: number(0, 1) < 0.5, color: color()
      )
    }
    return draw { _, point in
      shapes.last { shape in
        let offset = (point - shape.center) / shape.half
        return shape.isRound ? length(offset) < 1 : abs(offset.x) < 1 && abs(offset.y) < 1
      }?.color ?? ground
    }
  }

  /// Rows of strokes that look like writing or print, dark on light or light on dark.
  private mutating func writing() -> Picture {
    let (paper, ink) =
      number(0, 1) < 0.8
      ? (Vector(repeating: number(0.8, 1)), color() * 0.4) : (color() * 0.4, color() * 0.4 + 0.6)
    let (size, aspect) = (number(0.035, 0.2), Double(width) / Double(height))
    var strokes = Strokes()
    var y = size
    while y < 1 {
      var x = number(0.02, 0.1)
      let end = aspect * number(0.5, 1)
      while x < end {
        // A letter is two or three strokes and bows within its box; a space ends a word.
        for _ in 0..<Int(number(1, 4)) {
          if number(0, 1) < 0.5 {
            let start = number(0, 360)
            strokes.add(
              Strokes.arc(
                SIMD2(x + 0.3 * size, y - 0.35 * size), SIMD2(0.25, 0.35) * size, from: start,
                to: start + number(90, 360)))
          } else {
            strokes.add([
              SIMD2(x + number(0, 0.6) * size, y - number(0, 1) * size),
              SIMD2(x + number(0, 0.6) * size, y),
            ])
          }
        }
        x += (number(0, 1) < 0.18 ? 1.4 : 0.75) * size
      }
      y += size * number(1.3, 1.9)
    }
    let halfStroke = size * number(0.04, 0.1)
    let softness = 0.6 / Double(height)
    return draw { _, point in
      let distance = strokes.distance(to: SIMD2(point.x * aspect, point.y)) - halfStroke
      return mix(paper, ink, smoothstep(softness, -softness, distance))
    }
  }

  /// A few joined strokes and bows of a thick pen over much of the image, mostly light on dark.
  private mutating func sign() -> Picture {
    let (light, dark) = (
      Vector(repeating: number(0.75, 1)), Vector(repeating: max(0, number(-0.2, 0.2)))
    )
    let isColored = number(0, 1) < 0.25
    let (ground, ink) =
      isColored ? (color(), color()) : number(0, 1) < 0.75 ? (dark, light) : (light, dark)
    let aspect = Double(width) / Double(height)
    let (size, center) = (
      number(0.35, 0.8), SIMD2(aspect * number(0.4, 0.6), number(0.4, 0.6))
    )
    var strokes = Strokes()
    var pen = center + size * SIMD2(number(-0.4, 0.4), number(-0.5, 0.5))
    for _ in 0..<Int(number(1, 5)) {
      if number(0, 1) < 0.5 {
        let radii = size * SIMD2(number(0.12, 0.4), number(0.12, 0.4))
        let start = number(0, 360)
        let bow = Strokes.arc(.zero, radii, from: start, to: start + number(90, 400))
        strokes.add(bow.map { pen + $0 - bow[0] })
        pen += bow[bow.count - 1] - bow[0]
      } else {
        let next = center + size * SIMD2(number(-0.4, 0.4), number(-0.5, 0.5))
        strokes.add([pen, next])
        pen = next
      }
    }
    let halfStroke = size * number(0.03, 0.09)
    let softness = (0.6 + max(0, number(-1, 1.5))) / Double(height)
    let grain = max(0, number(-0.06, 0.04))
    return draw { image, point in
      let distance = strokes.distance(to: SIMD2(point.x * aspect, point.y)) - halfStroke
      return mix(ground, ink, smoothstep(softness, -softness, distance)) + image.grain(grain)
    }
  }

  /// Cells of uneven size with walls between them and mottled insides, as under a microscope, mostly gray.
  private mutating func tissue() -> Picture {
    let aspect = Double(width) / Double(height)
    let (spacing, wall, seed) = (number(0.05, 0.3), number(0.06, 0.35), Int(number(0, 1e6)))
    let tint = number(0, 1) < 0.7 ? Vector(repeating: 1) : 0.5 + 0.5 * color()
    let inside = number(0.5, 0.9)
    let edge = inside * number(0, 0.6)
    let isInverted = number(0, 1) < 0.2
    let (unevenness, reach) = (number(0, 4), number(1.5, 6))
    let (mottle, speck, grain) = (number(0.05, 0.4), number(3, 12), number(0, 0.25))
    return draw { image, point in
      // Bent a little, so that no wall is straight.
      var place = SIMD2(point.x * aspect, point.y) / spacing
      // Pulled apart here and pressed together there, so that large cells lie beside small ones.
      place +=
        unevenness
        * SIMD2(
          fractalNoise(place.x / reach, place.y / reach, octaves: 1, seed: seed + 13),
          fractalNoise(place.x / reach, place.y / reach, octaves: 1, seed: seed + 17))
      let bend = SIMD2(
        fractalNoise(place.x, place.y, octaves: 2, seed: seed),
        fractalNoise(place.x, place.y, octaves: 2, seed: seed + 9))
      let (bent, column, row) = (
        place + 0.8 * bend, Int((place.x + 0.8 * bend.x).rounded(.down)),
        Int((place.y + 0.8 * bend.y).rounded(.down))
      )
      // The nearest two of the cells' centers, one in each square of a grid.
      var (nearest, second) = (Double.infinity, Double.infinity)
      for y in (row - 1)...(row + 1) {
        for x in (column - 1)...(column + 1) {
          let center = SIMD2(
            Double(x) + hash(x, y, seed + 1), Double(y) + hash(x, y, seed + 2))
          let distance = length(bent - center)
          if distance < nearest {
            (nearest, second) = (distance, nearest)
          } else {
            second = min(second, distance)
          }
        }
      }
      let specks = fractalNoise(speck * place.x, speck * place.y, octaves: 2, seed: seed + 5)
      let value =
        mix(edge, inside, smoothstep(0.3 * wall, wall, second - nearest)) + mottle * (specks - 0.5)
      return tint * (isInverted ? 1 - value : value) + image.grain(grain)
    }
  }

  // MARK: - Drawing

  /// Colors of points in 0…1 across and down.
  private mutating func draw(
    _ color: (inout NonPhotograph, SIMD2<Double>) -> Vector
  ) -> Picture {
    var pixels: [SIMD4<Double>] = []
    pixels.reserveCapacity(width * height)
    for row in 0..<height {
      for column in 0..<width {
        let point = SIMD2(
          (Double(column) + 0.5) / Double(width), (Double(row) + 0.5) / Double(height))
        pixels.append(SIMD4(color(&self, point), 1))
      }
    }
    return Picture(pixels, width: width)
  }

  /// The next random number between two.
  private mutating func number(_ least: Double, _ most: Double) -> Double {
    drawn += 1
    return least + (most - least) * hash(index, drawn)
  }

  /// Any color, a third of the time gray.
  private mutating func color() -> Vector {
    let gray = number(0, 1)
    guard number(0, 1) > 0.33 else { return Vector(repeating: gray) }
    return Vector(gray, number(0, 1), number(0, 1))
  }

  private mutating func grain(_ strength: Double) -> Double {
    strength > 0 ? number(-strength, strength) : 0
  }
}

private func mix(_ a: Double, _ b: Double, _ t: Double) -> Double { a + (b - a) * t }

private func length(_ vector: SIMD2<Double>) -> Double { (vector * vector).sum().squareRoot() }
