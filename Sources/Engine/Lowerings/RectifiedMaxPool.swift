import Graphs
import LoopInterface
import Tensors

/// Max pooling of max(0, x) by our own loops, for windows side by side: y is the largest of the window
/// and 0.
///
/// Input: x [N, C, H, W]. Output: y [N, C, H', W'].
struct RectifiedMaxPool: Lowerable {
  /// Ties the pool to its gradient, which needs to know where the maxima were.
  struct Key: Hashable {
    let pool: MaxPool
    let input: ValueID
  }

  let pool: MaxPool

  var name: String { "relu+MaxPool" }

  /// Whether the loops can do it: windows that do not overlap and lie within the image, whose elements
  /// a byte can number.
  static func isPossible(for pool: MaxPool) -> Bool {
    pool.strides == pool.window && pool.padding == 0 && pool.dilation == 1
      && pool.window.height * pool.window.width < Int(PoolRow.nowhere)
  }

  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let (x, y) = (instruction.inputs[0], instruction.outputs[0])
    let images = PooledImages(pool, try lowering.form(of: x).layout, lowering.shape(x))
    let form = images.form
    let input = try lowering.operand(x, in: form)
    let output = try lowering.define(y, form)
    let descriptor = try MemoryDescriptor(plain: [images.rows * images.placesSize], .float32)
    let places = lowering.newBuffer(descriptor.byteCount)
    lowering.workspaces[Key(pool: pool, input: x)] = (places, descriptor)
    let (threads, maximum) = (lowering.threads, lowering.loops.pool.maximum)
    lowering.emit(name, reads: [input], writes: [output, places]) { addresses in
      let (source, target) = (addresses.floats(input), addresses.floats(output))
      let words = addresses[places].assumingMemoryBound(to: UInt32.self)
      return ParallelStep(threads: threads) { part, parts in
        // Each row of windows lies within its plane, and so do its results.
        for row in share(images.rows, part: part, parts: parts) {
          maximum(
            target + row * images.rowSize, words + row * images.placesSize,
            source + images.start(row), images.row)
        }
      }
    }
  }
}

/// The gradient of ``RectifiedMaxPool``: each dy where its window's largest element lies, if that is
/// positive.
///
/// Inputs: x [N, C, H, W], of which only the shape counts, and dy [N, C, H', W']. Output: dx.
struct RectifiedMaxPoolGradient: Lowerable {
  let pool: MaxPool

  var name: String { "relu+MaxPoolGradient" }

  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let (x, dy, dx) = (instruction.inputs[0], instruction.inputs[1], instruction.outputs[0])
    let images = PooledImages(pool, try lowering.form(of: x).layout, lowering.shape(x))
    guard let (places, _) = lowering.workspaces[RectifiedMaxPool.Key(pool: pool, input: x)] else {
      throw .mismatch("a pool's gradient comes before the pool")
    }
    let gradient = try lowering.operand(dy, in: images.form)
    let result = try lowering.define(dx, images.form)
    let (threads, spread) = (lowering.threads, lowering.loops.pool.spread)
    lowering.emit(name, reads: [gradient, places], writes: [result]) { addresses in
      let (upstream, target) = (addresses.floats(gradient), addresses.floats(result))
      let words = addresses[places].assumingMemoryBound(to: UInt32.self)
      return ParallelStep(threads: threads) { part, parts in
        // Each row of windows lies within its plane; the rest of the plane is cleared beside it.
        for row in share(images.rows, part: part, parts: parts) {
          let pixels = target + images.start(row)
          spread(
            pixels, upstream + row * images.rowSize, words + row * images.placesSize, images.row)
          images.clearRest(of: row, pixels)
        }
      }
    }
  }
}

/// Images in memory as planes that a pool cuts into rows of windows.
private struct PooledImages {
  let form: Form
  /// Rows of windows, of all planes.
  let rows: Int
  let row: PoolRow
  private let planeSize: Int
  private let rowsInPlane: Int
  /// Rows of pixels below the last row of windows.
  private let rowsBelow: Int

  init(_ pool: MaxPool, _ layout: Layout, _ shape: Shape) {
    let images = SpatialView(layout, shape)
    form = Form(layout: images.layout, element: .float32)
    planeSize = images.size
    rowsInPlane = images.height / pool.window.height
    rowsBelow = images.height % pool.window.height
    rows = images.count * rowsInPlane
    row = PoolRow(
      height: pool.window.height, width: pool.window.width,
      count: images.width / pool.window.width, rowStride: images.width * images.lanes,
      lanes: images.lanes)
  }

  /// Results of a row of windows.
  var rowSize: Int { row.count * row.lanes }

  /// Words of a row's places.
  var placesSize: Int { row.placeGroups * row.lanes }

  /// Where a row of windows begins in the images.
  func start(_ index: Int) -> Int {
    index / rowsInPlane * planeSize + index % rowsInPlane * row.height * row.rowStride
  }

  /// Sets to 0 what lies right of a row of windows and, for a plane's last, below it.
  func clearRest(of index: Int, _ pixels: UnsafeMutablePointer<Float>) {
    if row.span < row.rowStride {
      for y in 0..<row.height {
        (pixels + y * row.rowStride + row.span).update(
          repeating: 0, count: row.rowStride - row.span)
      }
    }
    if rowsBelow > 0, index % rowsInPlane == rowsInPlane - 1 {
      (pixels + row.height * row.rowStride).update(
        repeating: 0, count: rowsBelow * row.rowStride)
    }
  }
}
