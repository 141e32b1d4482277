import LoopInterface

/// This instruction set's loops.
public func makeLoopTable() -> LoopTable {
  LoopTable(
    samples: makeSampleLoops(), rows: makeRowLoops(), window: makeWindowLoops(),
    gradient: makeGradientLoops(), box: makeBoxLoops(), gaussian: makeGaussianLoops(),
    tensor: makeTensorLoops())
}
