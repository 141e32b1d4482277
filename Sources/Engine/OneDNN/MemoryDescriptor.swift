import CDNNL

/// How many bits a number has in memory.
enum Element: Hashable, Sendable {
  case float32, bfloat16

  var size: Int { self == .float32 ? 4 : 2 }

  var dataType: dnnl_data_type_t { self == .float32 ? dnnl_f32 : dnnl_bf16 }
}

/// oneDNN's description of a tensor in memory: dimensions, element type and order.
struct MemoryDescriptor: @unchecked Sendable {
  // A plain C struct without pointers, so sharing copies of it is safe.
  var raw: dnnl_memory_desc_t

  init(_ raw: dnnl_memory_desc_t) { self.raw = raw }

  /// Row-major.
  init(plain dimensions: [Int], _ element: Element) throws(EngineError) {
    var strides = [Int](repeating: 1, count: dimensions.count)
    for axis in (0..<max(0, dimensions.count - 1)).reversed() {
      strides[axis] = strides[axis + 1] &* max(1, dimensions[axis + 1])
    }
    try self.init(dimensions, strides: strides, element)
  }

  /// Any order that strides can express.
  init(_ dimensions: [Int], strides: [Int], _ element: Element) throws(EngineError) {
    raw = dnnl_memory_desc_t()
    let status = dnnl_memory_desc_init_by_strides(
      &raw, Int32(dimensions.count), dimensions.map(Int64.init), element.dataType,
      strides.map(Int64.init))
    try check(status, "memory_desc_init_by_strides")
  }

  /// The order is left for the primitive to choose.
  init(any dimensions: [Int], _ element: Element) throws(EngineError) {
    try self.init(dimensions, tag: dnnl_format_tag_any, element)
  }

  /// Images of N × C × H × W with the channels in blocks of 4, 8 or 16 and a block innermost.
  init(channelBlock: Int, _ dimensions: [Int], _ element: Element) throws(EngineError) {
    let tag =
      switch channelBlock {
      case 16: dnnl_nChw16c
      case 8: dnnl_nChw8c
      default: dnnl_nChw4c
      }
    try self.init(dimensions, tag: tag, element)
  }

  /// Kernels of O × I × h × w in blocks of 8 × 8 or 16 × 16 channels, the output channels innermost.
  init(kernelBlock: Int, _ dimensions: [Int], _ element: Element) throws(EngineError) {
    let tag = kernelBlock == 16 ? dnnl_OIhw16i16o : dnnl_OIhw8i8o
    try self.init(dimensions, tag: tag, element)
  }

  private init(_ dimensions: [Int], tag: dnnl_format_tag_t, _ element: Element)
    throws(EngineError)
  {
    raw = dnnl_memory_desc_t()
    let status = dnnl_memory_desc_init_by_tag(
      &raw, Int32(dimensions.count), dimensions.map(Int64.init), element.dataType, tag)
    try check(status, "memory_desc_init_by_tag")
  }

  var dimensions: [Int] {
    let count = Int(raw.ndims)
    return withUnsafeBytes(of: raw.dims) { bytes in
      bytes.bindMemory(to: Int64.self).prefix(count).map { Int($0) }
    }
  }

  /// Whether some elements in memory are padding, kept at zero.
  var hasPadding: Bool {
    byteCount != dimensions.reduce(1, *) * element.size
  }

  var byteCount: Int {
    var copy = raw
    return dnnl_memory_desc_get_size(&copy)
  }

  /// The same order with another element type (meaningful for blocked orders alone).
  func with(_ element: Element) -> MemoryDescriptor {
    var copy = self
    copy.raw.data_type = element.dataType
    return copy
  }

  var element: Element { raw.data_type == dnnl_bf16 ? .bfloat16 : .float32 }

  /// Calls `body` with the place in memory, in elements, of each element in row-major order.
  ///
  /// - Precondition: the order is blocked.
  func forEachPlace(_ body: (_ index: Int, _ place: Int) -> Void) {
    let (extents, blocks) = (dimensions, raw.format_desc.blocking)
    // Of the C arrays only the axes and blocks that there are.
    func numbers<Source>(_ source: Source, _ count: Int) -> [Int] {
      withUnsafeBytes(of: source) { $0.bindMemory(to: Int64.self).prefix(count).map { Int($0) } }
    }
    let (strides, first) = (
      numbers(blocks.strides, extents.count), numbers(raw.padded_offsets, extents.count)
    )
    let count = Int(blocks.inner_nblks)
    let (sizes, axes) = (numbers(blocks.inner_blks, count), numbers(blocks.inner_idxs, count))
    var position = [Int](repeating: 0, count: extents.count)
    for index in 0..<extents.reduce(1, *) {
      var rest = zip(position, first).map(+)
      var (place, run) = (Int(raw.offset0), 1)
      for block in (0..<count).reversed() {
        let axis = axes[block]
        place += rest[axis] % sizes[block] * run
        rest[axis] /= sizes[block]
        run *= sizes[block]
      }
      body(index, zip(rest, strides).reduce(place) { $0 + $1.0 * $1.1 })
      for axis in extents.indices.reversed() {
        position[axis] += 1
        if position[axis] < extents[axis] { break }
        position[axis] = 0
      }
    }
  }

  /// Whether the order is plain blocks without the extra data that some int8 and Winograd
  /// weights carry.
  var isBlocked: Bool { raw.format_kind == dnnl_blocked && raw.extra.flags == 0 }
}

extension MemoryDescriptor: Equatable {
  static func == (left: MemoryDescriptor, right: MemoryDescriptor) -> Bool {
    var (a, b) = (left.raw, right.raw)
    return dnnl_memory_desc_equal(&a, &b) != 0
  }
}
