import Images

/// What `vision info` tells of an image.
struct ImageInfoReport: Encodable {
  let file: String
  let format: String
  private let displayName: String
  let width: Int
  let height: Int
  let channels: Int
  let color: String
  let bitDepth: Int
  let interlaced: Bool
  let orientation: Int
  let uprightWidth: Int
  let uprightHeight: Int
  let profile: String?
  let profileBytes: Int?
  let exif: Bool
  let dotsPerInch: [Double]?
  let physicalMillimetres: [Double]?
  /// Images in the file, of which the first is described.
  let images: Int
  /// Of a JPEG: estimated from its quantization.
  let quality: Int?
  let subsampling: String?
  var matrix: PixelMatrix?

  private enum CodingKeys: CodingKey {
    case file, format, width, height, channels, color, bitDepth, interlaced, orientation
    case uprightWidth, uprightHeight, profile, profileBytes, exif, dotsPerInch, physicalMillimetres
    case images, quality, subsampling, matrix
  }

  init(_ path: FilePath, _ info: ImageInfo, upright: PixelLayout) {
    file = path.exactText
    format = info.format.rawValue
    displayName = info.format.displayName
    width = info.width
    height = info.height
    channels = info.channels
    color = info.colorModel
    bitDepth = info.bitDepth
    interlaced = info.isInterlaced
    orientation = info.orientation.rawValue
    uprightWidth = upright.width
    uprightHeight = upright.height
    profile = info.profileName
    profileBytes = info.profileSize
    exif = info.hasEXIF
    dotsPerInch = info.resolution.map { [$0.horizontal, $0.vertical].map { rounded($0 * 0.0254) } }
    images = info.imageCount
    quality = info.jpeg?.quality
    subsampling = info.jpeg?.subsampling?.rawValue
    physicalMillimetres = info.physicalSize.map {
      [$0.width, $0.height].map { rounded($0 * 1000) }
    }
  }

  /// A block of lines for people.
  var text: String {
    var facts = [
      ("format", displayName),
      ("size", "\(width) × \(height) pixels"),
      ("channels", "\(channels) (stored as \(color))"),
      ("depth", "\(bitDepth) \(bitDepth == 1 ? "bit" : "bits")"),
    ]
    switch format {
    case "png", "gif": facts.append(("interlaced", interlaced ? "yes" : "no"))
    case "jpeg": facts.append(("progressive", interlaced ? "yes" : "no"))
    default: break
    }
    if let quality {
      facts.append(("quality", "about \(quality)" + (subsampling.map { ", \($0)" } ?? "")))
    }
    if images > 1 { facts.append(("images", "\(images), of which the first is read")) }
    if orientation != 1 {
      facts.append(("orientation", "\(orientation), upright \(uprightWidth) × \(uprightHeight)"))
    }
    if let profileBytes {
      facts.append(("profile", (profile ?? "without a name") + " (\(profileBytes) bytes)"))
    } else if let profile {
      facts.append(("profile", profile))
    }
    if exif { facts.append(("EXIF", "yes")) }
    if let dotsPerInch, let physicalMillimetres {
      facts.append(
        ("resolution", dotsPerInch.map(short).joined(separator: " × ") + " dots an inch"))
      facts.append(("print size", physicalMillimetres.map(short).joined(separator: " × ") + " mm"))
    }
    let lines = facts.map { name, value in
      "  " + name + String(repeating: " ", count: 13 - name.count) + value
    }
    return ([file] + lines + (matrix.map { [$0.text] } ?? [])).joined(separator: "\n")
  }
}

/// A number to two decimals.
private func rounded(_ value: Double) -> Double {
  value.magnitude < 1e12 ? (value * 100).rounded() / 100 : value
}

/// A number without a `.0` that says nothing.
private func short(_ value: Double) -> String {
  value == value.rounded() && value.magnitude < 1e12 ? "\(Int(value))" : "\(value)"
}
