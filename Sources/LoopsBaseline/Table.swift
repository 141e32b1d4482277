import LoopInterface

/// This instruction set's loops.
public func makeLoopTable() -> LoopTable {
  LoopTable(window: makeWindowLoops())
}
