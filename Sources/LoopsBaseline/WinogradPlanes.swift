import CProcessor
import LoopInterface

/// Winograd's maps between planes and points. Each walks over the tiles of one plane; a tile's
/// two-dimensional map is the one-dimensional one along its rows, then along its columns.
enum WinogradPlanes<Filter: MinimalFilter> {
  typealias Floats = UnsafeMutablePointer<Float>

  /// Points along each side.
  @inline(__always) private static var n: Int { Filter.points }
  @inline(__always) private static var pixelBytes: Int { MemoryLayout<PixelLanes>.stride }

  /// The pixels of a plane or the points of a tile; all lie on multiples of their size, and nothing here
  /// reads them as single floats.
  @inline(__always)
  private static func pixels(_ address: UnsafePointer<Float>) -> UnsafePointer<PixelLanes> {
    UnsafeRawPointer(address).assumingMemoryBound(to: PixelLanes.self)
  }

  @inline(__always)
  private static func pixels(_ address: Floats) -> UnsafeMutablePointer<PixelLanes> {
    UnsafeMutableRawPointer(address).assumingMemoryBound(to: PixelLanes.self)
  }

  /// Memory for the tile at work: its pixels, and a map half done.
  @inline(__always)
  private static func withTile(
    _ body: (
      _ tile: UnsafeMutablePointer<PixelLanes>, _ half: UnsafeMutablePointer<PixelLanes>
    ) -> Void
  ) {
    withUnsafeTemporaryAllocation(of: PixelLanes.self, capacity: 2 * n * n) { memory in
      guard let base = memory.baseAddress else { return }
      body(base, base + n * n)
    }
  }

  /// Applies a map to the rows of a square of `from` vectors a side, then to the columns of what comes
  /// of it: a square of `to` vectors a side.
  ///
  /// - Parameters:
  ///   - steps: from one row and from one column of a square to the next.
  @inline(__always)
  private static func map(
    _ from: Int, _ source: UnsafePointer<PixelLanes>, _ sourceSteps: (row: Int, column: Int),
    _ to: Int, _ result: UnsafeMutablePointer<PixelLanes>, _ resultSteps: (row: Int, column: Int),
    _ half: UnsafeMutablePointer<PixelLanes>,
    _ line: (UnsafePointer<PixelLanes>, Int, UnsafeMutablePointer<PixelLanes>, Int) -> Void
  ) {
    for row in 0..<from {
      line(source + row &* sourceSteps.row, sourceSteps.column, half + row &* to, 1)
    }
    for column in 0..<to {
      line(half + column, to, result + column &* resultSteps.column, resultSteps.row)
    }
  }

  /// From one row and from one column of a tile's points to the next.
  @inline(__always)
  private static func pointSteps(_ tiles: WinogradTiles) -> (row: Int, column: Int) {
    (n &* tiles.pointStride / channelBlock, tiles.pointStride / channelBlock)
  }

  /// Calls `body` with the offset of each pixel that the tile below will need of a plane, when all
  /// tiles of this row have asked: short rows of pixels are more than processors foresee.
  @inline(__always)
  private static func forLinesBelow(
    _ tileRow: Int, _ tileColumn: Int, _ side: Int, _ columns: Int, _ step: Int,
    firstRow: Int = 0, _ body: (Int) -> Void
  ) {
    let next = ((tileRow &+ 1) &* columns &+ tileColumn &* side) &* side &+ firstRow &* columns
    for pixel in next..<next &+ side &* side { body(pixel &* step &* pixelBytes) }
  }

  /// Fetches the points of the next tile.
  @inline(__always)
  private static func fetchNext(_ points: UnsafePointer<PixelLanes>, _ step: Int) {
    for point in 0..<n &* n { processor_fetch_to_read(points, (point &* step &+ 1) &* pixelBytes) }
  }

  // The callers' tiles say how large planes and points are; rows and columns outside of a plane are
  // skipped, so that all addresses lie within.

  static func fromFine(_ points: Floats, _ plane: UnsafePointer<Float>, _ tiles: WinogradTiles) {
    let (s, step) = (Filter.stride, tiles.finePixel)
    let plane = pixels(plane)
    let pointSteps = pointSteps(tiles)
    withTile { tile, half in
      var target = pixels(points)
      for tileRow in 0..<tiles.rows {
        for tileColumn in 0..<tiles.columns {
          forLinesBelow(
            tileRow, tileColumn, 4 &* s, tiles.fineColumns, step, firstRow: max(0, 0 &- tiles.top)
          ) {
            processor_fetch_to_read(plane, $0)
          }
          for phase in 0..<s &* s {
            let top = 4 &* s &* tileRow &+ phase / s &- tiles.top
            let left = 4 &* s &* tileColumn &+ phase % s &- tiles.left
            let place = target + phase &* tiles.phaseStride / channelBlock
            let (bottom, right) = (top &+ (n &- 1) &* s, left &+ (n &- 1) &* s)
            if top >= 0, left >= 0, bottom < tiles.fineRows, right < tiles.fineColumns {
              map(
                n, plane + (top &* tiles.fineColumns &+ left) &* step,
                (tiles.fineColumns &* s &* step, s &* step), n, place, pointSteps, half
              ) { Filter.window($0, $1, $2, $3) }
            } else {
              for row in 0..<n {
                let y = top &+ row &* s
                for column in 0..<n {
                  let x = left &+ column &* s
                  var value = PixelLanes(repeating: 0)
                  if y >= 0, y < tiles.fineRows, x >= 0, x < tiles.fineColumns {
                    value = plane[(y &* tiles.fineColumns &+ x) &* step]
                  }
                  tile[row &* n &+ column] = value
                }
              }
              map(n, tile, (n, 1), n, place, pointSteps, half) { Filter.window($0, $1, $2, $3) }
            }
          }
          target += 1
        }
      }
    }
  }

