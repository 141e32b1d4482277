/// The hot loops that exist in several instruction sets, as plain functions of pointers.
///
/// Concrete types only: a generic or inlinable function here could be compiled in a wide variant
/// and then be shared with the baseline, which would not run on older processors.
public struct LoopTable: Sendable {
  public init() {}
}
