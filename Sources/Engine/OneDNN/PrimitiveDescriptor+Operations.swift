import CDNNL

/// Where a window of a convolution or pooling stands: one number for height, one for width.
struct WindowGeometry: Hashable, Sendable {
  var strides: [Int]
  /// Distance of neighboring taps; 1 is a dense window.
  var dilation: [Int]
  var paddingBefore: [Int]
  var paddingAfter: [Int]

  fileprivate var strides64: [Int64] { strides.map(Int64.init) }
  /// oneDNN counts the holes, not the distance.
  fileprivate var holes64: [Int64] { dilation.map { Int64($0) - 1 } }
  fileprivate var before64: [Int64] { paddingBefore.map(Int64.init) }
  fileprivate var after64: [Int64] { paddingAfter.map(Int64.init) }
}

/// oneDNN's operations on descriptors; orders left as `any` are chosen by oneDNN.
extension PrimitiveDescriptor {
  /// y = x ∗ w (+ b)
  init(
    convolution geometry: WindowGeometry, training: Bool, source: MemoryDescriptor,
    weights: MemoryDescriptor, bias: MemoryDescriptor?, destination: MemoryDescriptor,
    postOperations: [PostOperation] = []
  ) throws(EngineError) {
    var (x, w, y) = (source.raw, weights.raw, destination.raw)
    var b = bias?.raw ?? dnnl_memory_desc_t()
    var operation = dnnl_convolution_desc_t()
    try check(
      dnnl_dilated_convolution_forward_desc_init(
        &operation, training ? dnnl_forward_training : dnnl_forward_inference,
        dnnl_convolution_direct, &x, &w, &b, &y, geometry.strides64, geometry.holes64,
        geometry.before64, geometry.after64), "convolution_forward")
    try self.init(&operation, "convolution_forward", postOperations: postOperations)
  }

  /// ∂L/∂x of a convolution; also the forward pass of a transposed convolution.
  init(
    convolutionInputGradient geometry: WindowGeometry, sourceGradient: MemoryDescriptor,
    weights: MemoryDescriptor, destinationGradient: MemoryDescriptor
  ) throws(EngineError) {
    var forward = try dnnl_convolution_desc_t(
      hintFor: geometry, sourceGradient, weights, nil, destinationGradient)
    let hint = try PrimitiveDescriptor(&forward, "convolution_forward")
    var (dx, w, dy) = (sourceGradient.raw, weights.raw, destinationGradient.raw)
    var operation = dnnl_convolution_desc_t()
    try check(
      dnnl_dilated_convolution_backward_data_desc_init(
        &operation, dnnl_convolution_direct, &dx, &w, &dy, geometry.strides64, geometry.holes64,
        geometry.before64, geometry.after64), "convolution_backward_data")
    try self.init(&operation, "convolution_backward_data", forward: hint.handle)
  }

  /// ∂L/∂w (and ∂L/∂b) of a convolution.
  init(
    convolutionWeightGradient geometry: WindowGeometry, source: MemoryDescriptor,
    weightsGradient: MemoryDescriptor, biasGradient: MemoryDescriptor?,
    destinationGradient: MemoryDescriptor
  ) throws(EngineError) {
    // The forward primitive's weights are of the images' element type, gradients stay float32.
    let weights = weightsGradient.with(source.element)
    var forward = try dnnl_convolution_desc_t(
      hintFor: geometry, source, weights, biasGradient, destinationGradient)
    let hint = try PrimitiveDescriptor(&forward, "convolution_forward")
    var (x, dw, dy) = (source.raw, weightsGradient.raw, destinationGradient.raw)
    var db = biasGradient?.raw ?? dnnl_memory_desc_t()
    var operation = dnnl_convolution_desc_t()
    try check(
      dnnl_dilated_convolution_backward_weights_desc_init(
        &operation, dnnl_convolution_direct, &x, &dw, &db, &dy, geometry.strides64,
        geometry.holes64, geometry.before64, geometry.after64), "convolution_backward_weights")
    try self.init(&operation, "convolution_backward_weights", forward: hint.handle)
  }

  /// Maximum or average over windows. Training keeps a workspace of where each maximum was.
  init(
    pooling kind: PoolingKind, _ geometry: WindowGeometry, window: [Int], training: Bool,
    source: MemoryDescriptor, destination: MemoryDescriptor
  ) throws(EngineError) {
    var (x, y) = (source.raw, destination.raw)
    var operation = dnnl_pooling_v2_desc_t()
    try check(
      dnnl_pooling_v2_forward_desc_init(
        &operation, training ? dnnl_forward_training : dnnl_forward_inference, kind.algorithm,
        &x, &y, geometry.strides64, window.map(Int64.init), geometry.holes64, geometry.before64,
        geometry.after64), "pooling_forward")
    try self.init(&operation, "pooling_forward")
  }

