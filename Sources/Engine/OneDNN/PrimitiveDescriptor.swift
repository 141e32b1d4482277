import CDNNL
import Synchronization

/// Held while oneDNN chooses an implementation. It is documented as safe to do so on several threads at
/// once; in version 2.6 a convolution (`brgconv`) chosen while another thread chose one now and then
/// computes wrong numbers, each time it is run, and all later ones that share it from the cache.
private let choosing = Mutex<Void>(())

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
    let status = choosing.withLock { _ in
      dnnl_primitive_desc_create(&descriptor, operation, attributes.handle, engine, forward)
    }
    try check(status, name)
    handle = descriptor
  }

  /// A copy from one order or element type to another.
  init(reorder source: MemoryDescriptor, to destination: MemoryDescriptor) throws(EngineError) {
    let attributes = try PrimitiveAttributes.make()
    let engine = try Processor.shared.engine
    var descriptor: dnnl_primitive_desc_t?
    var (from, into) = (source.raw, destination.raw)
    let status = choosing.withLock { _ in
      dnnl_reorder_primitive_desc_create(
        &descriptor, &from, engine, &into, engine, attributes.handle)
    }
    try check(status, "reorder")
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
