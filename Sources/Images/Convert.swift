/// A 16-bit sample as 8 bits: v / 257, rounded to the nearest (as libpng's `png_set_scale_16`).
@inline(__always)
package func narrow(_ sample: UInt16) -> UInt8 {
  UInt8(truncatingIfNeeded: (UInt32(sample) &* 255 &+ 32895) &>> 16)
}

/// A float sample, 0…1 being black to white, as 8 bits: clamped and rounded to the nearest; what is no
/// number is black.
@inline(__always)
package func narrow(_ sample: Float) -> UInt8 {
  let scaled = sample * 255 + 0.5
  return scaled >= 255 ? 255 : scaled >= 1 ? UInt8(scaled) : 0
}

/// Luma of ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B, with weights of 15 bits and rounded half up, as
/// OpenCV's `cvtColor` does.
@inlinable @inline(__always)
package func luma(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
  let sum = 9798 &* UInt32(red) &+ 19235 &* UInt32(green) &+ 3735 &* UInt32(blue)
  return UInt8(truncatingIfNeeded: (sum &+ 1 << 14) &>> 15)
}

/// A sample over another: below + (v − below) × alpha / 255, rounded to the nearest.
@inline(__always)
func over(_ below: UInt8, _ sample: UInt8, alpha: UInt8) -> UInt8 {
  let sum = UInt32(sample) &* UInt32(alpha) &+ UInt32(below) &* UInt32(255 &- alpha) &+ 128
  return UInt8(truncatingIfNeeded: (sum &+ (sum &>> 8)) &>> 8)
}

/// What is laid under transparent pixels where a format has no alpha.
public struct BackgroundColor: Sendable, Equatable {
  public var red: UInt8
  public var green: UInt8
  public var blue: UInt8

  public static let white = BackgroundColor(red: 255, green: 255, blue: 255)

  public init(red: UInt8, green: UInt8, blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  private static let names: [String: UInt32] = [
    "white": 0xFFFFFF, "black": 0, "gray": 0x808080, "grey": 0x808080, "red": 0xFF0000,
    "green": 0x008000, "blue": 0x0000FF, "yellow": 0xFFFF00, "cyan": 0x00FFFF,
    "magenta": 0xFF00FF,
  ]

  /// Reads a name of CSS, `#RRGGBB` or `#RGB`; nil for anything else.
  public init?(_ text: String) {
    var number = Self.names[text.lowercased()]
    let digits = text.dropFirst()
    if text.hasPrefix("#"), digits.allSatisfy(\.isHexDigit) {
      switch digits.count {
      case 6: number = UInt32(digits, radix: 16)
      case 3: number = UInt32(digits.map { "\($0)\($0)" }.joined(), radix: 16)
      default: break
      }
    }
    guard let number else { return nil }
    self.init(
      red: UInt8(number >> 16), green: UInt8(number >> 8 & 255), blue: UInt8(number & 255))
  }

  /// For pixels of 1 or 3 channels; gray is the color's luma.
  func samples(_ channels: Int) -> [UInt8] {
    channels == 1 ? [luma(red, green, blue)] : [red, green, blue]
  }
}

extension Image {
  /// The image in 8 bits and without alpha, as JPEG and most networks take it.
  ///
  /// 16-bit samples are divided by 257, floats (0…1) multiplied by 255, both rounded to the nearest. What
  /// is transparent is laid over white.
  ///
  /// - Parameter channels: 1 for gray (colors by ITU-R BT.601), 3 for RGB (gray repeated), nil for what
  ///   the image has.
  /// - Precondition: `channels` is 1 or 3.
  public func flattened(channels: Int? = nil) -> Image {
    let colors = layout.colorChannels
    let wanted = channels ?? colors
    precondition(wanted == 1 || wanted == 3, "an image without alpha has 1 or 3 channels")
    if layout.sample == .uint8, layout.channels == wanted { return self }
    var result = Image(
      layout: PixelLayout(width: width, height: height, channels: wanted), metadata: metadata)
    let source = layout
    let outputBytes = result.layout.bytesPerRow
    let line = Buffer(byteCount: width * colors)
    result.withUnsafeMutableBytes { output in
      withUnsafeBytes { input in
        guard let output = output.baseAddress, let input = input.baseAddress else { return }
        for y in 0..<source.height {
          let row = (output + y * outputBytes).assumingMemoryBound(to: UInt8.self)
          let target = wanted == colors ? row : line.start
          flattenRow(input + y * source.bytesPerRow, source, .white, into: target)
          if wanted < colors {
            for x in 0..<source.width {
              row[x] = luma(target[3 &* x], target[3 &* x &+ 1], target[3 &* x &+ 2])
            }
          } else if wanted > colors {
            for x in 0..<source.width {
              row[3 &* x] = target[x]
              row[3 &* x &+ 1] = target[x]
              row[3 &* x &+ 2] = target[x]
            }
          }
        }
      }
    }
    return result
  }
}

/// Turns a row into 8 bits without alpha: samples rounded, transparency laid over the background.
///
/// Plain pointers, since it runs over every pixel: a row of `layout` is read, `width × colorChannels`
/// bytes are written.
func flattenRow(
  _ row: UnsafeRawPointer, _ layout: PixelLayout, _ background: BackgroundColor,
  into output: UnsafeMutablePointer<UInt8>
) {
  switch layout.sample {
  case .uint8: flatten(row, layout, background, output) { (sample: UInt8) in sample }
  case .uint16: flatten(row, layout, background, output) { (sample: UInt16) in narrow(sample) }
  case .float32: flatten(row, layout, background, output) { (sample: Float) in narrow(sample) }
  }
}

@inline(__always)
private func flatten<Sample>(
  _ row: UnsafeRawPointer, _ layout: PixelLayout, _ background: BackgroundColor,
  _ output: UnsafeMutablePointer<UInt8>, _ byte: (Sample) -> UInt8
) {
  let samples = row.assumingMemoryBound(to: Sample.self)
  guard layout.hasAlpha else {
    for i in 0..<layout.samplesPerRow { output[i] = byte(samples[i]) }
    return
  }
  let colors = layout.colorChannels
  let below = background.samples(colors)
  for x in 0..<layout.width {
    let pixel = samples + layout.channels &* x
    let alpha = byte(pixel[colors])
    for c in 0..<colors { output[colors &* x &+ c] = over(below[c], byte(pixel[c]), alpha: alpha) }
  }
}
