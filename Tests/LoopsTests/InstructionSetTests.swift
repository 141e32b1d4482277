import Loops
import Testing

@Suite struct InstructionSetTests {
  @Test func withoutANameTheBestIsChosen() throws {
    #expect(try InstructionSet.chosen(by: nil) == .best)
    #expect(try InstructionSet.chosen(by: "") == .best)
  }

  @Test func theBaselineIsThereOnEveryProcessor() throws {
    #expect(try InstructionSet.chosen(by: "baseline") == .baseline)
    _ = try Loops.table(for: .baseline)
  }

  @Test func anUnknownNameIsRefused() {
    #expect(throws: InstructionSetError.unknown("avx9")) { try InstructionSet.chosen(by: "avx9") }
    #expect("\(InstructionSetError.unknown("avx9"))".hasPrefix("VISION_ISA=avx9: "))
  }

  @Test(arguments: InstructionSet.allCases)
  func aSetIsHandedOutExactlyWhereTheProcessorHasIt(_ set: InstructionSet) {
    if set <= .best {
      #expect(throws: Never.self) { try Loops.table(for: set) }
    } else {
      #expect(throws: InstructionSetError.self) { try Loops.table(for: set) }
    }
  }
}