  static func fromCoarse(_ points: Floats, _ plane: UnsafePointer<Float>, _ tiles: WinogradTiles) {
    let step = tiles.coarsePixel
    let plane = pixels(plane)
    let pointSteps = pointSteps(tiles)
    withTile { tile, half in
      var target = pixels(points)
      for tileRow in 0..<tiles.rows {
        for tileColumn in 0..<tiles.columns {
          forLinesBelow(tileRow, tileColumn, 4, tiles.coarseColumns, step) {
            processor_fetch_to_read(plane, $0)
          }
          let (top, left) = (4 &* tileRow, 4 &* tileColumn)
          let (rows, columns) = (
            min(4, tiles.coarseRows &- top), min(4, tiles.coarseColumns &- left)
          )
          let corner = plane + (top &* tiles.coarseColumns &+ left) &* step
          if rows == 4, columns == 4 {
            map(4, corner, (tiles.coarseColumns &* step, step), n, target, pointSteps, half) {
              Filter.tile($0, $1, $2, $3)
            }
          } else {
            tile.update(repeating: PixelLanes(repeating: 0), count: 16)
            for row in 0..<rows {
              for column in 0..<columns {
                tile[row &* 4 &+ column] = corner[(row &* tiles.coarseColumns &+ column) &* step]
              }
            }
            map(4, tile, (4, 1), n, target, pointSteps, half) { Filter.tile($0, $1, $2, $3) }
          }
          target += 1
        }
      }
    }
  }

  static func toCoarse(
    _ plane: Floats, _ points: UnsafePointer<Float>, _ tiles: WinogradTiles,
    _ finish: WinogradFinish
  ) {
    let bias =
      finish.bias.map {
        UnsafeRawPointer($0).loadUnaligned(as: PixelLanes.self)
      } ?? PixelLanes(repeating: 0)
    let slope = PixelLanes(repeating: finish.slope)
    let step = tiles.coarsePixel
    let plane = pixels(plane)
    let pointSteps = pointSteps(tiles)
    withTile { tile, half in
      var source = pixels(points)
      for tileRow in 0..<tiles.rows {
        for tileColumn in 0..<tiles.columns {
          forLinesBelow(tileRow, tileColumn, 4, tiles.coarseColumns, step) {
            processor_fetch_to_write(plane, $0)
          }
          fetchNext(source, pointSteps.column)
          map(n, source, pointSteps, 4, tile, (4, 1), half) {
            Filter.tileTransposed($0, $1, $2, $3)
          }
          let (top, left) = (4 &* tileRow, 4 &* tileColumn)
          let corner = plane + (top &* tiles.coarseColumns &+ left) &* step
          for row in 0..<min(4, tiles.coarseRows &- top) {
            for column in 0..<min(4, tiles.coarseColumns &- left) {
              let place = (row &* tiles.coarseColumns &+ column) &* step
              var value = tile[row &* 4 &+ column] + bias
              if finish.adds { value += corner[place] }
              // A NaN is not above 0 and stays one.
              value.replace(with: value * slope, where: .!(value .> 0))
              corner[place] = value
            }
          }
          source += 1
        }
      }
    }
  }

  static func toFine(_ plane: Floats, _ points: UnsafePointer<Float>, _ tiles: WinogradTiles) {
    let (s, overlap, step) = (Filter.stride, n - 4, tiles.finePixel)
    let plane = pixels(plane)
    let pointSteps = pointSteps(tiles)
    withTile { tile, half in
      var source = pixels(points)
      for tileRow in 0..<tiles.rows {
        for tileColumn in 0..<tiles.columns {
          forLinesBelow(tileRow, tileColumn, 4 &* s, tiles.fineColumns, step) {
            processor_fetch_to_write(plane, $0)
          }
          for phase in 0..<s &* s {
            fetchNext(source + phase &* tiles.phaseStride / channelBlock, pointSteps.column)
            map(
              n, source + phase &* tiles.phaseStride / channelBlock, pointSteps, n, tile, (n, 1),
              half
            ) { Filter.windowTransposed($0, $1, $2, $3) }
            let top = 4 &* s &* tileRow &+ phase / s &- tiles.top
            let left = 4 &* s &* tileColumn &+ phase % s &- tiles.left
            for row in 0..<n {
              let y = top &+ row &* s
              guard y >= 0, y < tiles.fineRows else { continue }
              // The windows before this one, above and on the left, ended here.
              let isSharedRow = row < overlap && tileRow > 0
              for column in 0..<n {
                let x = left &+ column &* s
                guard x >= 0, x < tiles.fineColumns else { continue }
                let pixel = (y &* tiles.fineColumns &+ x) &* step
                let isShared = isSharedRow || (column < overlap && tileColumn > 0)
                let value = tile[row &* n &+ column]
                plane[pixel] = isShared ? value + plane[pixel] : value
              }
            }
          }
          source += 1
        }
      }
    }
  }
}
