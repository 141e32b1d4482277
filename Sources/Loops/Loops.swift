import LoopInterface
import LoopsBaseline

#if WIDE_LOOPS
  import LoopsV3
  import LoopsV4
#endif

/// An instruction set that the loops were compiled for.
public enum InstructionSet: String, Sendable, CaseIterable {
  /// The architecture's minimum (x86-64: SSE2).
  case baseline
  /// x86-64-v3: AVX2 and FMA.
  case v3
  /// x86-64-v4: AVX-512 F, BW, CD, DQ, VL.
  case v4
}
