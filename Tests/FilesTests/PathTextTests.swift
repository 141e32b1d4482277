import Files
import Testing

@Suite struct PathTextTests {
  /// Plain names, bytes that are no UTF-8, a sequence that is cut short, and what stands for bytes itself.
  @Test(arguments: [
    Array("folder/näme.png".utf8), [0x6B, 0xFF, 0x2F, 0x80], [0xE4, 0xB8], [],
    Array("\u{10FEFF}".utf8),
  ])
  func nothingIsLost(_ bytes: [UInt8]) {
    #expect(PathText.bytes(of: PathText.text(of: bytes)) == bytes)
  }

  @Test func otherBytesAreShownAsNumbers() {
    let text = PathText.text(of: [0x6B, 0xFF, 0x1B, 0x6C])
    #expect(PathText.isEscaped(text) && !PathText.isEscaped("k\u{1B}l"))
    #expect(printable(text) == #"k\xFF\x1Bl"#)
  }
}
