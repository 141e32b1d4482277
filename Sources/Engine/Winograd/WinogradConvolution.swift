import Graphs
import LoopInterface
import Tensors

/// A convolution computed by Winograd's minimal filtering (A. Lavin, S. Gray: *Fast Algorithms for
/// Convolutional Neural Networks*. 2015, arXiv 1509.09308), with our own maps to and from points
/// and a matrix product by oneDNN for each point.
///
/// F(4 × 4, 3 × 3) takes 36 products for the 144 of 16 outputs of a 3 × 3 kernel. A 4 × 4 kernel of stride
/// 2 is, over each of the four phases of its input (even and odd rows and columns), a 2 × 2 kernel of
/// stride 1; F(4 × 4, 2 × 2) takes 25 products for the 64 of each phase. The phases become more input
/// channels of one product. A 3 × 3 kernel of stride 2 is one of 4 × 4 with taps that are zero. The
/// gradients are the same maps transposed.
struct WinogradConvolution {
  let loops: WinogradLoops
  /// Taps along each side of the kernel.
  let side: Int
  let images: Int
  /// Channels of the convolution's input and output.
  let channels: (fine: Int, coarse: Int)
  /// Images that are computed at once.
  let imagesInChunk: Int
  /// Rows of tiles of each of them: all, or fewer of one image that is too large.
  let rowsInChunk: Int
  let threads: Int
  /// Each with chunks of its own: one of all threads, or each thread.
  let teams: Int
  let multiplyAdds: Int
  let tiles: WinogradTiles
  /// How images lie: in blocks of channels, or with all channels of a pixel together.
  private(set) var imageLayout: Layout

  /// The points of a chunk should stay in the caches.
  private static let chunkBytes = 4 << 20
  /// With fewer tiles than this in a product, or much of them beyond the edge, nothing is gained: kernels are
  /// larger as points, and direct products with AVX-512 can be twice as fast.
  private static func fewestTiles(_ channelBlock: Int) -> Int { channelBlock == 16 ? 32 : 16 }

  /// How many channels it takes for this way to be the fastest; nil for none. With bfloat16 oneDNN's
  /// direct products take half the time, ours are of floats still: what gains are the gradients over
  /// many channels, where images are small and direct products slow; with AMX only where there are strides.
  private static func fewestChannels(
    _ wanted: ConvolutionShapes.Wanted, _ element: Element, stride: Int
  ) -> Int? {
    switch (element, wanted) {
    case (.float32, _): 16
    case (.bfloat16, _) where stride == 1 && Processor.supportsMatrixTiles: nil
    case (.bfloat16, .weightGradient): 128
    case (.bfloat16, .inputGradient): 256
    case (.bfloat16, .output): nil
    }
  }

  /// Nil where another way is better or the only one.
  init?(_ shapes: ConvolutionShapes, _ lowering: Lowering) {
    let (input, weight, output) = (shapes.input, shapes.weight, shapes.output)
    let stride = shapes.geometry.strides[0]
    guard lowering.options.optimizes, weight.count == 4, weight[2] == weight[3],
      let loops = [lowering.loops.winograd42, lowering.loops.winograd43].first(where: {
        $0.stride == stride && $0.taps == (weight[2] + stride - 1) / stride
      }),
      let fewest = Self.fewestChannels(shapes.wanted, lowering.imageElement, stride: stride),
      // oneDNN's direct convolutions for inference are faster than ours with taps of zero.
      weight[2] % stride == 0 || lowering.trains,
      shapes.geometry.strides == [stride, stride], shapes.geometry.dilation == [1, 1],
      loops.channelBlock == Processor.channelBlock,
      weight[0] % loops.channelBlock == 0, weight[1] % loops.channelBlock == 0,
      min(weight[0], weight[1]) >= fewest
    else { return nil }
    let before = shapes.geometry.paddingBefore
    tiles = WinogradTiles(
      fineRows: input[2], fineColumns: input[3], coarseRows: output[2], coarseColumns: output[3],
      top: before[0], left: before[1], pointStride: 0, phaseStride: 0)
    self.loops = loops
    imageLayout = .channelBlocked(loops.channelBlock)
    side = weight[2]
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
      images * tiles.rows * tiles.columns >= Self.fewestTiles(loops.channelBlock)
    else { return nil }
    let fineChannels = stride * stride * channels.fine
    let pointBytes = loops.points * loops.points * 4
    let imageBytes = pointBytes * (fineChannels + channels.coarse) * tiles.rows * tiles.columns
    let kernelBytes = pointBytes * fineChannels * channels.coarse
    // The points of kernels are read anew for each chunk. Many of them are best read by all at once.
    let chunkBytes = max(Self.chunkBytes, 2 * kernelBytes)
    let most = max(1, chunkBytes / imageBytes)
    let isSmall = kernelBytes <= Self.chunkBytes && images >= 2 * threads * most
    teams = isSmall ? threads : 1
    let chunks = ((images + most - 1) / most + teams - 1) / teams * teams
    imagesInChunk = (images + chunks - 1) / chunks
    // The gradients' windows overlap: theirs are images as a whole.
    let strips =
      shapes.wanted == .output ? min((imageBytes + chunkBytes - 1) / chunkBytes, tiles.rows) : 1
    rowsInChunk = (tiles.rows + strips - 1) / strips
  }
}

// MARK: - Sizes

