import Glibc
import Images

/// Renders the pictures of `samples/`, or those that measurements are made on:
///
///     render-samples samples
///     render-samples --measurements .build/bench
///     render-samples --filters assets/pictures/filters.png
///     render-samples --background 300 things/background
///     render-samples --clips moving-digits
@main
enum RenderSamples {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    do {
      if arguments.count == 1, !arguments[0].hasPrefix("-") {
        try renderSamples(into: arguments[0])
      } else if arguments.count == 2, arguments[0] == "--measurements" {
        try renderMeasurements(into: arguments[1])
      } else if arguments.count == 2, arguments[0] == "--filters" {
        try filterSheet().write(path: arguments[1])
      } else if arguments.count == 3, arguments[0] == "--background", let count = Int(arguments[1])
      {
        for index in 0..<max(count, 0) {
          try NonPhotograph(index).picture().rgb(bits: 8).write(
            path: "\(arguments[2])/\(index).png")
        }
      } else if arguments.count == 2, arguments[0] == "--clips" {
        try MovingDigits.write(training: 400, test: 100, into: arguments[1])
      } else {
        fail(
          "usage: render-samples [--measurements | --clips] FOLDER | --filters FILE | --background COUNT FOLDER",
          code: 64)
      }
    } catch {
      fail("render-samples: \(arguments.last ?? ""): \(error); the folder must be there", code: 1)
    }
  }

  private static func fail(_ message: String, code: CInt) -> Never {
    let line = message + "\n"
    _ = line.withCString { write(STDERR_FILENO, $0, line.utf8.count) }
    exit(code)
  }

  /// One picture of every kind that a filter may meet, each a few hundred pixels wide.
  private static func renderSamples(into folder: String) throws(ImageError) {
    let scene = Picture(Camera(width: 480, height: 320).render(), width: 480)
    try scene.rgb(bits: 8).write(path: folder + "/scene.png")
    try scene.rgb(bits: 8).write(
      path: folder + "/scene.jpg", options: WriteOptions(format: .jpeg))
    try scene.gray().write(path: folder + "/scene-gray.png")
    let small = Picture(Camera(width: 240, height: 160).render(), width: 240)
    try small.rgb(bits: 16).write(path: folder + "/scene-16-bit.png")
    var camera = Camera(width: 240, height: 160)
    camera.showsBackground = false
    try Picture(camera.render(), width: 240).rgba().write(path: folder + "/objects-alpha.png")
    try lettering(width: 400, height: 160).gray().write(path: folder + "/lettering.png")
    for value in 0...9 {
      try Digit(value, hand: 0).picture(side: 28).gray().write(
        path: "\(folder)/digits/\(value).png")
      try Digit(value, hand: 1).picture(side: 160).gray().write(
        path: "\(folder)/digits/\(value)-large.png")
    }
  }

  /// The word "vision", sharp above and ever softer towards its foot, over a ramp of grays.
  private static func lettering(width: Int, height: Int) -> Picture {
    let word = Lettering()
    let scale = word.width / (0.86 * Double(width))
    let pixels = (0..<height).flatMap { row in
      (0..<width).map { column in
        if row >= height - 24 {
          return SIMD4(repeating: Double(column) / Double(width - 1))
        }
        let x = (Double(column) + 0.5) * scale - 0.07 * Double(width) * scale
        let y = 1.75 - (Double(row) + 0.5) * scale
        let softness = 0.5 * scale + 0.10 * max(0, 1 - max(0, y))
        let ink = smoothstep(softness, -softness, word.distance(to: SIMD2(x, y)))
        return SIMD4(Vector(repeating: 1 - 0.92 * ink), 1)
      }
    }
    return Picture(pixels, width: width)
  }

  /// A photograph of 12 megapixels as PNG and JPEG, 200 small ones, 5,000 and 10,000 tiny ones (these in
  /// ten folders), and graphics as on a screen.
  private static func renderMeasurements(into folder: String) throws(ImageError) {
    let photo = photo(width: 4000, height: 3000)
    try photo.write(path: folder + "/photo.png")
    try photo.write(path: folder + "/photo.jpg", options: WriteOptions(format: .jpeg, quality: 95))
    for index in 0..<200 {
      let (column, row) = (index % 20 * 180, index / 20 * 270)
      let tile = try photo.cropped(x: column, y: row, width: 512, height: 512)
      let number = String(1000 + index).dropFirst()
      try tile.write(path: "\(folder)/tiles/\(number).png")
    }
    try Screen(width: 1920, height: 1080).draw().write(path: folder + "/screen.png")
    for index in 0..<5_000 {
      try jpeg(part(of: photo, index, side: 224), "\(folder)/photos/\(10_000 + index).jpg")
    }
    for index in 0..<10_000 {
      try jpeg(
        part(of: photo, index, side: 32), "\(folder)/thumbnails/\(index % 10)/\(10_000 + index).jpg"
      )
    }
  }

  /// A square somewhere in a picture.
  private static func part(
    of picture: Image, _ index: Int, side: Int
  ) throws(ImageError) -> Image {
    try picture.cropped(
      x: Int(hash(index, side, 1) * Double(picture.width - side)),
      y: Int(hash(index, side, 2) * Double(picture.height - side)), width: side, height: side)
  }

  private static func jpeg(_ image: Image, _ path: String) throws(ImageError) {
    try image.write(path: path, options: WriteOptions(format: .jpeg, quality: 90))
  }

  /// The scene with a sensor's grain, so that it compresses as a photograph does.
  private static func photo(width: Int, height: Int) -> Image {
    var camera = Camera(width: width, height: height)
    camera.samples = 1
    var pixels = camera.render()
    for index in pixels.indices {
      for channel in 0..<3 {
        // The sum of four uniform numbers is close to a normal one.
        let sum = (0..<4).reduce(0.0) { $0 + hash(index, channel, 1000 + $1) }
        pixels[index][channel] += (sum - 2) * 3.5 / 255
      }
    }
    return Picture(pixels, width: width).rgb(bits: 8)
  }
}
