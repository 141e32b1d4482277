import Files
import Glibc
import Images

/// A list of images and the labels that hold of each, none or several: a text file (RFC 4180; or with tabs
/// between the fields), paths relative to its folder.
///
/// The labels are in one field, `path,cat;outdoor` or `path,cat|outdoor`, empty where none holds; or each has
/// a column of 0 and 1, which the first line names: `path,cat,outdoor`. A single column of 0 and 1 is the
/// latter. Lines about the same image are taken together.
struct LabelSetList {
  /// Where a line tells the labels.
  private enum Form {
    /// In a field, with a semicolon or a bar between them.
    case field(Int)
    /// In columns of 0 and 1.
    case columns([(place: Int, name: String)])
  }

  private let path: String
  private let list: ListFile
  private let hasHeading: Bool
  private let pathPlace: Int
  private let form: Form

  /// Reads a list: labels by name, or in the order of their columns, images in the list's order.
  ///
  /// - Parameter isLearned: whether a list is refused whose images all have the same labels.
  static func dataset(
    path: String, isLearned: Bool
  ) throws(DatasetError) -> (dataset: Dataset, warnings: [DatasetWarning]) {
    guard ImageList.isFile(path) else {
      guard access(path, R_OK) == 0 else { throw .system(path: path, errno: errno) }
      throw .corrupt(
        path: path,
        "is not a list; where several labels may hold, give a text file of lines path,label;label or "
          + "with a column of 0 and 1 for each label")
    }
    var (dataset, warnings) = try LabelSetList(path: path).read()
    guard dataset.count > 0 else {
      throw .noImages(path: path, damaged: warnings.filter(\.isFailure))
    }
    let counts = dataset.classCounts
    let unused = dataset.classNames.indices.filter { counts[$0] == 0 }
    if !unused.isEmpty {
      warnings.append(.unusedLabels(path: path, names: unused.map { dataset.classNames[$0] }))
    }
    if isLearned, counts.allSatisfy({ $0 == 0 || $0 == dataset.count }) {
      throw .corrupt(path: path, "all images have the same labels, which leaves nothing to learn")
    }
    return (dataset, warnings)
  }

  private init(path: String) throws(DatasetError) {
    self.path = path
    list = try ListFile(path: path)
    let first = list.rows.first ?? []
    let names = first.map { $0.lowercased() }
    let named = names.firstIndex(where: ListFile.pathNames.contains)
    hasHeading = named != nil || !Self.isImage(first.first ?? "", list)
    pathPlace = named ?? 0
    form = try Self.form(list, path, pathPlace, hasHeading: hasHeading)
  }

  private static let labelNames = [
    "labels", "label", "tags", "classes", "class", "categories", "category", "targets", "target",
  ]

  /// Whether a field names an image, be it there or not.
  private static func isImage(_ field: String, _ list: ListFile) -> Bool {
    let ending = field.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return (ending.count > 1 && ending.last.flatMap { ImageFormat(ending: $0) } != nil)
      || (!field.isEmpty && access(list.path(of: field), R_OK) == 0)
  }

  private static func form(
    _ list: ListFile, _ path: String, _ pathPlace: Int, hasHeading: Bool
  ) throws(DatasetError) -> Form {
    let heading = list.rows.first ?? []
    let others = heading.indices.filter { $0 != pathPlace }
    func holdsFlags(_ place: Int) -> Bool {
      let rows = list.rows.dropFirst().filter { $0 != [""] }
      return !rows.isEmpty
        && rows.allSatisfy { $0.indices.contains(place) && flag($0[place]) != nil }
    }
    if hasHeading,
      let place = others.first(where: { labelNames.contains(heading[$0].lowercased()) }),
      !holdsFlags(place)
    {
      return .field(place)
    }
    if others.count == 1, !hasHeading || !holdsFlags(others[0]) { return .field(others[0]) }
    guard hasHeading, !others.isEmpty else {
      throw .corrupt(path: path, "line 1: \(expectation)")
    }
    let columns = others.map { (place: $0, name: heading[$0].trimmed) }
    for (number, column) in columns.enumerated() {
      guard !column.name.isEmpty else {
        throw .corrupt(path: path, "line 1: column \(column.place + 1) has no name")
      }
      guard !columns[..<number].contains(where: { $0.name == column.name }) else {
        throw .corrupt(path: path, "line 1: two columns are called \(column.name)")
      }
    }
    return .columns(columns)
  }

  private static let expectation =
    "expected a path and labels, path,label;label, or names of columns of 0 and 1, path,label,label"

  private func read() throws(DatasetError) -> (Dataset, [DatasetWarning]) {
    var warnings: [DatasetWarning] = []
    var (paths, sets): ([String], [Set<String>]) = ([], [])
    var places: [String: Int] = [:]
    for (number, row) in list.rows.enumerated() where row != [""] {
      if number == 0, hasHeading { continue }
      let held = try labels(of: row, line: number + 1)
      let image = list.path(of: row[pathPlace])
      guard access(image, R_OK) == 0 else {
        warnings.append(.unreadableImage(path: image, reason: errorText(errno)))
        continue
      }
      if let place = places[image] {
        sets[place].formUnion(held)
      } else {
        places[image] = paths.count
        paths.append(image)
        sets.append(held)
      }
    }
    let names =
      switch form {
      case .columns(let columns): columns.map(\.name)
      case .field: ImageFolder.sorted(sets.reduce(into: Set()) { $0.formUnion($1) }, by: { $0 })
      }
    let numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    return (
      Dataset(
        classNames: names,
        annotation: .labelSets(sets.map { set in set.compactMap { numbers[$0] }.sorted() }),
        names: paths, source: .files(paths)), warnings
    )
  }

  /// The labels that a line says to hold.
  private func labels(of row: [String], line: Int) throws(DatasetError) -> Set<String> {
    guard row.indices.contains(pathPlace), !row[pathPlace].isEmpty else {
      throw .corrupt(path: path, "line \(line): \(Self.expectation)")
    }
    switch form {
    case .field(let place):
      guard row.indices.contains(place), hasHeading || row.count == 2 else {
        throw .corrupt(
          path: path,
          "line \(line): expected a path and labels, path,label;label, with nothing behind the comma "
            + "where none holds")
      }
      return Set(
        row[place].split(whereSeparator: { $0 == ";" || $0 == "|" }).map(\.trimmed)
          .filter { !$0.isEmpty })
    case .columns(let columns):
      let count = list.rows[0].count
      guard row.count == count else {
        let fields = row.count == 1 ? "1 field" : "\(row.count) fields"
        throw .corrupt(
          path: path, "line \(line): has \(fields) where the first line has \(count)")
      }
      var held: Set<String> = []
      for (place, name) in columns {
        guard let holds = Self.flag(row[place]) else {
          throw .corrupt(
            path: path,
            "line \(line): \(name) is \"\(row[place].prefix(20))\"; expected 0 or 1")
        }
        if holds { held.insert(name) }
      }
      return held
    }
  }

  /// Whether a label holds by a field of 0 or 1; nil where it is neither.
  private static func flag(_ field: String) -> Bool? {
    // As nearly all are written.
    if field == "0" { return false }
    if field == "1" { return true }
    return switch field.trimmed {
    case "0", "0.0": false
    case "1", "1.0": true
    default: nil
    }
  }
}
