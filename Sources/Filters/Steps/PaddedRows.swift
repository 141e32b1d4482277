import Images

/// The newest rows of an image as numbers, extended by the border on both sides, and above and
/// below it.
final class PaddedRows<Number: BitwiseCopyable> {
  /// Converts a row of samples.
  typealias Convert = (UnsafeRawPointer, Int, UnsafeMutablePointer<Number>) -> Void

  /// Numbers in an extended row.
  let count: Int
  private let geometry: WindowGeometry
  private let convert: Convert
  private let constant: Number
  private let rows: Scratch<Number>
  /// The row that each place holds, which may lie outside the image.
  private var held: [Int?]
  /// For every column of the left and right extension the column that stands for it.
  private let left: [Int?]
  private let right: [Int?]

  /// - Parameter held: how many rows are kept; the newest ones.
  init(
    _ geometry: WindowGeometry, held capacity: Int, constant: Number, convert: @escaping Convert
  ) {
    self.geometry = geometry
    self.convert = convert
    self.constant = constant
    let (columns, layout) = (geometry.columns, geometry.input)
    count = (columns.before + layout.width + columns.after) * layout.channels
    rows = Scratch(count * capacity, filledWith: constant)
    held = Array(repeating: nil, count: capacity)
    left = (-columns.before..<0).map { geometry.border.source(of: $0, count: layout.width) }
    right = (layout.width..<layout.width + columns.after)
      .map { geometry.border.source(of: $0, count: layout.width) }
  }

  /// A row of the extended image, counted from the image's first. It stays
  /// until as many further rows were asked for as are held.
  func row(_ row: Int, from input: InputRows) -> UnsafePointer<Number> {
    let place = (row % held.count + held.count) % held.count
    let start = rows.start + place * count
    if held[place] != row {
      held[place] = row
      fill(start, row, from: input)
    }
    return UnsafePointer(start)
  }

  private func fill(_ start: UnsafeMutablePointer<Number>, _ row: Int, from input: InputRows) {
    let layout = geometry.input
    guard let source = geometry.border.source(of: row, count: layout.height) else {
      start.update(repeating: constant, count: count)
      return
    }
    let channels = layout.channels
    let inside = start + geometry.columns.before * channels
    convert(input[source], layout.samplesPerRow, inside)
    extend(start, left, inside)
    extend(inside + layout.samplesPerRow, right, inside)
  }

  private func extend(
    _ place: UnsafeMutablePointer<Number>, _ columns: [Int?], _ inside: UnsafeMutablePointer<Number>
  ) {
    let channels = geometry.input.channels
    for (index, column) in columns.enumerated() {
      for channel in 0..<channels {
        place[index * channels + channel] =
          column.map { inside[$0 * channels + channel] } ?? constant
      }
    }
  }
}
