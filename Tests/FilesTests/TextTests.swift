import Files
import Testing

@Suite struct TextTests {
  @Test func columnsAreAligned() {
    let table = TextTable(
      header: ["NAME", "SIZE"], rows: [["a", "10"], ["longer", "7"]], alignments: [.left, .right])
    #expect(table.lines == ["NAME    SIZE", "a         10", "longer     7"])
    let left = TextTable(header: ["NAME", "SIZE"], rows: [["a", "10"]])
    #expect(left.plain == "NAME  SIZE\na     10")
    #expect(left.markdown == "| NAME | SIZE |\n|---|---|\n| a | 10 |")
  }

  @Test(arguments: [
    (0, "0"), (999, "999"), (1000, "1,000"), (93_322, "93,322"), (1_234_567, "1,234,567"),
  ])
  func thousandsAreApart(number: Int, text: String) {
    #expect(grouped(number) == text)
  }

  @Test func numbersAreRounded() {
    #expect(fixed(12_066.5, decimals: 2) == "12,066.50")
    #expect(fixed(-0.049, decimals: 1) == "0.0")
    #expect(fixed(-1.25, decimals: 1) == "−1.3")
    #expect(percent(0.915) == "91.5 %" && percent(1, decimals: 0) == "100 %")
  }

  @Test func controlCharactersAreShown() {
    #expect(printable("plain ü") == "plain ü")
    #expect(printable("a\u{1B}[2J\nb\u{7F}\u{85}") == #"a\x1B[2J\x0Ab\x7F\xC2\x85"#)
  }
}
