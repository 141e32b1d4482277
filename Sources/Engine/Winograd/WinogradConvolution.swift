import Graphs
import LoopInterface
import Tensors

/// A convolution computed by Winograd's minimal filtering (A. Lavin, S. Gray: *Fast Algorithms for
/// Convolutional Neural Networks*. 2015, arXiv 1509.09308), with our own maps to and from points
/// and a matrix product by oneDNN for each point.
///
/// A 4 × 4 kernel of stride 2 is, over each of the four phases of its input (even and odd rows and
/// columns), a 2 × 2 kernel of stride 1; F(4 × 4, 2 × 2) takes 25 products for the 64 of each phase. The
/// phases become more input channels of one product. The gradients are the same maps transposed.
struct WinogradConvolution {
  let loops: WinogradLoops
  let images: Int
  /// Channels of the convolution's input and output.
  let channels: (fine: Int, coarse: Int)
  /// Images that are computed at once.
  let imagesInChunk: Int
  let threads: Int
  let multiplyAdds: Int
  let tiles: WinogradTiles
  let geometry = WindowGeometry(
    strides: [1, 1], dilation: [1, 1], paddingBefore: [0, 0], paddingAfter: [0, 0])

  /// The points of a chunk should stay in the last cache.
  private static let chunkBytes = 20 << 20
  /// With fewer tiles than this in a product, or much of them beyond the edge, nothing is gained.
  private static let fewestTiles = 32

  /// How many channels it takes for this way to be the fastest; nil for none. With bfloat16 oneDNN's
  /// direct products take half the time, ours are of floats still: what gains are the gradients over
  /// many channels, where images are small and direct products slow.
  private static func fewestChannels(
    _ wanted: ConvolutionShapes.Wanted, _ element: Element
  ) -> Int? {
    switch (element, wanted) {
    case (.float32, _): 32
    case (.bfloat16, .weightGradient): 128
    case (.bfloat16, .inputGradient): 256
    case (.bfloat16, .output): nil
    }
  }

  /// Nil where another way is better or the only one.
  init?(_ shapes: ConvolutionShapes, _ lowering: Lowering) {
    let (input, weight, output) = (shapes.input, shapes.weight, shapes.output)
    let loops = lowering.loops.winograd
    let (stride, side) = (loops.stride, loops.taps * loops.stride)
    guard lowering.options.optimizes,
      let fewest = Self.fewestChannels(shapes.wanted, lowering.imageElement),
      Processor.channelBlock == 16,
      weight.count == 4, weight[2] == side, weight[3] == side,
      shapes.geometry.strides == [stride, stride], shapes.geometry.dilation == [1, 1],
      weight[0] % 16 == 0, weight[1] % 16 == 0, min(weight[0], weight[1]) >= fewest
    else { return nil }
    let before = shapes.geometry.paddingBefore
    tiles = WinogradTiles(
      fineRows: input[2], fineColumns: input[3], coarseRows: output[2], coarseColumns: output[3],
      top: before[0], left: before[1], pointStride: 0, phaseStride: 0)
    self.loops = loops
    images = input[0]
    channels = (weight[1], weight[0])
    threads = lowering.threads
    multiplyAdds = shapes.multiplyAdds
    // Every pixel of the input must lie in some window.
    let reach = (stride * 4, stride * loops.points - 1)
    guard before.allSatisfy({ $0 >= 0 }), tiles.rows > 0, tiles.columns > 0,
      (tiles.rows - 1) * reach.0 + reach.1 - before[0] >= input[2] - 1,
      (tiles.columns - 1) * reach.0 + reach.1 - before[1] >= input[3] - 1,
      output[2] * output[3] * 2 > 16 * tiles.rows * tiles.columns,
      images * tiles.rows * tiles.columns >= Self.fewestTiles
    else { return nil }
    let tilesOfImage = tiles.rows * tiles.columns
    let points = loops.points * loops.points
    let floats = points * (loops.stride * loops.stride * channels.fine + channels.coarse)
    let most = max(1, Self.chunkBytes / (floats * tilesOfImage * 4))
    let chunks = (images + most - 1) / most
    imagesInChunk = (images + chunks - 1) / chunks
  }

