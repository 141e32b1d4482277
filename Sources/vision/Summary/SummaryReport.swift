import ModelFiles
import Networks

/// What `--json` prints.
struct SummaryReport: Encodable {
  let name: String
  let summary: Summary
  let card: ModelCard?

  init(name: String, _ summary: Summary, _ card: ModelCard?) {
    self.name = name
    self.summary = summary
    self.card = card
  }

  private enum CodingKeys: CodingKey { case name, card }

  func encode(to encoder: any Encoder) throws {
    try summary.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encodeIfPresent(card, forKey: .card)
  }
}