  /// ∂L/∂x of pooling.
  init(
    poolingGradient kind: PoolingKind, _ geometry: WindowGeometry, window: [Int],
    sourceGradient: MemoryDescriptor, destinationGradient: MemoryDescriptor,
    forward: borrowing PrimitiveDescriptor
  ) throws(EngineError) {
    var (dx, dy) = (sourceGradient.raw, destinationGradient.raw)
    var operation = dnnl_pooling_v2_desc_t()
    try check(
      dnnl_pooling_v2_backward_desc_init(
        &operation, kind.algorithm, &dx, &dy, geometry.strides64, window.map(Int64.init),
        geometry.holes64, geometry.before64, geometry.after64), "pooling_backward")
    try self.init(&operation, "pooling_backward", forward: forward.handle)
  }

  /// Batch normalization (Ioffe and Szegedy 2015) with scale and shift apart.
  ///
  /// - Parameters:
  ///   - training: statistics are taken from the batch and written, otherwise they are read.
  ///   - relu: max(0, y) afterwards, with a workspace for the way back when training.
  init(
    batchNormalization data: MemoryDescriptor, epsilon: Float, training: Bool, relu: Bool
  ) throws(EngineError) {
    var x = data.raw
    var operation = dnnl_batch_normalization_desc_t()
    try check(
      dnnl_batch_normalization_forward_desc_init(
        &operation, training ? dnnl_forward_training : dnnl_forward_inference, &x, epsilon,
        Self.normalizationFlags(training: training, relu: relu)), "batch_normalization_forward")
    try self.init(&operation, "batch_normalization_forward")
  }

  /// ∂L/∂x, ∂L/∂scale and ∂L/∂shift of batch normalization in training.
  init(
    batchNormalizationGradient data: MemoryDescriptor, epsilon: Float, relu: Bool,
    forward: borrowing PrimitiveDescriptor
  ) throws(EngineError) {
    var (x, dx) = (data.raw, data.raw)
    var operation = dnnl_batch_normalization_desc_t()
    try check(
      dnnl_batch_normalization_backward_desc_init(
        &operation, dnnl_backward, &dx, &x, epsilon,
        Self.normalizationFlags(training: true, relu: relu)), "batch_normalization_backward")
    try self.init(&operation, "batch_normalization_backward", forward: forward.handle)
  }

  private static func normalizationFlags(training: Bool, relu: Bool) -> UInt32 {
    var flags = dnnl_use_scale.rawValue | dnnl_use_shift.rawValue
    if !training { flags |= dnnl_use_global_stats.rawValue }
    if relu { flags |= dnnl_fuse_norm_relu.rawValue }
    return UInt32(flags)
  }

  /// y = x · w, over the last two axes, leading axes broadcast.
  init(
    matrixMultiply source: MemoryDescriptor, weights: MemoryDescriptor,
    destination: MemoryDescriptor
  ) throws(EngineError) {
    var (x, w, y) = (source.raw, weights.raw, destination.raw)
    var b = dnnl_memory_desc_t()
    var operation = dnnl_matmul_desc_t()
    try check(dnnl_matmul_desc_init(&operation, &x, &w, &b, &y), "matmul")
    try self.init(&operation, "matmul")
  }
}

enum PoolingKind: Hashable, Sendable {
  case maximum
  case average(countsPadding: Bool)

  fileprivate var algorithm: dnnl_alg_kind_t {
    switch self {
    case .maximum: dnnl_pooling_max
    case .average(true): dnnl_pooling_avg_include_padding
    case .average(false): dnnl_pooling_avg_exclude_padding
    }
  }
}

extension dnnl_convolution_desc_t {
  /// The forward convolution that a backward one belongs to.
  fileprivate init(
    hintFor geometry: WindowGeometry,
    _ source: MemoryDescriptor, _ weights: MemoryDescriptor, _ bias: MemoryDescriptor?,
    _ destination: MemoryDescriptor
  ) throws(EngineError) {
    self.init()
    var (x, w, y) = (source.raw, weights.raw, destination.raw)
    var b = bias?.raw ?? dnnl_memory_desc_t()
    try check(
      dnnl_dilated_convolution_forward_desc_init(
        &self, dnnl_forward_training, dnnl_convolution_direct, &x, &w, &b, &y, geometry.strides64,
        geometry.holes64, geometry.before64, geometry.after64), "convolution_forward")
  }
}
