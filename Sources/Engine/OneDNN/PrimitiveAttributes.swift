import CDNNL

/// What a primitive does after its own work, before the result is written.
enum PostOperation: Hashable, Sendable {
  /// max(x, slope · x)
  case relu(slope: Float)
  /// Limited to minimum…maximum.
  case clip(minimum: Float, maximum: Float)
  /// Adds what the destination already holds.
  case sum
}

/// Options of a primitive: fused operations, and the scratch memory kept in our arena.
struct PrimitiveAttributes: ~Copyable {
  let handle: dnnl_primitive_attr_t?

  private init(handle: dnnl_primitive_attr_t?) { self.handle = handle }

  static func make(
    _ postOperations: [PostOperation] = []
  ) throws(EngineError) -> PrimitiveAttributes {
    var handle: dnnl_primitive_attr_t?
    try check(dnnl_primitive_attr_create(&handle), "primitive_attr_create")
    let attributes = PrimitiveAttributes(handle: handle)
    try check(
      dnnl_primitive_attr_set_scratchpad_mode(handle, dnnl_scratchpad_mode_user),
      "primitive_attr_set_scratchpad_mode")
    guard !postOperations.isEmpty else { return attributes }
    var list: dnnl_post_ops_t?
    try check(dnnl_post_ops_create(&list), "post_ops_create")
    defer { dnnl_post_ops_destroy(list) }
    for operation in postOperations {
      switch operation {
      case .relu(let slope):
        try check(
          dnnl_post_ops_append_eltwise(list, 1, dnnl_eltwise_relu, slope, 0),
          "post_ops_append_eltwise")
      case .clip(let minimum, let maximum):
        try check(
          dnnl_post_ops_append_eltwise(list, 1, dnnl_eltwise_clip, minimum, maximum),
          "post_ops_append_eltwise")
      case .sum: try check(dnnl_post_ops_append_sum(list, 1), "post_ops_append_sum")
      }
    }
    try check(dnnl_primitive_attr_set_post_ops(handle, list), "primitive_attr_set_post_ops")
    return attributes
  }

  deinit { dnnl_primitive_attr_destroy(handle) }
}
