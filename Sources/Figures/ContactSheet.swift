import Files
import Images

/// Thumbnails with captions: what was seen, and what it was taken for.
public struct ContactSheet: Sendable {
  /// What a line of a caption says, which decides its color.
  public enum Emphasis: Sendable {
    case neutral, faint, correct, incorrect
  }

  /// One line below a thumbnail; a line too long for it ends in an ellipsis.
  public struct Line: Sendable {
    public var text: String
    public var emphasis: Emphasis

    public init(_ text: String, emphasis: Emphasis = .neutral) {
      self.text = text
      self.emphasis = emphasis
    }
  }

  /// One image of the sheet.
  public struct Item: Sendable {
    /// Any layout; drawn as large as fits, alpha over white.
    public var image: Image
    /// The first line is the boldest.
    public var caption: [Line]

    public init(image: Image, caption: [Line]) {
      self.image = image
      self.caption = caption
    }

    /// An image with the label that it was given, that label's probability, and the true class where
    /// it is known.
    public init(image: Image, label: String, probability: Double, trueLabel: String? = nil) {
      let emphasis: Emphasis = trueLabel.map { $0 == label ? .correct : .incorrect } ?? .neutral
      var caption = [
        Line(label, emphasis: emphasis), Line(percent(probability), emphasis: .faint),
      ]
      if let trueLabel, trueLabel != label {
        caption.append(Line("is \(trueLabel)", emphasis: .faint))
      }
      self.init(image: image, caption: caption)
    }
  }

  /// A heading, cut where it is long and wider than the thumbnails; none where it is empty.
  public var title: String
  public var items: [Item]
  /// Thumbnails in a row; nil chooses for a sheet a little wider than high.
  public var columns: Int?
  /// The sides of a thumbnail's square, in units of 2 × 2 pixels.
  public var thumbnailSize: Int
  /// A line below the sheet, such as how many images it leaves out; none where it is empty.
  public var note: String

  public init(
    title: String = "", items: [Item], columns: Int? = nil, thumbnailSize: Int = 112,
    note: String = ""
  ) {
    self.title = title
    self.items = items
    self.columns = columns
    self.thumbnailSize = thumbnailSize
    self.note = note
  }

  /// Units that a sheet may be widened to for its title's sake.
  private static let widestTitle = 480.0

  /// The sheet as an 8-bit RGB image.
  ///
  /// - Throws: ``FigureError/unusable(_:)`` where there is no item or a size is not positive;
  ///   ``FigureError/tooLarge(width:height:)`` beyond some 2,000 thumbnails of the usual size.
  public func rendered() throws(FigureError) -> Image {
    guard !items.isEmpty else { throw .unusable("a contact sheet needs at least one image") }
    guard thumbnailSize >= 16, thumbnailSize <= 4_096, columns ?? 1 >= 1 else {
      throw .unusable("a contact sheet needs thumbnails of 16 to 4,096 units and 1 column or more")
    }
    let lines = items.map(\.caption.count).max() ?? 0
    let (side, gap, margin) = (Double(thumbnailSize), 14.0, 24.0)
    let captionHeight = lines == 0 ? 0 : 6 + 15 * Double(lines)
    let cellHeight = side + captionHeight + gap
    let columns = min(columns ?? bestColumns(side + gap, cellHeight), items.count)
    let rows = (items.count + columns - 1) / columns
    let top = title.isEmpty ? margin : margin + 32
    let bottom = margin - gap + (note.isEmpty ? 0 : 28)
    let titleStyle = TextStyle(size: 15, isBold: true)
    // A title may be wider than one or two thumbnails.
    let titleWidth = try Canvas(width: 1, height: 1).width(of: title, titleStyle)
    let width = max(Double(columns) * (side + gap) - gap, min(titleWidth, Self.widestTitle))
    let canvas = try Canvas(
      width: 2 * margin + width, height: top + Double(rows) * cellHeight + bottom)
    canvas.text(
      canvas.truncated(title, titleStyle, width: width), x: margin, y: margin + 12, titleStyle)
    for (index, item) in items.enumerated() {
      try draw(
        item, on: canvas, x: margin + Double(index % columns) * (side + gap),
        y: top + Double(index / columns) * cellHeight, side: side)
    }
    let noteStyle = TextStyle(size: 11, color: .faintInk)
    canvas.text(
      canvas.truncated(note, noteStyle, width: width), x: margin,
      y: top + Double(rows) * cellHeight + 8, noteStyle)
    return try canvas.image()
  }

  private func bestColumns(_ width: Double, _ height: Double) -> Int {
    let square = (Double(items.count) * height * 1.4 / width).squareRoot()
    return max(1, Int(square.rounded()))
  }

  private func draw(
    _ item: Item, on canvas: borrowing Canvas, x: Double, y: Double, side: Double
  ) throws(FigureError) {
    guard item.image.width > 0, item.image.height > 0 else {
      throw .unusable("a contact sheet with an empty image")
    }
    let panelBackground = Rectangle(x: x, y: y, width: side, height: side)
    let scale = side / Double(max(item.image.width, item.image.height))
    let width = max(Double(item.image.width) * scale, 1)
    let height = max(Double(item.image.height) * scale, 1)
    canvas.fill(panelBackground, .panelBackground)
    try canvas.draw(
      item.image,
      in: Rectangle(
        x: x + (side - width) / 2, y: y + (side - height) / 2, width: width, height: height))
    for (index, line) in item.caption.enumerated() {
      let style = TextStyle(
        size: index == 0 ? 12 : 11, isBold: index == 0, color: Self.color(line.emphasis))
      canvas.text(
        canvas.truncated(line.text, style, width: side), x: x,
        y: y + side + 17 + 15 * Double(index),
        style)
    }
  }

  private static func color(_ emphasis: Emphasis) -> Color {
    switch emphasis {
    case .neutral: .ink
    case .faint: .faintInk
    case .correct: .correct
    case .incorrect: .incorrect
    }
  }
}
