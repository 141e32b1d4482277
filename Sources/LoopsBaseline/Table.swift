import LoopInterface

/// This instruction set's loops.
package func makeLoopTable() -> LoopTable {
  LoopTable(
    samples: makeSampleLoops(), rows: makeRowLoops(), window: makeWindowLoops(),
    weighed: makeWeighedLoops(), gradient: makeGradientLoops(), box: makeBoxLoops(),
    gaussian: makeGaussianLoops(),
    resample: makeResampleLoops(), rotate: makeRotateLoops(), rank: makeRankLoops(),
    extreme: makeExtremeLoops(), bilateral: makeBilateralLoops(), canny: makeCannyLoops(),
    pair: makePairLoops(), point: makePointLoops(), tensor: makeTensorLoops())
}
