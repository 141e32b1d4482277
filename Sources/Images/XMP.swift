/// What is changed in an XMP packet (ISO 16684-1) when its image is written anew.
enum XMP {
  /// What precedes the packet in a JPEG's APP1 segment.
  static let jpegPrefix: [UInt8] = Array("http://ns.adobe.com/xap/1.0/\0".utf8)
  /// What precedes a part of what did not fit into the packet.
  static let extensionPrefix: [UInt8] = Array("http://ns.adobe.com/xmp/extension/\0".utf8)
  /// The keyword of PNG's text chunk.
  static let keyword = "XML:com.adobe.xmp"

  /// The packet without thumbnails and with the new size; nil where it still holds an image, or is no UTF-8.
  ///
  /// - Parameter isUpright: whether the pixels stand upright, so that the packet must not ask to turn them.
  static func corrected(
    _ packet: [UInt8], width: Int, height: Int, isUpright: Bool
  ) -> [UInt8]? {
    guard String(validating: packet, as: UTF8.self) != nil,
      var result = withoutElements(named: "Thumbnails", packet)
    else { return nil }
    // Whole images, coded as base64: those of other thumbnails, of depth maps, of photos that move.
    for trace in ["/9j/", "iVBORw0K", "/xap/1.0/g/img/", "ns.google.com/photos/"]
    where result.firstIndex(of: Array(trace.utf8)) != nil {
      return nil
    }
    var numbers = [
      ("tiff:ImageWidth", width), ("tiff:ImageLength", height), ("exif:PixelXDimension", width),
      ("exif:PixelYDimension", height),
    ]
    if isUpright { numbers.append(("tiff:Orientation", 1)) }
    for (name, value) in numbers { setNumber(name, value, in: &result) }
    return result
  }

  /// Whether it names a place.
  static func namesPlace(_ packet: [UInt8]) -> Bool {
    ["GPS", "Location", "photoshop:City", "photoshop:Country", "photoshop:State"].contains {
      packet.firstIndex(of: Array($0.utf8)) != nil
    }
  }

  /// Takes out all elements of this name, whatever prefix stands before it; nil where one does not end.
  private static func withoutElements(named name: String, _ packet: [UInt8]) -> [UInt8]? {
    let local = Array((":" + name).utf8)
    var result = packet
    while let colon = result.firstIndex(of: local) {
      guard let start = result[..<colon].lastIndex(of: UInt8(ascii: "<")),
        let close = result[colon...].firstIndex(of: UInt8(ascii: ">"))
      else { return nil }
      if result[close - 1] == UInt8(ascii: "/") {
        result.removeSubrange(start...close)
        continue
      }
      let tag = Array("</".utf8) + result[start + 1..<colon] + local
      guard let end = result.firstIndex(of: tag, from: close),
        let last = result[end...].firstIndex(of: UInt8(ascii: ">"))
      else { return nil }
      result.removeSubrange(start...last)
    }
    return result
  }

  /// Sets `name="12"` and `<name>12<`.
  private static func setNumber(_ name: String, _ value: Int, in packet: inout [UInt8]) {
    var start = 0
    while let found = packet.firstIndex(of: Array(name.utf8), from: start) {
      start = found + name.utf8.count
      var place = start
      if place < packet.count, packet[place] == UInt8(ascii: "=") { place += 1 }
      guard place < packet.count, "\"'>".utf8.contains(packet[place]) else { continue }
      place += 1
      let digits = packet[place...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      if !digits.isEmpty { packet.replaceSubrange(digits.indices, with: "\(value)".utf8) }
    }
  }
}
