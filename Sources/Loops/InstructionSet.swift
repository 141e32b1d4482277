import CProcessor
import Glibc

/// A level of the x86-64 psABI that the loops were compiled for, from the oldest to the newest.
public enum InstructionSet: String, Sendable, CaseIterable, Comparable {
  /// The architecture's minimum (SSE2; on other architectures, theirs).
  case baseline = "x86-64"
  /// AVX2, FMA.
  case v3 = "x86-64-v3"
  /// AVX-512 F, BW, CD, DQ, VL.
  case v4 = "x86-64-v4"

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

  /// What the environment variable `VISION_CPU` limits all computing to, nil where it is unset or empty;
  /// looked up once.
  ///
  /// - Throws: when it names no set.
  public static func limit() throws(InstructionSetError) -> InstructionSet? {
    try environment.get()
  }

  private static let environment = Result { () throws(InstructionSetError) in
    try limit(named: getenv("VISION_CPU").map { String(cString: $0) })
  }

  /// The set of that name; nil where no name (or an empty one) is given.
  package static func limit(named name: String?) throws(InstructionSetError) -> InstructionSet? {
    guard let name, !name.isEmpty else { return nil }
    guard let set = InstructionSet(rawValue: name) else { throw .unknown(name) }
    return set
  }

  /// The best set within the limit.
  public static func allowed() throws(InstructionSetError) -> InstructionSet {
    min(try limit() ?? best, best)
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
  /// `VISION_CPU` names no instruction set.
  case unknown(String)
  /// Processor, operating system or this build do not have it.
  case unavailable(InstructionSet)

  /// One line: what is wrong and what to do.
  public var description: String {
    switch self {
    case .unknown(let name):
      "VISION_CPU=\(name): no such instruction set; use "
        + InstructionSet.allCases.dropLast().map(\.rawValue).joined(separator: ", ")
        + " or \(InstructionSet.v4.rawValue), or unset it"
    case .unavailable(let set):
      "\(set.rawValue) is not available; the best is \(InstructionSet.best.rawValue)"
    }
  }
}
