import CDNNL

/// Turns oneDNN's status into an error.
func check(_ status: dnnl_status_t, _ call: String) throws(EngineError) {
  guard status != dnnl_success else { return }
  if status == dnnl_unimplemented { throw .unsupported(call) }
  throw .library(call: call, status: String(cString: dnnl_status2str(status)))
}

/// oneDNN's processor and its queue, made when first needed (nothing happens at load time).
final class Processor: @unchecked Sendable {
  // oneDNN documents engines as safe to share between threads; the stream runs each call at once.
  let engine: dnnl_engine_t
  let stream: dnnl_stream_t

  private init(engine: dnnl_engine_t, stream: dnnl_stream_t) {
    self.engine = engine
    self.stream = stream
  }

  private static let result: Result<Processor, EngineError> = Result {
    () throws(EngineError) -> Processor in
    var engine: dnnl_engine_t?
    try check(dnnl_engine_create(&engine, dnnl_cpu, 0), "engine_create")
    var stream: dnnl_stream_t?
    let flags = UInt32(dnnl_stream_default_flags.rawValue)
    try check(dnnl_stream_create(&stream, engine, flags), "stream_create")
    guard let engine, let stream else {
      throw EngineError.library(call: "engine_create", status: "no engine")
    }
    return Processor(engine: engine, stream: stream)
  }

  static var shared: Processor {
    get throws(EngineError) { try result.get() }
  }

  /// Whether bfloat16 arithmetic is in the instruction set that oneDNN may use.
  static var supportsBFloat16: Bool {
    let bits = dnnl_get_effective_cpu_isa().rawValue
    return bits & dnnl_cpu_isa_avx512_core_bf16.rawValue == dnnl_cpu_isa_avx512_core_bf16.rawValue
  }

  /// How many channels oneDNN's blocked image order groups: 16 with AVX-512, 8 without.
  static var channelBlock: Int {
    let bits = dnnl_get_effective_cpu_isa().rawValue
    return bits & dnnl_cpu_isa_avx512_core.rawValue == dnnl_cpu_isa_avx512_core.rawValue ? 16 : 8
  }
}

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

/// An operation on given shapes for which oneDNN has chosen an implementation and orders.
struct PrimitiveDescriptor: ~Copyable {
  let handle: dnnl_primitive_desc_t?

  /// - Parameters:
  ///   - operation: one of oneDNN's operation descriptors.
  ///   - forward: the forward primitive that a backward one belongs to.
  init(
    _ operation: UnsafeRawPointer, _ name: String,
    postOperations: [PostOperation] = [], forward: dnnl_primitive_desc_t? = nil
  ) throws(EngineError) {
    let attributes = try PrimitiveAttributes.make(postOperations)
    var descriptor: dnnl_primitive_desc_t?
    let engine = try Processor.shared.engine
    try check(
      dnnl_primitive_desc_create(&descriptor, operation, attributes.handle, engine, forward),
      name)
    handle = descriptor
  }

  /// A copy from one order or element type to another.
  init(reorder source: MemoryDescriptor, to destination: MemoryDescriptor) throws(EngineError) {
    let attributes = try PrimitiveAttributes.make()
    let engine = try Processor.shared.engine
    var descriptor: dnnl_primitive_desc_t?
    var (from, into) = (source.raw, destination.raw)
    try check(
      dnnl_reorder_primitive_desc_create(
        &descriptor, &from, engine, &into, engine, attributes.handle), "reorder")
    handle = descriptor
  }

  deinit { dnnl_primitive_desc_destroy(handle) }

  /// The implementation's name, such as "jit:avx512_core".
  var implementation: String {
    var name: UnsafePointer<CChar>?
    dnnl_primitive_desc_query(handle, dnnl_query_impl_info_str, 0, &name)
    return name.map { String(cString: $0) } ?? "?"
  }

  var source: MemoryDescriptor { memory(dnnl_query_src_md) }
  var weights: MemoryDescriptor { memory(dnnl_query_weights_md) }
  var destination: MemoryDescriptor { memory(dnnl_query_dst_md) }
  var sourceGradient: MemoryDescriptor { memory(dnnl_query_diff_src_md) }
  var weightsGradient: MemoryDescriptor { memory(dnnl_query_diff_weights_md) }
  var destinationGradient: MemoryDescriptor { memory(dnnl_query_diff_dst_md) }
  var workspace: MemoryDescriptor { memory(dnnl_query_workspace_md) }
  var scratchpad: MemoryDescriptor { memory(dnnl_query_scratchpad_md) }

  private func memory(_ query: dnnl_query_t) -> MemoryDescriptor {
    guard let found = dnnl_primitive_desc_query_md(handle, query, 0) else {
      return MemoryDescriptor(dnnl_memory_desc_t())
    }
    // oneDNN keeps the description alive as long as the primitive descriptor; it is copied here.
    return MemoryDescriptor(found.pointee)
  }
}

/// What a tensor is to a primitive.
enum Argument: Int32 {
  case source = 1
  case destination = 17
  case weights = 33
  case bias = 41
  case mean = 49
  case variance = 50
  case scale = 51
  case shift = 52
  case workspace = 64
  case scratchpad = 80
  case sourceGradient = 129
  case destinationGradient = 145
  case weightsGradient = 161
  case biasGradient = 169
  case scaleGradient = 255
  case shiftGradient = 256
}

/// A compiled primitive and, once bound, the memory that it works on.
final class Primitive {
  let implementation: String
  let scratchpad: MemoryDescriptor
  private let handle: dnnl_primitive_t?
  private let stream: dnnl_stream_t
  private let engine: dnnl_engine_t
  private var arguments: [dnnl_exec_arg_t] = []

  init(_ descriptor: borrowing PrimitiveDescriptor) throws(EngineError) {
    let processor = try Processor.shared
    (engine, stream) = (processor.engine, processor.stream)
    implementation = descriptor.implementation
    scratchpad = descriptor.scratchpad
    var made: dnnl_primitive_t?
    try check(dnnl_primitive_create(&made, descriptor.handle), "primitive_create")
    handle = made
  }

  /// Adds an argument that stays at one address.
  func bind(
    _ argument: Argument, _ description: MemoryDescriptor, _ address: UnsafeMutableRawPointer
  ) throws(EngineError) {
    var raw = description.raw
    var memory: dnnl_memory_t?
    try check(dnnl_memory_create(&memory, &raw, engine, address), "memory_create")
    arguments.append(dnnl_exec_arg_t(arg: argument.rawValue, memory: memory))
  }

  deinit {
    for argument in arguments { dnnl_memory_destroy(argument.memory) }
    dnnl_primitive_destroy(handle)
  }

  func run() throws(EngineError) {
    try check(dnnl_primitive_execute(handle, stream, Int32(arguments.count), arguments), "execute")
  }
}
