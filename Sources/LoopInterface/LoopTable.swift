/// The hot loops that exist in several instruction sets, as plain functions of pointers, one
/// member for each topic.
///
/// Concrete types only: a generic or inlinable function here could be compiled in a wide variant
/// and then be shared with the baseline, which would not run on older processors.
///
/// A loop never checks its pointers: its caller vouches that everything it is told to read and
/// write exists. All sets must give the same bytes, so no loop may depend on the order in which a
/// sum is taken other than the one that is written down, and none may fuse `a * b + c`.
package struct LoopTable: Sendable {
  package var samples: SampleLoops
  package var rows: RowLoops
  package var window: WindowLoops
  package var weighed: WeighedLoops
  package var gradient: GradientLoops
  package var box: BoxLoops
  package var gaussian: GaussianLoops
  package var resample: ResampleLoops
  package var rotate: RotateLoops
  package var rank: RankLoops
  package var extreme: ExtremeLoops
  package var bilateral: BilateralLoops
  package var canny: CannyLoops
  package var pair: PairLoops
  package var point: PointLoops
  package var tensor: TensorLoops

  package init(
    samples: SampleLoops, rows: RowLoops, window: WindowLoops, weighed: WeighedLoops,
    gradient: GradientLoops, box: BoxLoops, gaussian: GaussianLoops, resample: ResampleLoops,
    rotate: RotateLoops, rank: RankLoops, extreme: ExtremeLoops, bilateral: BilateralLoops,
    canny: CannyLoops, pair: PairLoops, point: PointLoops, tensor: TensorLoops
  ) {
    self.samples = samples
    self.rows = rows
    self.window = window
    self.weighed = weighed
    self.gradient = gradient
    self.box = box
    self.gaussian = gaussian
    self.resample = resample
    self.rotate = rotate
    self.rank = rank
    self.extreme = extreme
    self.bilateral = bilateral
    self.canny = canny
    self.pair = pair
    self.point = point
    self.tensor = tensor
  }
}
