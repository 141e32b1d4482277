import Figures
import Images
import Testing

@Suite struct BlockDiagramTests {
  private func box(_ title: String) -> BlockDiagram.Part {
    .box(title: title, detail: "", group: 0)
  }

  /// Boxes are 172 × 40 units with 16 between them, margins 28, the title 48: two pixels a unit.
  @Test func boxesStandBelowEachOther() throws {
    let two = try BlockDiagram(title: "two", parts: [box("a"), box("b")]).rendered()
    #expect(two.width == 2 * 240)
    #expect(two.height == 2 * (48 + 16 + 40 + 16 + 40 + 16 + 28))
  }

  @Test func branchesStandSideBySide() throws {
    let parts: [BlockDiagram.Part] = [.branches([[box("a"), box("b")], [box("c")]], joint: "+")]
    let image = try BlockDiagram(title: "", parts: parts).rendered()
    #expect(image.width == 2 * (172 + 14 + 172 + 2 * 28))
  }

  @Test func longFlowsGoOnInFurtherColumns() throws {
    let long = BlockDiagram(title: "", parts: (0..<60).map { box("\($0)") })
    let image = try long.rendered()
    #expect(image.width == 2 * (3 * 172 + 4 * 28))
    #expect(image.height < 2 * 1500)
  }

  @Test func nothingIsDrawnOfNothing() throws {
    #expect(try BlockDiagram(title: "empty", parts: []).rendered().width == 480)
  }
}
