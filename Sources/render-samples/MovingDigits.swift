import Glibc
import Images

/// Clips of a digit that moves in one of four directions over a square whose sides are joined, so that what
/// leaves at one comes in at the other.
///
/// The digit begins anywhere with the same probability: a single frame tells nothing of the direction, and
/// the mean of all no more than whether it moves across or up and down.
struct MovingDigits {
  /// Pixels of a side.
  static let side = 32
  static let directions = [("down", 0, 1), ("left", -1, 0), ("right", 1, 0), ("up", 0, -1)]

  /// Writes `train/<direction>/<number>/<frame>.png` and the same below `test`.
  ///
  /// - Parameters:
  ///   - training: clips of each direction to learn from.
  ///   - test: those to test on.
  static func write(training: Int, test: Int, into folder: String) throws(ImageError) {
    for (part, count, first) in [("train", training, 0), ("test", test, training)] {
      for (label, direction) in directions.enumerated() {
        for number in 0..<count {
          let clip = "\(folder)/\(part)/\(direction.0)/\(padded(number, 4))"
          makeFolders(clip)
          let frames = frames(
            number: 4 * (first + number) + label, across: direction.1, down: direction.2)
          for (place, frame) in frames.enumerated() {
            try frame.write(path: "\(clip)/\(padded(place, 2)).png")
          }
        }
      }
    }
  }

  /// 8 to 12 frames of a digit that moves by one to three pixels each time.
  static func frames(number: Int, across: Int, down: Int) -> [Image] {
    func drawn(_ below: Int, _ key: Int) -> Int {
      min(Int(hash(number, key, 77) * Double(below)), below - 1)
    }
    let digit = Digit(drawn(10, 1), hand: number).picture(side: 28).gray()
    let (count, speed) = (8 + drawn(5, 2), 1 + drawn(3, 3))
    let start = (x: drawn(side, 4), y: drawn(side, 5))
    return (0..<count).map { frame in
      var image = Image(layout: PixelLayout(width: side, height: side, channels: 1))
      digit.withUnsafeBytes { source in
        image.withUnsafeMutableBytes { target in
          for row in 0..<digit.height {
            let y = modulo(start.y + row + frame * speed * down)
            for column in 0..<digit.width {
              let x = modulo(start.x + column + frame * speed * across)
              target[y * side + x] = source[row * digit.width + column]
            }
          }
        }
      }
      return image
    }
  }

  private static func modulo(_ place: Int) -> Int { ((place % side) + side) % side }

  private static func padded(_ number: Int, _ digits: Int) -> String {
    let text = "\(number)"
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  /// Makes a folder and those above it, where they do not exist.
  private static func makeFolders(_ path: String) {
    var made = ""
    for part in path.split(separator: "/", omittingEmptySubsequences: false) {
      made += made.isEmpty && part.isEmpty ? "/" : (made.isEmpty || made == "/" ? "" : "/") + part
      mkdir(made, 0o777)
    }
  }
}