  // MARK: - Sizes

  /// Taps along each side of the kernel.
  var side: Int { loops.taps * loops.stride }
  var points: Int { loops.points * loops.points }
  var phases: Int { loops.stride * loops.stride }
  var chunks: Int { (images + imagesInChunk - 1) / imagesInChunk }
  var tilesOfImage: Int { tiles.rows * tiles.columns }
  var tilesInChunk: Int { imagesInChunk * tilesOfImage }
  var fineBlocks: Int { channels.fine / 16 }
  var coarseBlocks: Int { channels.coarse / 16 }
  var finePlane: Int { tiles.fineRows * tiles.fineColumns * 16 }
  var coarsePlane: Int { tiles.coarseRows * tiles.coarseColumns * 16 }
  // Floats from one point to the next, a cache line more than there are: distances that are powers
  // of two would all fall into the same few places of a cache.
  var finePoint: Int { phases * channels.fine * tilesInChunk + 16 }
  var coarsePoint: Int { channels.coarse * tilesInChunk + 16 }
  var kernelPoint: Int { phases * channels.fine * channels.coarse + 16 }

  func images(of chunk: Int) -> Range<Int> {
    chunk * imagesInChunk..<min(images, (chunk + 1) * imagesInChunk)
  }

  func tiles(pointStride: Int) -> WinogradTiles {
    var tiles = tiles
    tiles.pointStride = pointStride
    tiles.phaseStride = channels.fine * tilesInChunk
    return tiles
  }

  // MARK: - Orders and products

  static let imageForm = Form(layout: .channelBlocked(16), element: .float32)

  /// Blocks of 16 input by 16 output channels.
  func kernelOrder() throws(EngineError) -> MemoryDescriptor {
    try MemoryDescriptor(
      kernelBlocks: [channels.coarse, channels.fine, side, side], .float32)
  }

  func pointsOrder(_ channels: Int) throws(EngineError) -> MemoryDescriptor {
    try MemoryDescriptor(channelBlock: 16, [1, channels, 1, tilesInChunk], .float32)
  }

  /// The product of all tiles' channels with a matrix, as a convolution of 1 × 1.
  func product(
    from source: Int, to destination: Int
  ) throws(EngineError) -> PrimitiveDescriptor {
    try PrimitiveDescriptor(
      convolution: geometry, algorithm: .direct, training: true,
      source: try pointsOrder(source),
      weights: try MemoryDescriptor(kernelBlocks: [destination, source, 1, 1], .float32), bias: nil,
      destination: try pointsOrder(destination))
  }

  /// A primitive for each point, bound to the point's memory.
  func bind(
    _ descriptor: borrowing PrimitiveDescriptor, scratch: UnsafeMutableRawPointer,
    _ arguments: [(Argument, MemoryDescriptor, UnsafeMutablePointer<Float>, pointStride: Int)]
  ) throws(EngineError) -> [Primitive] {
    var primitives: [Primitive] = []
    for point in 0..<points {
      let primitive = try Primitive(descriptor)
      for (argument, order, address, stride) in arguments {
        try primitive.bind(argument, order, UnsafeMutableRawPointer(address + point * stride))
      }
      if primitive.scratchpad.byteCount > 0 {
        try primitive.bind(.scratchpad, primitive.scratchpad, scratch)
      }
      primitives.append(primitive)
    }
    return primitives
  }

  // MARK: - Kernels

  /// Which product a kernel's points are for.
  enum Direction { case forwards, backwards }

  private struct KernelKey: Hashable {
    let weights: ValueID
    let direction: Direction
  }

