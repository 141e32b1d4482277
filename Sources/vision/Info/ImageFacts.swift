import Images

/// What `vision info` tells of an image.
struct ImageFacts: Encodable {
  let file: String
  let format: String
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
  var matrix: PixelMatrix?

  init(_ path: FilePath, _ info: ImageInfo, upright: PixelLayout) {
    file = path.exactText
    format = info.format.rawValue
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
    physicalMillimetres = info.physicalSize.map {
      [$0.width, $0.height].map { rounded($0 * 1000) }
    }
  }

  /// A block of lines for people.
  var text: String {
    var facts = [
      ("format", format == "png" ? "PNG" : "JPEG"),
      ("size", "\(width) × \(height) pixels"),
      ("channels", "\(channels) (stored as \(color))"),
      ("depth", "\(bitDepth) \(bitDepth == 1 ? "bit" : "bits")"),
      (format == "png" ? "interlaced" : "progressive", interlaced ? "yes" : "no"),
    ]
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
