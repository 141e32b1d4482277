import Tensors

/// The order of a tensor's elements in memory.
enum Layout: Equatable {
  /// Row-major.
  case plain
  /// Images of N × C × H × W as N × C/b × H × W × b, the last block padded with zeros: a vector
  /// register holds b channels of one pixel.
  case channelBlocked(Int)
  /// Images as N × H × W × C.
  case channelsLast
  /// An order that oneDNN chose, for weights.
  case foreign(MemoryDescriptor)
}

/// The order and number format of a tensor in memory.
struct Form: Equatable {
  var layout: Layout
  var element: Element

  static let plain = Form(layout: .plain, element: .float32)

  /// oneDNN's description of a tensor in this form.
  func descriptor(_ shape: Shape) throws(EngineError) -> MemoryDescriptor {
    switch layout {
    case .plain:
      try MemoryDescriptor(plain: shape.rank == 0 ? [1] : shape.dimensions, element)
    case .channelBlocked(let block):
      try MemoryDescriptor(channelBlock: block, shape.dimensions, element)
    case .channelsLast:
      try MemoryDescriptor(
        shape.dimensions,
        strides: [shape[1] * shape[2] * shape[3], 1, shape[3] * shape[1], shape[1]], element)
    case .foreign(let descriptor): descriptor
    }
  }

  /// oneDNN's description with as many axes as another form's: weights in groups have one more.
  func descriptor(_ shape: Shape, alongside other: Form) throws(EngineError) -> MemoryDescriptor {
    if layout == .plain, case .foreign(let descriptor) = other.layout {
      return try MemoryDescriptor(plain: descriptor.dimensions, element)
    }
    return try descriptor(shape)
  }

  /// The form that a descriptor of oneDNN's stands for.
  init(_ descriptor: MemoryDescriptor, shape: Shape) throws(EngineError) {
    element = descriptor.element
    let plain = try MemoryDescriptor(
      plain: descriptor.dimensions, element)
    if descriptor == plain {
      layout = .plain
      return
    }
    if shape.rank == 4 {
      for known: Layout in [
        .channelBlocked(16), .channelBlocked(8), .channelBlocked(4), .channelsLast,
      ] {
        if try descriptor == Form(layout: known, element: element).descriptor(shape) {
          layout = known
          return
        }
      }
    }
    layout = .foreign(descriptor)
  }

  init(layout: Layout, element: Element) {
    self.layout = layout
    self.element = element
  }

  func byteCount(_ shape: Shape) throws(EngineError) -> Int {
    try descriptor(shape).byteCount
  }
}
