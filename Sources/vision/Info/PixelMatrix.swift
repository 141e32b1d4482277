import Images

/// The pixel values of an image or of a part of it: rows × columns × channels.
struct PixelMatrix: Encodable {
  private let x: Int
  private let y: Int
  private let values: [[[Int]]]

  /// More pixels than this help nobody on a screen.
  private static let largestCount = 16_384

  /// - Throws: when the part does not lie in the image or is too large to be printed.
  init(_ reader: ImageReader, crop: Crop?) throws(ImageError) {
    let layout = reader.layout
    let (columns, rows) = try Self.part(of: layout, crop)
    // No side of an image exceeds 2³¹.
    guard columns.count * rows.count <= Self.largestCount else {
      throw .invalidRequest(
        "\(columns.count) × \(rows.count) pixels are too many to print; choose a part with --crop x,y,w,h"
      )
    }
    (x, y) = (columns.lowerBound, rows.lowerBound)
    var row = [UInt8](repeating: 0, count: layout.bytesPerRow)
    var values: [[[Int]]] = []
    for index in 0..<rows.upperBound {
      try Self.readRow(reader, into: &row)
      guard rows.contains(index) else { continue }
      values.append(
        columns.map { column in
          (0..<layout.channels).map {
            Self.sample(row, column * layout.channels + $0, layout.sample)
          }
        })
    }
    self.values = values
  }

  private static func part(
    of layout: PixelLayout, _ crop: Crop?
  ) throws(ImageError) -> (columns: Range<Int>, rows: Range<Int>) {
    guard let crop else { return (0..<layout.width, 0..<layout.height) }
    guard crop.x < layout.width, crop.width <= layout.width - crop.x,
      crop.y < layout.height, crop.height <= layout.height - crop.y
    else {
      throw .invalidRequest(
        "--crop \(crop.x),\(crop.y),\(crop.width),\(crop.height) leaves the image of "
          + "\(layout.width) × \(layout.height) pixels")
    }
    return (crop.x..<crop.x + crop.width, crop.y..<crop.y + crop.height)
  }

  private static func readRow(_ reader: ImageReader, into row: inout [UInt8]) throws(ImageError) {
    // The closure's error is carried out by hand: the array's method rethrows any error.
    let result: Result<Int, ImageError> = row.withUnsafeMutableBytes { bytes in
      guard let start = bytes.baseAddress else { return .success(0) }
      do throws(ImageError) { return .success(try reader.read(1, into: start)) } catch {
        return .failure(error)
      }
    }
    guard try result.get() == 1 else { throw .truncated("rows are missing") }
  }

  private static func sample(_ row: [UInt8], _ index: Int, _ type: SampleType) -> Int {
    switch type {
    case .uint8, .float32: Int(row[index])
    case .uint16:
      row.withUnsafeBytes { Int($0.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)) }
    }
  }

  /// One matrix for each channel, its columns aligned.
  var text: String {
    let channels = values.first?.first?.count ?? 0
    let names =
      switch channels {
      case 1: ["gray"]
      case 2: ["gray", "alpha"]
      case 3: ["red", "green", "blue"]
      default: ["red", "green", "blue", "alpha"]
      }
    return (0..<channels).map { channel in
      let cells = values.map { $0.map { "\($0[channel])" } }
      let width = cells.joined().map(\.count).max() ?? 0
      let lines = cells.map { row in
        "  "
          + row.map { String(repeating: " ", count: width - $0.count) + $0 }.joined(separator: " ")
      }
      return "  \(names[channel]), from column \(x), row \(y)\n" + lines.joined(separator: "\n")
    }.joined(separator: "\n")
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(values)
  }
}
