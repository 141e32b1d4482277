import Images

/// The file format of MNIST and its family (LeCun, Cortes, Burges: "The MNIST database").
///
/// Two bytes 0, the type of the values (8: unsigned bytes), the number of axes, each axis's extent in 32
/// bits big-endian, then the values row-major. Images are N × H × W, labels N. Plain or gzip.
enum IDX {
  /// Whether a file begins as one with so many axes does.
  static func isFile(_ path: String, axes: UInt8) throws(DatasetError) -> Bool {
    try DataFile.beginning(path, count: 4) == [0, 0, 8, axes]
  }

  /// The images of one file with the labels of another.
  static func dataset(
    images imagesPath: String, labels labelsPath: String, classNames: [String]?
  ) throws(DatasetError) -> Dataset {
    let (extents, pixels) = try values(imagesPath, axes: 3)
    let (labelExtents, labelBytes) = try values(labelsPath, axes: 1)
    let (count, height, width) = (extents[0], extents[1], extents[2])
    guard labelExtents[0] == count else {
      throw .corrupt(path: labelsPath, "\(labelExtents[0]) labels for \(count) images")
    }
    guard count > 0, width > 0, height > 0 else {
      throw .corrupt(path: imagesPath, "holds no images")
    }
    let classCount = Int(labelBytes.max() ?? 0) + 1
    if let classNames, classNames.count < classCount {
      throw .corrupt(
        path: labelsPath, "label \(classCount - 1), but only \(classNames.count) class names")
    }
    let layout = PixelLayout(width: width, height: height, channels: 1)
    let starts = stride(from: pixels.startIndex, to: pixels.endIndex, by: width * height)
    let images = starts.map { start in
      Image(layout: layout, bytes: Array(pixels[start..<start + width * height]))
    }
    return Dataset(
      classNames: classNames ?? (0..<classCount).map(String.init),
      labels: labelBytes.map(Int.init), names: (0..<count).map { "\(imagesPath) #\($0)" },
      source: .memory(images))
  }

  private static func values(
    _ path: String, axes: Int
  ) throws(DatasetError) -> (extents: [Int], values: ArraySlice<UInt8>) {
    let bytes = try DataFile.contents(path)
    let start = 4 + 4 * axes
    guard bytes.count >= start, bytes.starts(with: [0, 0, 8, UInt8(axes)]) else {
      throw .corrupt(path: path, "not an IDX file of bytes along \(axes) axes")
    }
    var extents: [Int] = []
    var count = 1
    for axis in 0..<axes {
      let extent = bytes[4 + 4 * axis..<8 + 4 * axis].reduce(0) { $0 << 8 | Int($1) }
      extents.append(extent)
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow else { throw .corrupt(path: path, "more values than memory can hold") }
      count = product
    }
    guard bytes.count - start == count else {
      let shape = extents.map(String.init).joined(separator: "×")
      throw .corrupt(
        path: path, "cut short or damaged: \(bytes.count - start) bytes for \(shape) values")
    }
    return (extents, bytes[start...])
  }
}
