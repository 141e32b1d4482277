import Files
import ModelFiles

/// One line of `vision models`.
struct ListedModel: Encodable {
  let name: String
  let path: String
  let bytes: Int
  let card: ModelCard

  init(_ entry: ModelCatalog.Entry, _ card: ModelCard) {
    name = entry.name
    path = entry.path
    bytes = entry.byteCount
    self.card = card
  }

  /// For people.
  static func table(_ models: [ListedModel]) -> String {
    TextTable(
      header: ["NAME", "SIZE", "INPUT", "CLASSES", "ACCURACY", "DESCRIPTION"],
      rows: models.map(\.cells), alignments: [.left, .right, .right, .right, .right]
    ).plain
  }

  private var cells: [String] {
    let unknown = "–"
    return [
      printable(name), fixed(Double(bytes) / 1e6, decimals: 1) + " MB",
      card.preprocessing.map { "\($0.height)×\($0.width)×\($0.channels)" } ?? unknown,
      card.classNames.isEmpty ? unknown : "\(card.classNames.count)",
      card.metrics["accuracy"].map { percent($0) } ?? unknown, printable(card.summary),
    ]
  }
}
