import Images
import LoopInterface

/// Contrast-limited adaptive histogram equalization (Zuiderveld 1994), as OpenCV's `CLAHE`: the curve of
/// each tile equalizes its histogram, whose counts are limited; a pixel's is interpolated between those of
/// four tiles. Of colors the luma is changed, and its change added to red, green and blue.
struct CLAHE: StepMaker {
  /// The largest count of a sample, in multiples of the mean count.
  let clip: Double
  /// Tiles in both directions.
  let tiles: Int

  static let mostTiles = 256

  func step(for layout: PixelLayout, _ options: FilterOptions, _ loops: LoopTable)
    throws(FilterError) -> any RowStep
  {
    CLAHEStep(input: layout, filter: self, loops)
  }
}

struct CLAHEStep: RowStep {
  let input: PixelLayout
  let filter: CLAHE
  let tileWidth: Int
  let tileHeight: Int
  let loops: LoopTable

  init(input: PixelLayout, filter: CLAHE, _ loops: LoopTable) {
    self.input = input
    self.filter = filter
    self.loops = loops
    let tiles = filter.tiles
    // OpenCV extends the image in both directions where either is no multiple of the tiles.
    let fits = input.width % tiles == 0 && input.height % tiles == 0
    tileWidth = input.width / tiles + (fits ? 0 : 1)
    tileHeight = input.height / tiles + (fits ? 0 : 1)
  }

  var output: PixelLayout { input }
  // Beyond the last row the image is mirrored, which may need any row of a low one.
  var needsWholeImage: Bool { tileHeight * filter.tiles > 2 * input.height - 1 }

  func inputRows(for rows: Range<Int>) -> Range<Int> {
    if needsWholeImage { return 0..<input.height }
    let first = bands(of: rows.lowerBound).above * tileHeight
    let last = (bands(of: rows.upperBound - 1).below + 1) * tileHeight
    // What is mirrored at the last row stands for what lies below it.
    let mirrored = last > input.height ? 2 * input.height - 1 - last : input.height
    let start = min(first, min(rows.lowerBound, max(0, mirrored)))
    return start..<min(input.height, max(last, rows.upperBound))
  }

  /// The tiles above and below a row's center, and the weight of the one below.
  func bands(of row: Int) -> (above: Int, below: Int, weight: Float) {
    place(Float(row), 1 / Float(tileHeight))
  }

  func place(_ pixel: Float, _ inverse: Float) -> (above: Int, below: Int, weight: Float) {
    let position = pixel * inverse - 0.5
    let floor = position.rounded(.down)
    let before = Int(floor)
    return (max(before, 0), min(before + 1, filter.tiles - 1), position - floor)
  }

  func makeWorker() -> any RowWorker {
    input.sample == .uint8 ? CLAHEBytes(self) : CLAHEWide(self)
  }
}

/// Columns between the centers of the same two tiles.
struct CLAHESegment {
  let left: Int
  let right: Int
  var columns: Range<Int>
}

extension CLAHEStep {
  /// All segments, and for each column the weight of its right tile.
  func segments() -> (segments: [CLAHESegment], weights: [Float]) {
    var (segments, weights): ([CLAHESegment], [Float]) = ([], [])
    for x in 0..<input.width {
      let (left, right, weight) = place(Float(x), 1 / Float(tileWidth))
      weights.append(weight)
      if let last = segments.last, (last.left, last.right) == (left, right) {
        segments[segments.count - 1].columns = last.columns.lowerBound..<x + 1
      } else {
        segments.append(CLAHESegment(left: left, right: right, columns: x..<x + 1))
      }
    }
    return (segments, weights)
  }
}