  /// The points of the weights, made once for all convolutions with them.
  func kernelPoints(
    of weights: ValueID, _ direction: Direction, _ lowering: Lowering
  ) throws(EngineError) -> BufferID {
    let key = KernelKey(weights: weights, direction: direction)
    if let (known, _) = lowering.workspaces[key] { return known }
    let order = try kernelOrder()
    let kernels = try lowering.operand(weights, as: order)
    let result = lowering.newBuffer(points * kernelPoint * 4)
    lowering.workspaces[key] = (result, order)
    let (inner, outer) = (fineBlocks, coarseBlocks)
    let taps = side * side
    lowering.emit("WinogradKernels", reads: [kernels], writes: [result]) { addresses in
      let (source, target) = (addresses.floats(kernels), addresses.floats(result))
      return ParallelStep(threads: threads) { part, parts in
        for block in share(inner * outer, part: part, parts: parts) {
          let (o, i) = (block / inner, block % inner)
          let kernel = source + block * taps * 256
          switch direction {
          case .forwards:
            loops.fromKernels(
              target + (o * phases * inner + i) * 256, kernel, kernelPoint, inner * 256, false)
          case .backwards:
            loops.fromKernels(
              target + (i * outer + o) * 256, kernel, kernelPoint, inner * outer * 256, true)
          }
        }
      }
    }
    return result
  }

  /// The orders of the fine plane's points, of the coarse one's and of the kernels'.
  func orders(
    with kernels: MemoryDescriptor
  ) throws(EngineError) -> (MemoryDescriptor, MemoryDescriptor, MemoryDescriptor) {
    (try pointsOrder(phases * channels.fine), try pointsOrder(channels.coarse), kernels)
  }

  // MARK: - Forwards

  /// y = x ∗ w, with bias and residual added and then max(y, slope · y).
  func lower(
    _ name: String, x: ValueID, weights: ValueID, bias: ValueID?, residual: ValueID?,
    slope: Float, y: ValueID, _ lowering: Lowering
  ) throws(EngineError) {
    let input = try lowering.operand(x, in: Self.imageForm)
    let kernels = try kernelPoints(of: weights, .forwards, lowering)
    let biases = try bias.map { (bias) throws(EngineError) in try lowering.plain(bias) }
    let output = try lowering.defineSum(y, Self.imageForm, over: residual)
    let descriptor = try product(from: phases * channels.fine, to: channels.coarse)
    let compiled = try Primitive(descriptor)
    let (fine, coarse) = (finePoint * points, coarsePoint * points)
    let orders = try orders(with: descriptor.weights)
    lowering.emit(
      name, implementation: "winograd \(compiled.implementation)",
      multiplyAdds: multiplyAdds,
      reads: [input, kernels] + (biases.map { [$0] } ?? []) + (residual == nil ? [] : [output]),
      writes: residual == nil ? [output] : [],
      scratchBytes: (fine + coarse) * 4 + compiled.scratchpad.byteCount
    ) { (addresses) throws(EngineError) in
      let scratch = addresses.scratch.assumingMemoryBound(to: Float.self)
      let (source, target) = (addresses.floats(input), addresses.floats(output))
      let offsets = biases.map { UnsafePointer(addresses.floats($0)) }
      let products = try bind(
        try product(from: phases * channels.fine, to: channels.coarse),
        scratch: addresses.scratch + (fine + coarse) * 4,
        [
          (.source, orders.0, scratch, finePoint),
          (.weights, orders.2, addresses.floats(kernels), kernelPoint),
          (.destination, orders.1, scratch + fine, coarsePoint),
        ])
      return WinogradStep(
        chunks: chunks, threads: threads, products: products,
        before: { chunk, part, parts in
          fineToPoints(chunk, source, scratch, part, parts)
        },
        after: { chunk, part, parts in
          let tiles = tiles(pointStride: coarsePoint)
          forEachPlane(of: chunk, blocks: coarseBlocks, part, parts) { image, place, block in
            loops.toCoarse(
              target + (image * coarseBlocks + block) * coarsePlane,
              scratch + fine + (block * tilesInChunk + place * tilesOfImage) * 16, tiles,
              WinogradFinish(
                bias: offsets.map { $0 + block * 16 }, adds: residual != nil, slope: slope))
          }
        })
    }
  }
}
