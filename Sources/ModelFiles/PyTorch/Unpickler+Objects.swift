/// What the known names make.
extension Unpickler {
  mutating func made(
    by global: PickleGlobal, of arguments: [PickleValue]
  ) throws(ModelFileError) -> PickleValue {
    switch global {
    case .orderedDictionary:
      pushDictionary()
      let pairs = arguments.first.flatMap(contents.elements) ?? []
      copiedMembers += pairs.count
      guard copiedMembers <= PickleReader.largest else {
        throw error("dictionaries of more members than there are bytes")
      }
      for pair in pairs {
        guard let pair = contents.elements(pair), pair.count == 2 else {
          throw error("a dictionary of what are no pairs")
        }
        try set(pair)
      }
      return try pop()
    case .size:
      guard let extents = arguments.first, contents.elements(extents) != nil else {
        throw error("a size without extents")
      }
      return extents
    case .tensor: return try tensor(arguments, type: nil)
    case .typedTensor:
      guard arguments.count > 6, case .global(.elementType(let type)) = arguments[6] else {
        throw error("a tensor without a type")
      }
      return try tensor(arguments, type: type)
    case .parameter:
      guard case .tensor(let place)? = arguments.first else {
        throw error("a parameter without a tensor")
      }
      return .tensor(place)
    case .storageType, .elementType: throw error("a call of a type")
    }
  }

  private mutating func tensor(
    _ arguments: [PickleValue], type: ElementType?
  ) throws(ModelFileError) -> PickleValue {
    guard arguments.count >= 4, case .storage(let place) = arguments[0],
      case .integer(let offset) = arguments[1],
      let extents = wholeNumbers(arguments[2]), let strides = wholeNumbers(arguments[3]),
      offset >= 0, extents.count == strides.count
    else { throw error("a tensor that does not say how it lies in its storage") }
    let storage = contents.storages[place]
    guard let type = type ?? storage.type else { throw error("a tensor without a type") }
    contents.tensors.append(
      PickledTensor(
        storage: storage, type: type, offset: offset, extents: extents, strides: strides))
    return .tensor(contents.tensors.count - 1)
  }

  private func wholeNumbers(_ value: PickleValue) -> [Int]? {
    guard let elements = contents.elements(value), elements.count <= 64 else { return nil }
    let numbers = elements.compactMap { element -> Int? in
      if case .integer(let number) = element, number >= 0 { number } else { nil }
    }
    return numbers.count == elements.count ? numbers : nil
  }

  /// The storage of a persistent name: `("storage", type, key, device, count)`, in the legacy form
  /// with a view `(key, start, count)` of it or None behind.
  mutating func storage(_ name: PickleValue) throws(ModelFileError) -> PickleValue {
    if let parts = contents.elements(name), parts.count >= 2, case .foreign(let type) = parts[1] {
      return .foreign(type)
    }
    guard let parts = contents.elements(name), parts.count >= 5,
      case .text("storage") = parts[0], case .global(.storageType(let type)) = parts[1],
      case .text(let key) = parts[2], case .integer(let count) = parts[4], count >= 0
    else { throw error("an outside object that is no storage") }
    var storage = PickledStorage(key: key, type: type, count: count)
    if parts.count > 5, let view = contents.elements(parts[5]) {
      guard view.count == 3, case .integer(let start) = view[1], start >= 0 else {
        throw error("a view that does not say where it begins")
      }
      storage.start = start
    }
    contents.storages.append(storage)
    return .storage(contents.storages.count - 1)
  }
}
