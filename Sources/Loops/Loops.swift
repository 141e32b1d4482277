import Glibc
import LoopInterface
import LoopsBaseline

#if WIDE_LOOPS
  import LoopsV3
  import LoopsV4
#endif

/// The hot loops for this machine.
package enum Loops {
  /// The loops of the best instruction set that the processor has, or of the one that the
  /// environment variable `VISION_ISA` (`baseline`, `v3` or `v4`) asks for; chosen once.
  ///
  /// - Throws: when `VISION_ISA` names no set, or one that this processor or build lacks.
  package static func table() throws(InstructionSetError) -> LoopTable { try choice.get() }

  /// The loops of one instruction set.
  ///
  /// - Throws: when this processor or build lacks it.
  package static func table(for set: InstructionSet) throws(InstructionSetError) -> LoopTable {
    #if WIDE_LOOPS
      guard set <= .best else { throw .processorLacks(set) }
      return switch set {
      case .baseline: LoopsBaseline.makeLoopTable()
      case .v3: LoopsV3.makeLoopTable()
      case .v4: LoopsV4.makeLoopTable()
      }
    #else
      guard set == .baseline else { throw .notBuilt(set) }
      return LoopsBaseline.makeLoopTable()
    #endif
  }

  private static let choice = Result { () throws(InstructionSetError) in
    let name = getenv("VISION_ISA").map { String(cString: $0) }
    return try table(for: .chosen(by: name))
  }
}
