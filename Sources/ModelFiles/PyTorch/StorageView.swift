import Tensors

/// Where the storages' bytes lie.
struct StorageTable {
  enum Place: Sendable {
    /// Bytes of the file.
    case plain(Range<Int>)
    /// A deflated file of the archive.
    case packed(ZipArchive.Entry)

    var byteCount: Int {
      switch self {
      case .plain(let range): range.count
      case .packed(let entry): entry.count
      }
    }
  }

  private let places: [String: Place]

  init(_ places: [String: Place]) { self.places = places }

  /// A tensor's elements, which lie within its storage.
  func view(of tensor: PickledTensor, name: String) throws(ModelFileError) -> StorageView {
    let storage = tensor.storage
    guard let place = places[storage.key] else {
      throw .truncated("the numbers of \"\(name)\" (storage \(storage.key)) are missing")
    }
    let outside = ModelFileError.corrupt(
      "\"\(name)\" reaches beyond its storage", format: PyTorchFile.format)
    let shape = Shape(tensor.extents)
    // `count` is the largest Int where the product is larger.
    guard shape.count < .max else { throw outside }
    let (first, overflow) = tensor.offset.addingReportingOverflow(storage.start)
    guard !overflow else { throw outside }
    // The elements from the first to behind the last; each number stays below the storage's count.
    let available = place.byteCount / tensor.type.byteCount
    var span = 1
    if shape.count == 0 {
      span = 0
    } else {
      for (extent, stride) in zip(tensor.extents, tensor.strides) {
        let (step, overflow) = (extent - 1).multipliedReportingOverflow(by: stride)
        guard !overflow, step <= available - span else { throw outside }
        span += step
      }
    }
    guard first <= available, span <= available - first else { throw outside }
    // What is said of an axis of one element was not looked at: nobody steps along it.
    let strides = zip(tensor.extents, tensor.strides).map { $0 > 1 ? $1 : 0 }
    return StorageView(
      place: place, type: tensor.type, shape: shape, strides: strides,
      elements: first..<first + span)
  }
}

/// A tensor's elements in a storage.
struct StorageView: Sendable {
  let place: StorageTable.Place
  let type: ElementType
  let shape: Shape
  let strides: [Int]
  /// From the first element to behind the last, of the whole storage.
  let elements: Range<Int>

  var count: Int { shape.count }

  /// Reads the elements in row-major order.
  func tensor(in file: UnsafeRawBufferPointer) throws(ModelFileError) -> Tensor {
    let range = elements.lowerBound * type.byteCount..<elements.upperBound * type.byteCount
    switch place {
    case .plain(let bytes):
      let start = bytes.lowerBound
      // Within the file: storage and view were checked when it was opened.
      return tensor(
        of: UnsafeRawBufferPointer(
          rebasing: file[start + range.lowerBound..<start + range.upperBound]))
    case .packed(let entry):
      return try ZipArchive.unpack(entry, of: file).withUnsafeBytes { bytes in
        tensor(of: UnsafeRawBufferPointer(rebasing: bytes[range]))
      }
    }
  }

  private func tensor(of bytes: UnsafeRawBufferPointer) -> Tensor {
    guard !isRowMajor else {
      return Tensor(shape) { type.read(bytes, into: $0) }
    }
    let stored = Tensor([elements.count]) { type.read(bytes, into: $0) }
    return Tensor(shape) { floats in
      stored.withUnsafeBufferPointer { stored in
        var position = Array(repeating: 0, count: shape.rank)
        var place = 0
        for index in floats.indices {
          floats[index] = stored[place]
          // On to the next element: the last axis first, as on a milometer.
          var axis = shape.rank - 1
          while axis >= 0 {
            position[axis] += 1
            place += strides[axis]
            if position[axis] < shape[axis] { break }
            place -= position[axis] * strides[axis]
            position[axis] = 0
            axis -= 1
          }
        }
      }
    }
  }

  private var isRowMajor: Bool {
    guard count > 0 else { return true }
    var step = 1
    for axis in (0..<shape.rank).reversed() where shape[axis] > 1 {
      guard strides[axis] == step else { return false }
      step *= shape[axis]
    }
    return true
  }
}
