import LoopInterface

/// This instruction set's loops.
package func makeLoopTable() -> LoopTable {
  LoopTable(
    samples: makeSampleLoops(), rows: makeRowLoops(), window: makeWindowLoops(),
    gradient: makeGradientLoops(), box: makeBoxLoops(), gaussian: makeGaussianLoops(),
    resample: makeResampleLoops(), rotate: makeRotateLoops(),
    tensor: makeTensorLoops())
}
