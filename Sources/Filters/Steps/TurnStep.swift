import Images
import LoopInterface

/// A turn by quarters, or a mirroring, without any computing on samples.
struct Turn: StepMaker {
  let orientation: Orientation

  /// - Parameter orientation: how a stored image would have to be turned for this result.
  init(_ orientation: Orientation) { self.orientation = orientation }

  func step(for layout: PixelLayout, _ options: FilterOptions, _ loops: LoopTable)
    throws(FilterError) -> any RowStep
  {
    TurnStep(input: layout, orientation: orientation, loops: loops.rotate)
  }
}

private struct TurnStep: RowStep {
  let input: PixelLayout
  let orientation: Orientation
  let loops: RotateLoops
  var output: PixelLayout { orientation.apply(to: input) }
  var needsWholeImage: Bool { !orientation.keepsRows }

  func inputRows(for rows: Range<Int>) -> Range<Int> {
    orientation.keepsRows ? rows : 0..<input.height
  }

  func metadata(_ metadata: Metadata) -> Metadata {
    var metadata = metadata
    if orientation.swapsAxes, let resolution = metadata.resolution {
      metadata.resolution = Resolution(
        horizontal: resolution.vertical, vertical: resolution.horizontal)
    }
    return metadata
  }

  func makeWorker() -> any RowWorker { Worker(step: self) }

  private final class Worker: RowWorker {
    let step: TurnStep
    init(step: TurnStep) { self.step = step }

    func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
      step.orientation.turn(
        input[0], layout: step.input, rows: rows, into: output,
        turnSquare: step.loops.turnSquare)
    }
  }
}
