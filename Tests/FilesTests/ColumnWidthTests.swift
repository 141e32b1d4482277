import Files
import Testing

@Suite struct ColumnWidthTests {
  @Test(arguments: [
    ("", 0), ("dog", 3), ("Käse", 4), ("Ka\u{308}se", 4), ("犬", 2), ("いぬ", 4), ("강아지", 6), ("🐕", 2),
    ("👩‍👩‍👧", 2), ("5 %", 3), ("™", 1),
  ])
  func columns(text: String, width: Int) { #expect(text.columnWidth == width) }

  @Test func tablesAlignWideText() {
    let table = TextTable(header: ["name", "n"], rows: [["犬犬犬", "1"], ["dog", "2"]])
    #expect(table.lines == ["name    n", "犬犬犬  1", "dog     2"])
  }
}
