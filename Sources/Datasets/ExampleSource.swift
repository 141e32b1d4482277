import Tensors

/// Examples that something can be learned from: each fills named inputs of a step.
///
/// An image and its class, two images, an image and a mask, a sequence and a value: what an example is
/// only its source knows. The ``Loader`` brings them into order and batches.
public protocol ExampleSource: Sendable {
  var count: Int { get }
  /// What examples of a bucket fill.
  func slots(bucket: Int) -> [ExampleSlot]
  /// Examples of one bucket have the same shapes, and only they share a batch: sequences of similar
  /// length, say. Numbered from 0 without gaps.
  func bucket(of index: Int) -> Int
  /// What an example is called when it cannot be read: its path, or its file and number.
  func name(of index: Int) -> String
  /// Whether making an example takes long enough to be worth several threads.
  var isSlow: Bool { get }
  /// Writes an example into its places in a batch. Those of floats hold zeros; those of bytes are to be
  /// filled as a whole.
  ///
  /// - Parameter random: what augmentation draws from, in training; nil gives the example unchanged.
  func write(
    _ index: Int, into places: ExamplePlaces, random: RandomSource?
  ) throws(UnreadableExample)
}

/// Why an example cannot be had: one line, without its name.
public struct UnreadableExample: Error, Sendable, Equatable {
  public var reason: String

  public init(_ reason: String) {
    self.reason = reason
  }
}

extension ExampleSource {
  public func bucket(of index: Int) -> Int { 0 }
  public var isSlow: Bool { false }
}

/// Examples that are made of the images of a dataset, one of each.
public protocol ImageExampleSource: ExampleSource {
  var images: Dataset { get }
}

extension ImageExampleSource {
  public var count: Int { images.count }
  /// Files have to be decoded.
  public var isSlow: Bool { if case .files = images.source { true } else { false } }
  public func name(of index: Int) -> String { images.names[index] }
}

/// A named input that examples fill.
public struct ExampleSlot: Sendable, Hashable {
  /// How its numbers are stored until a step takes them.
  public enum Storage: Sendable, Hashable {
    case floats
    /// 8 bits in planes (C × …), value · scale + shift of the plane's channel.
    case bytes(scale: [Float], shift: [Float])
  }

  public var name: String
  /// The shape of one example, as the step's input has it after the batch.
  public var shape: Shape
  public var storage: Storage

  public init(_ name: String, _ shape: Shape, _ storage: Storage = .floats) {
    self.name = name
    self.shape = shape
    self.storage = storage
  }

  /// Bytes that one example takes.
  var byteCount: Int { storage == .floats ? 4 * shape.count : shape.count }
}

/// An example's places in a batch.
public struct ExamplePlaces {
  let slots: [ExampleSlot]
  let memory: [UnsafeMutableRawBufferPointer]
  let row: Int

  /// Where a slot of floats is written to.
  ///
  /// - Precondition: there is a slot of that name, of floats.
  public func floats(_ name: String) -> UnsafeMutableBufferPointer<Float> {
    bytes(of: name, .float).bindMemory(to: Float.self)
  }

  /// Where a slot of bytes is written to.
  ///
  /// - Precondition: there is a slot of that name, of bytes.
  public func bytes(_ name: String) -> UnsafeMutableBufferPointer<UInt8> {
    bytes(of: name, .byte).bindMemory(to: UInt8.self)
  }

  /// Fills the floats with zeros.
  func clear() {
    for slot in slots where slot.storage == .floats { floats(slot.name).update(repeating: 0) }
  }

  private enum Kind { case float, byte }

  private func bytes(of name: String, _ kind: Kind) -> UnsafeMutableRawBufferPointer {
    guard let place = slots.firstIndex(where: { $0.name == name }),
      (slots[place].storage == .floats) == (kind == .float)
    else { preconditionFailure("an example has no slot \(name) of that kind") }
    let size = slots[place].byteCount
    return UnsafeMutableRawBufferPointer(rebasing: memory[place][row * size..<(row + 1) * size])
  }
}

/// Examples that are together in a step.
public struct ExampleBatch {
  /// The pass over the examples, from 0.
  public let pass: Int
  public let bucket: Int
  /// The examples' numbers: as many as the batch has.
  public let indices: [Int]
  let slots: [ExampleSlot]
  let memory: [UnsafeMutableRawBufferPointer]

  /// How many examples the batch has; beyond them its buffers hold zeros.
  public var count: Int { indices.count }

  /// Writes what the examples have for an input, N × the slot's shape, and zeros beyond them.
  ///
  /// - Returns: false where they have no such slot.
  @discardableResult
  public func write(_ name: String, to values: UnsafeMutableBufferPointer<Float>) -> Bool {
    guard let place = slots.firstIndex(where: { $0.name == name }) else { return false }
    let slot = slots[place]
    let used = count * slot.shape.count
    precondition(values.count >= used, "room for the batch")
    switch slot.storage {
    case .floats:
      let source = UnsafeMutableRawBufferPointer(rebasing: memory[place][..<(4 * used)])
      _ = values.update(fromContentsOf: source.bindMemory(to: Float.self))
    case .bytes(let scale, let shift):
      let area = slot.shape.count / scale.count
      // Both hold `used` values; the loop vectorizes.
      guard let target = values.baseAddress,
        let source = memory[place].baseAddress?.assumingMemoryBound(to: UInt8.self)
      else { return true }
      for plane in 0..<count * scale.count {
        let (scale, shift) = (scale[plane % scale.count], shift[plane % scale.count])
        let (from, to) = (source + plane * area, target + plane * area)
        for index in 0..<area { to[index] = Float(from[index]) * scale + shift }
      }
    }
    UnsafeMutableBufferPointer(rebasing: values[used...]).update(repeating: 0)
    return true
  }
}
