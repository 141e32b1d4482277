import Loops
import Testing

@Suite struct InstructionSetTests {
  @Test func withoutANameNothingIsLimited() throws {
    #expect(try InstructionSet.limit(named: nil) == nil)
    #expect(try InstructionSet.limit(named: "") == nil)
  }

  @Test func namesAreThoseOfTheLevels() throws {
    #expect(try InstructionSet.limit(named: "x86-64") == .baseline)
    #expect(try InstructionSet.limit(named: "x86-64-v3") == .v3)
    #expect(try InstructionSet.limit(named: "x86-64-v4") == .v4)
    #expect(InstructionSet.baseline < .v3 && .v3 < InstructionSet.v4)
  }

  @Test func anUnknownNameIsRefused() {
    #expect(throws: InstructionSetError.unknown("avx9")) { try InstructionSet.limit(named: "avx9") }
    #expect(
      "\(InstructionSetError.unknown("avx9"))" == "VISION_CPU=avx9: no such instruction set; use "
        + "x86-64, x86-64-v3 or x86-64-v4, or unset it")
  }

  @Test(arguments: InstructionSet.allCases)
  func aSetIsHandedOutExactlyWhereTheProcessorHasIt(_ set: InstructionSet) {
    if set <= .best {
      #expect(throws: Never.self) { try Loops.table(for: set) }
    } else {
      #expect(throws: InstructionSetError.unavailable(set)) { try Loops.table(for: set) }
    }
  }
}
