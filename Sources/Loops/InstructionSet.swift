import CProcessor

/// An instruction set that the loops were compiled for, from the oldest to the newest.
public enum InstructionSet: String, Sendable, CaseIterable, Comparable {
  /// The architecture's minimum (x86-64: SSE2).
  case baseline
  /// x86-64-v3: AVX2.
  case v3
  /// x86-64-v4: AVX-512 F, BW, CD, DQ, VL.
  case v4

  /// The newest set that processor, operating system and this build have.
  public static let best: InstructionSet = {
    #if WIDE_LOOPS
      switch processor_x86_64_level() {
      case 4: .v4
      case 3: .v3
      default: .baseline
      }
    #else
      .baseline
    #endif
  }()

  /// The set of that name, or the best where no name (or an empty one) is given.
  package static func chosen(by name: String?) throws(InstructionSetError) -> InstructionSet {
    guard let name, !name.isEmpty else { return best }
    guard let set = InstructionSet(rawValue: name) else { throw .unknown(name) }
    return set
  }

  public static func < (a: InstructionSet, b: InstructionSet) -> Bool { a.age < b.age }

  private var age: Int {
    switch self {
    case .baseline: 1
    case .v3: 3
    case .v4: 4
    }
  }
}

/// Why the loops of a wanted instruction set cannot be used.
public enum InstructionSetError: Error, Sendable, Equatable, CustomStringConvertible {
  /// `VISION_ISA` names no instruction set.
  case unknown(String)
  /// The processor (or the operating system) does not have it.
  case processorLacks(InstructionSet)
  /// This build holds only the portable loops.
  case notBuilt(InstructionSet)

  /// One line: what is wrong and what to do.
  public var description: String {
    switch self {
    case .unknown(let name):
      "VISION_ISA=\(name): no such instruction set; use baseline, v3 or v4, or unset it"
    case .processorLacks(let set):
      "VISION_ISA=\(set.rawValue): this processor lacks it; the best it has is "
        + InstructionSet.best.rawValue
    case .notBuilt(let set):
      "VISION_ISA=\(set.rawValue): this build holds only the baseline loops; unset it"
    }
  }
}
