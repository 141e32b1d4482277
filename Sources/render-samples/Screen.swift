import Images

/// Graphics as they stand on a screen: flat panels, thin lines and lines of smooth small letters.
struct Screen {
  private let width: Int
  private let height: Int
  private var pixels: [SIMD4<Double>]
  private let word = Lettering()

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    pixels = Array(repeating: SIMD4(0.96, 0.96, 0.97, 1), count: width * height)
  }

  /// A window with a title bar, a list at the left and paragraphs at the right.
  func draw() -> Image {
    var screen = self
    let (ink, paper) = (SIMD4(0.13, 0.14, 0.16, 1), SIMD4<Double>(1, 1, 1, 1))
    screen.fill(0..<width, 0..<48, SIMD4(0.17, 0.24, 0.35, 1))
    screen.write(x: 24, y: 12, size: 20, paper)
    screen.fill(0..<320, 48..<height, SIMD4(0.90, 0.91, 0.93, 1))
    for (line, y) in stride(from: 72, to: height - 40, by: 40).enumerated() {
      if line == 3 { screen.fill(8..<312, y - 8..<y + 32, SIMD4(0.24, 0.47, 0.85, 1)) }
      screen.write(x: 24, y: y, size: 16, line == 3 ? paper : ink)
      screen.fill(0..<320, y + 31..<y + 32, SIMD4(0.82, 0.83, 0.86, 1))
    }
    for y in stride(from: 80, to: height - 60, by: 28) where (y - 80) / 28 % 7 != 6 {
      for column in 0..<16 where hash(column, y) < 0.9 {
        screen.write(x: 360 + column * 94, y: y, size: 12 + Double(column % 3), ink)
      }
    }
    return Picture(screen.pixels, width: width).rgb(bits: 8)
  }

  private mutating func fill(_ columns: Range<Int>, _ rows: Range<Int>, _ color: SIMD4<Double>) {
    for row in rows.clamped(to: 0..<height) {
      for column in columns.clamped(to: 0..<width) { pixels[row * width + column] = color }
    }
  }

  /// The word, its small letters `size / 1.5` pixels high, its top left corner at (`x`, `y`).
  private mutating func write(x: Int, y: Int, size: Double, _ color: SIMD4<Double>) {
    let scale = 1.75 / size
    let columns = (x..<x + Int((word.width + 0.5) / scale)).clamped(to: 0..<width)
    for row in (y..<y + Int(size) + 3).clamped(to: 0..<height) {
      for column in columns {
        let point = SIMD2(
          (Double(column - x) + 0.5) * scale - 0.15, 1.65 - (Double(row - y) + 0.5) * scale)
        let cover = smoothstep(0.5 * scale, -0.5 * scale, word.distance(to: point))
        let place = row * width + column
        pixels[place] += cover * (color - pixels[place])
      }
    }
  }
}
