import Images

/// The newest rows of an image as numbers, extended by the border above and below it and, where
/// that is wanted, on both sides.
final class PaddedRows<Number: BitwiseCopyable> {
  /// Converts a row of samples.
  typealias Convert = (UnsafeRawPointer, Int, UnsafeMutablePointer<Number>) -> Void

  /// Numbers in a row.
  let count: Int
  private let geometry: WindowGeometry
  private let convert: Convert
  private let columnsBefore: Int
  private let extensionMap: ExtensionMap?
  private let rows: Scratch<Number>
  /// A row that lies outside of the image under a constant border.
  private let constantRow: Scratch<Number>
  /// The row that each place holds: of the image where all of its rows have a place, else of the
  /// extended image.
  private var held: [Int?]

  /// - Parameters:
  ///   - held: how many rows are kept; the newest ones. Never more than the image has.
  ///   - extendsColumns: whether the rows are extended on both sides.
  init(
    _ geometry: WindowGeometry, held capacity: Int, extendsColumns: Bool, constant: Number,
    convert: @escaping Convert
  ) {
    self.geometry = geometry
    self.convert = convert
    let (columns, layout) = (geometry.columns, geometry.input)
    extensionMap = extendsColumns ? ExtensionMap(geometry) : nil
    columnsBefore = extendsColumns ? columns.before : 0
    let outside = extendsColumns ? columns.before + columns.after : 0
    count = (layout.width + outside) * layout.channels
    held = Array(repeating: nil, count: min(capacity, layout.height))
    // Loops that take whole vectors read beyond a row.
    rows = Scratch(count * held.count + 64, filledWith: constant)
    constantRow = Scratch(count + 64, filledWith: constant)
  }

  /// A row of the extended image, counted from the image's first. It stays
  /// until as many further rows were asked for as are held.
  func row(_ row: Int, from input: InputRows) -> UnsafePointer<Number> {
    let (height, border) = (geometry.input.height, geometry.border)
    guard let source = border.source(of: row, count: height) else {
      return UnsafePointer(constantRow.start)
    }
    let row = held.count == height ? source : row
    let place = (row % held.count + held.count) % held.count
    let start = rows.start + place * count
    if held[place] != row {
      held[place] = row
      let inside = start + columnsBefore * geometry.input.channels
      convert(input[source], geometry.input.samplesPerRow, inside)
      extensionMap?.extend(start)
    }
    return UnsafePointer(start)
  }
}
