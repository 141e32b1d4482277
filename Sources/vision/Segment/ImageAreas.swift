import Datasets
import Files

/// How `vision segment --areas` prints.
enum AreaFormat: Sendable {
  case table, csv, json
}

/// How much of an image belongs to which class.
struct ImageAreas: Encodable {
  struct Area: Encodable {
    let name: String
    /// What the class's pixels hold in the mask.
    let index: Int
    let pixels: Int
    /// Of the image's pixels, 0…1.
    let fraction: Double

    private enum CodingKeys: String, CodingKey {
      case name = "class"
      case index, pixels, fraction
    }
  }

  let path: String
  /// Where its mask is.
  let output: String
  let width: Int
  let height: Int
  /// In the model's order.
  let areas: [Area]

  init(
    path: FilePath, output: FilePath, width: Int, height: Int, classes: MaskClasses,
    pixels: [Int]
  ) {
    self.path = path.exactText
    self.output = output.exactText
    self.width = width
    self.height = height
    areas = zip(zip(classes.names, classes.indices), pixels).map { named, count in
      Area(
        name: named.0, index: Int(named.1), pixels: count,
        fraction: sixDecimals(Double(count) / Double(max(width * height, 1))))
    }
  }

  /// For people: the classes that there are, the largest first.
  var table: String {
    let present = areas.filter { $0.pixels > 0 }
    let sorted = present.sorted { ($1.pixels, $0.index) < ($0.pixels, $1.index) }
    let lines = sorted.map { area in
      let share = percent(area.fraction)
      return String(repeating: " ", count: max(0, 10 - share.count)) + share
        + "  \(printable(area.name))"
    }
    return ([printable(output)] + lines).joined(separator: "\n")
  }

  static let csvHeader = "path,class,index,pixels,fraction"

  /// A record for each class.
  var csv: String {
    areas.map { area in
      [path, area.name, "\(area.index)", "\(area.pixels)", "\(area.fraction)"]
        .map(csvField).joined(separator: ",")
    }.joined(separator: "\n")
  }
}
