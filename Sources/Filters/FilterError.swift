import Images
import Loops

/// Why a filter cannot be made or applied; its description is one line without the flag's name.
public enum FilterError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A filter's argument or an option is out of its range: what, and what to give instead.
  case badArgument(String)
  /// The text of a kernel cannot be read: where and why.
  case badKernel(String)
  /// With `valid` padding (or in pooling) the window does not fit into the image.
  case windowExceedsImage(window: String, image: String)
  /// An option has no meaning for this filter.
  case inapplicable(option: String, filter: String)
  /// Two images that belong together differ in size or channels.
  case mismatchedImages(String)
  /// `VISION_CPU` names no instruction set.
  case instructionSet(InstructionSetError)
  /// An image whose content a step must know beforehand cannot be read, or is too large to be held.
  case reading(ImageError)

  public var description: String {
    switch self {
    case .badArgument(let message), .badKernel(let message), .mismatchedImages(let message):
      message
    case .windowExceedsImage(let window, let image):
      "the \(window) window does not fit into the \(image) image; use a smaller one or same padding"
    case .inapplicable(let option, let filter):
      "\(option) does not apply to \(filter); remove it"
    case .instructionSet(let error): error.description
    case .reading(let error): error.description
    }
  }
}

extension FilterError {
  /// A word that is not among those that may be given.
  public static func invalidValue(_ text: String, of name: String? = nil, expected: [String])
    -> FilterError
  {
    let words = expected.dropLast().joined(separator: ", ")
    let list =
      expected.count > 1 ? "\(words) or \(expected[expected.count - 1])" : expected.joined()
    return .badArgument(
      (name.map { "\($0): " } ?? "") + "invalid value \"\(text)\"; expected \(list)")
  }
}
