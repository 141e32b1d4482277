import Graphs

/// How many cells are put around an input before a window slides over it.
///
/// `same` adds `dilation · (kernel − 1)` cells along an axis, half of them before and half behind,
/// the odd one behind (even kernels). That depends on neither the stride nor the input's size: an
/// axis of n cells becomes ⌈n / stride⌉, an odd kernel gets the usual `p = (f − 1) / 2`, and the
/// numbers agree with PyTorch's. (TensorFlow's `SAME` gives the same sizes, but for strides
/// above 1 shifts the windows by half of what the last one would overhang: `.sameTensorFlow`.)
public enum PaddingMode: Hashable, Sendable {
  /// None: windows stay inside the input.
  case valid
  /// As many that a stride of 1 keeps the size.
  case same
  /// Stated: `.explicit(1)` on all sides, or `.explicit(EdgePadding(top:left:bottom:right:))`.
  case explicit(EdgePadding)
  /// As TensorFlow's and Keras's `SAME`: what the last window lacks, half of it before, the odd cell
  /// behind.
  case sameTensorFlow
  /// As stated, and below and on the right as many cells more that a last window that begins inside
  /// counts, as PyTorch's `ceil_mode`.
  case ceil(EdgePadding)

  /// The cells on each side for a window that moves by `strides` over an image of a size.
  func resolved(
    kernel: Size2D, dilation: Size2D, strides: Size2D, image: Size2D
  ) -> EdgePadding {
    switch self {
    case .sameTensorFlow:
      let vertical = Self.overhang(image.height, kernel.height, dilation.height, strides.height)
      let horizontal = Self.overhang(image.width, kernel.width, dilation.width, strides.width)
      return EdgePadding(
        top: vertical / 2, left: horizontal / 2, bottom: vertical - vertical / 2,
        right: horizontal - horizontal / 2)
    case .ceil(let sides):
      // Without an image, there is no window to complete.
      let vertical = Self.missing(
        image.height, kernel.height, strides.height, before: sides.top, after: sides.bottom)
      let horizontal = Self.missing(
        image.width, kernel.width, strides.width, before: sides.left, after: sides.right)
      return EdgePadding(
        top: sides.top, left: sides.left, bottom: sides.bottom + vertical,
        right: sides.right + horizontal)
    case .valid: return 0
    case .same:
      let vertical = (kernel.height - 1) * dilation.height
      let horizontal = (kernel.width - 1) * dilation.width
      return EdgePadding(
        top: vertical / 2, left: horizontal / 2, bottom: vertical - vertical / 2,
        right: horizontal - horizontal / 2)
    case .explicit(let padding): return padding
    }
  }

  /// By how much ⌈count / stride⌉ windows reach beyond an axis.
  private static func overhang(_ count: Int, _ kernel: Int, _ dilation: Int, _ stride: Int) -> Int {
    let windows = (count + stride - 1) / stride
    return max(0, (windows - 1) * stride + (kernel - 1) * dilation + 1 - count)
  }

  /// The cells that the last window lacks on a padded axis, 0 where it would begin outside.
  private static func missing(
    _ count: Int, _ kernel: Int, _ stride: Int, before: Int, after: Int
  ) -> Int {
    let span = before + count + after - kernel
    guard span > 0, span % stride > 0 else { return 0 }
    let start = (span / stride + 1) * stride
    return start < before + count ? start - span : 0
  }
}

extension PaddingMode: CustomStringConvertible {
  public var description: String {
    switch self {
    case .valid: "valid"
    case .same: "same"
    case .explicit(let padding): "\(padding)"
    case .sameTensorFlow: "same-tensorflow"
    case .ceil(let padding): "ceil \(padding)"
    }
  }
}

/// In JSON, `"valid"`, `"same"`, `"same-tensorflow"`, `[top, left, bottom, right]` or
/// `{"ceil": [top, left, bottom, right]}`.
extension PaddingMode: Codable {
  private enum CodingKeys: String, CodingKey { case ceil }

  public init(from decoder: any Decoder) throws {
    if let container = try? decoder.container(keyedBy: CodingKeys.self) {
      self = .ceil(try container.decode(EdgePadding.self, forKey: .ceil))
      return
    }
    guard let name = try? decoder.singleValueContainer().decode(String.self) else {
      self = .explicit(try EdgePadding(from: decoder))
      return
    }
    switch name {
    case "valid": self = .valid
    case "same": self = .same
    case "same-tensorflow": self = .sameTensorFlow
    default:
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: decoder.codingPath,
          debugDescription: "padding \"\(name)\": expected same, valid or four numbers"))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .valid, .same, .sameTensorFlow:
      var container = encoder.singleValueContainer()
      try container.encode(description)
    case .explicit(let padding): try padding.encode(to: encoder)
    case .ceil(let padding):
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(padding, forKey: .ceil)
    }
  }
}

/// What a hyperparameter may be. Generous, and small enough that no product of two overflows.
enum Limit {
  static let count = 1...(1 << 24)
  static let window = 1...(1 << 16)
  static let padding = 0...(1 << 16)
}
