import LoopInterface
import LoopsBaseline

#if WIDE_LOOPS
  import LoopsV3
  import LoopsV4
#endif

/// The hot loops for this machine.
package enum Loops {
  /// The loops of ``InstructionSet/allowed()``, chosen once.
  ///
  /// - Throws: when `VISION_CPU` names no instruction set.
  package static func table() throws(InstructionSetError) -> LoopTable { try choice.get() }

  private static let choice = Result { () throws(InstructionSetError) in
    try table(for: InstructionSet.allowed())
  }

  /// The loops of one instruction set.
  ///
  /// - Throws: when this processor or build lacks it.
  package static func table(for set: InstructionSet) throws(InstructionSetError) -> LoopTable {
    guard set <= .best else { throw .unavailable(set) }
    #if WIDE_LOOPS
      return switch set {
      case .baseline: LoopsBaseline.makeLoopTable()
      case .v3: LoopsV3.makeLoopTable()
      case .v4: LoopsV4.makeLoopTable()
      }
    #else
      return LoopsBaseline.makeLoopTable()
    #endif
  }
}
