import Images

/// The binary version of CIFAR-10 and CIFAR-100 (Krizhevsky 2009, "Learning Multiple Layers of Features
/// from Tiny Images").
///
/// Records of a label (CIFAR-100: the coarse label, then the fine one, which is taken) and 3,072 bytes:
/// 32 × 32 red, then green, then blue values.
enum CIFARBinary {
  private static let side = 32
  private static let pixelCount = 3 * side * side

  /// - Parameters:
  ///   - labelBytes: 1 for CIFAR-10, 2 for CIFAR-100.
  ///   - names: where the class names are, one a line.
  static func dataset(
    _ paths: [String], labelBytes: Int, names: String
  ) throws(DatasetError) -> Dataset {
    let classCount = labelBytes == 1 ? 10 : 100
    let record = labelBytes + pixelCount
    let layout = PixelLayout(width: side, height: side, channels: 3)
    var (labels, images, imageNames): ([Int], [Image], [String]) = ([], [], [])
    for path in paths {
      let bytes = try DataFile.contents(path)
      guard !bytes.isEmpty, bytes.count % record == 0 else {
        throw .corrupt(
          path: path, "\(bytes.count) bytes are no whole number of CIFAR records of \(record)")
      }
      for start in stride(from: 0, to: bytes.count, by: record) {
        let label = Int(bytes[start + labelBytes - 1])
        guard label < classCount else {
          throw .corrupt(path: path, "label \(label) of \(classCount) classes")
        }
        labels.append(label)
        imageNames.append("\(path) #\(start / record)")
        images.append(image(bytes[(start + labelBytes)..<(start + record)], layout))
      }
    }
    let classNames = try DataFile.lines(names) ?? (0..<classCount).map(String.init)
    guard classNames.count == classCount else {
      throw .corrupt(path: names, "\(classNames.count) names for \(classCount) classes")
    }
    return Dataset(
      classNames: classNames, labels: labels, names: imageNames, source: .memory(images))
  }

  /// Planes to pixels.
  private static func image(_ planes: ArraySlice<UInt8>, _ layout: PixelLayout) -> Image {
    var image = Image(layout: layout)
    image.withUnsafeMutableBytes { pixels in
      planes.withUnsafeBufferPointer { planes in
        for index in 0..<side * side {
          for channel in 0..<3 {
            pixels[3 * index + channel] = planes[channel * side * side + index]
          }
        }
      }
    }
    return image
  }
}
