import Graphs

/// How many cells are put around an input before a window slides over it.
///
/// `same` adds `dilation · (kernel − 1)` cells along an axis, half of them before and half behind,
/// the odd one behind (even kernels). That depends on neither the stride nor the input's size: an
/// axis of n cells becomes ⌈n / stride⌉, an odd kernel gets the usual `p = (f − 1) / 2`, and the
/// numbers agree with PyTorch's. (TensorFlow's `SAME` gives the same sizes, but for strides
/// above 1 shifts the windows by half of what the last one would overhang.)
public enum WindowPadding: Hashable, Sendable {
  /// None: windows stay inside the input.
  case valid
  /// As many that a stride of 1 keeps the size.
  case same
  /// Stated: `.explicit(1)` on all sides, or `.explicit(Padding(top:left:bottom:right:))`.
  case explicit(Padding)

  /// The cells on each side for a window.
  func resolved(kernel: Extent, dilation: Extent) -> Padding {
    switch self {
    case .valid: return 0
    case .same:
      let vertical = (kernel.height - 1) * dilation.height
      let horizontal = (kernel.width - 1) * dilation.width
      return Padding(
        top: vertical / 2, left: horizontal / 2, bottom: vertical - vertical / 2,
        right: horizontal - horizontal / 2)
    case .explicit(let padding): return padding
    }
  }
}

extension WindowPadding: CustomStringConvertible {
  public var description: String {
    switch self {
    case .valid: "valid"
    case .same: "same"
    case .explicit(let padding): "\(padding)"
    }
  }
}

/// In JSON, `"valid"`, `"same"` or `[top, left, bottom, right]`.
extension WindowPadding: Codable {
  public init(from decoder: any Decoder) throws {
    guard let name = try? decoder.singleValueContainer().decode(String.self) else {
      self = .explicit(try Padding(from: decoder))
      return
    }
    switch name {
    case "valid": self = .valid
    case "same": self = .same
    default:
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: decoder.codingPath,
          debugDescription: "padding \"\(name)\": expected same, valid or four numbers"))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .valid, .same:
      var container = encoder.singleValueContainer()
      try container.encode(description)
    case .explicit(let padding): try padding.encode(to: encoder)
    }
  }
}

/// What a hyperparameter may be. Generous, and small enough that no product of two overflows.
enum Limit {
  static let count = 1...(1 << 24)
  static let window = 1...(1 << 16)
  static let padding = 0...(1 << 16)
}
