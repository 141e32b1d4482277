import Glibc

/// A text file that names the classes of masks, one a line: the line of a class's number, or `R G B name` for
/// masks in colors and for the colors that classes are drawn with.
public struct ClassNameFile: Sendable {
  public let path: String
  public let names: [String]
  /// 0xRRGGBB, as many as names, or none.
  let colors: [Int]

  /// - Throws: ``DatasetError/corrupt(path:_:)`` where it holds no names, or colors of some only.
  public init(path: String) throws(DatasetError) {
    self.path = path
    guard let text = try DataFile.lines(path) else { throw .system(path: path, errno: ENOENT) }
    let lines = text.map(Self.parse).filter { !$0.name.isEmpty }
    names = lines.map(\.name)
    colors = lines.compactMap(\.color)
    guard !names.isEmpty, names.count <= MaskClasses.largestCount else {
      throw .corrupt(
        path: path, "expected 1 to \(MaskClasses.largestCount) class names, one a line")
    }
    guard colors.isEmpty || colors.count == names.count else {
      throw .corrupt(path: path, "some of the lines begin with a color and some do not")
    }
    guard Set(names).count == names.count, Set(colors).count == colors.count else {
      throw .corrupt(path: path, "a class or a color is named twice")
    }
  }

  private static func parse(_ line: String) -> (color: Int?, name: String) {
    let words = line.split(maxSplits: 3, omittingEmptySubsequences: true) { " \t,".contains($0) }
    let numbers = words.prefix(3).compactMap { UInt8($0) }
    guard words.count == 4, numbers.count == 3 else {
      return (nil, line.trimmed)
    }
    return (
      Int(numbers[0]) << 16 | Int(numbers[1]) << 8 | Int(numbers[2]), String(words[3]).trimmed
    )
  }
}
