import CDNNL

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
final class Primitive: Step {
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