extension WinogradConvolution {
  /// Channels in a block.
  var channelBlock: Int { loops.channelBlock }
  /// Pairs of channels of a block with a block.
  var blockPairs: Int { channelBlock * channelBlock }
  var points: Int { loops.points * loops.points }
  var phases: Int { loops.stride * loops.stride }
  /// Threads that compute a product together: one, unless too many of the team would have none at the end.
  var productThreads: Int {
    let team = threads / teams
    let rounds = (points + team - 1) / team
    return 4 * points >= 3 * rounds * team ? 1 : team
  }
  /// Chunks of an image, or of images that are computed at once.
  private var strips: Int { (tiles.rows + rowsInChunk - 1) / rowsInChunk }
  var chunks: Int { (images + imagesInChunk - 1) / imagesInChunk * strips }
  /// Tiles of an image in a chunk.
  var tilesOfImage: Int { rowsInChunk * tiles.columns }
  var tilesInChunk: Int { imagesInChunk * tilesOfImage }
  var fineBlocks: Int { channels.fine / channelBlock }
  var coarseBlocks: Int { channels.coarse / channelBlock }
  // Floats from one point to the next, a cache line more than there are: distances that are powers
  // of two would all fall into the same few places of a cache.
  var finePoint: Int { phases * channels.fine * tilesInChunk + 16 }
  var coarsePoint: Int { channels.coarse * tilesInChunk + 16 }
  var kernelPoint: Int { phases * channels.fine * channels.coarse + 16 }

  /// Where a block of channels of an image begins, in floats.
  func finePlane(_ image: Int, _ block: Int) -> Int {
    plane(image, block, of: fineBlocks, pixels: tiles.fineRows * tiles.fineColumns)
  }

  /// The same of the rows in a chunk.
  func coarsePlane(_ image: Int, _ block: Int, in chunk: WinogradChunk) -> Int {
    let pixels = 4 * rows(of: chunk).lowerBound * tiles.coarseColumns
    return plane(image, block, of: coarseBlocks, pixels: tiles.coarseRows * tiles.coarseColumns)
      + pixels * (areChannelsLast ? coarseBlocks : 1) * channelBlock
  }

  private func plane(_ image: Int, _ block: Int, of blocks: Int, pixels: Int) -> Int {
    (image * blocks * pixels + block * (areChannelsLast ? 1 : pixels)) * channelBlock
  }

  private var areChannelsLast: Bool { imageLayout == .channelsLast }

  func images(of chunk: WinogradChunk) -> Range<Int> {
    let first = chunk.index / strips * imagesInChunk
    return first..<min(images, first + imagesInChunk)
  }

  /// Rows of tiles.
  func rows(of chunk: WinogradChunk) -> Range<Int> {
    let first = chunk.index % strips * rowsInChunk
    return first..<min(tiles.rows, first + rowsInChunk)
  }

  func tiles(of chunk: WinogradChunk, pointStride: Int) -> WinogradTiles {
    var tiles = tiles
    let rows = rows(of: chunk)
    tiles.top -= 4 * loops.stride * rows.lowerBound
    tiles.coarseRows = min(tiles.coarseRows, 4 * rows.upperBound) - 4 * rows.lowerBound
    tiles.pointStride = pointStride
    tiles.phaseStride = channels.fine * tilesInChunk
    if areChannelsLast { (tiles.finePixel, tiles.coarsePixel) = (fineBlocks, coarseBlocks) }
    return tiles
  }

  // MARK: - Orders and products

  var imageForm: Form { Form(layout: imageLayout, element: .float32) }

  /// The same with images in the order of a given value: in inference oneDNN's convolutions may have
  /// left all channels of a pixel together.
  func taking(_ value: ValueID, _ lowering: Lowering) throws(EngineError) -> WinogradConvolution {
    var taking = self
    if !lowering.trains, try lowering.form(of: value).layout == .channelsLast {
      taking.imageLayout = .channelsLast
    }
    return taking
  }

  /// Blocks of input by blocks of output channels.
  func kernelOrder() throws(EngineError) -> MemoryDescriptor {
    try MemoryDescriptor(
      kernelBlock: channelBlock, [channels.coarse, channels.fine, side, side], .float32)
  }

  func pointsOrder(_ channels: Int) throws(EngineError) -> MemoryDescriptor {
    try MemoryDescriptor(channelBlock: channelBlock, [1, channels, 1, tilesInChunk], .float32)
  }

  private func kernelPointsOrder(
    _ outputs: Int, _ inputs: Int
  ) throws(EngineError) -> MemoryDescriptor {
    try MemoryDescriptor(kernelBlock: channelBlock, [outputs, inputs, 1, 1], .float32)
  }

  private static let pixelwise = WindowGeometry(
    strides: [1, 1], dilation: [1, 1], paddingBefore: [0, 0], paddingAfter: [0, 0])

  /// The product of all tiles' channels with a matrix, as a convolution of 1 × 1.
  func product(
    from source: Int, to destination: Int
  ) throws(EngineError) -> PrimitiveDescriptor {
    try PrimitiveDescriptor(
      convolution: Self.pixelwise, training: true, source: try pointsOrder(source),
      weights: try kernelPointsOrder(destination, source), bias: nil,
      destination: try pointsOrder(destination))
  }

  /// The products of the input's and the gradient's points, summed over tiles.
  func kernelProduct() throws(EngineError) -> PrimitiveDescriptor {
    let fine = phases * channels.fine
    return try PrimitiveDescriptor(
      convolutionWeightGradient: Self.pixelwise, source: try pointsOrder(fine),
      weightsGradient: try kernelPointsOrder(channels.coarse, fine),
      biasGradient: nil, destinationGradient: try pointsOrder(channels.coarse))
  }
}
