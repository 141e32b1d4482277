import Files
import Glibc
import Images

/// A list of images and their classes: a text file of lines `path,class` (RFC 4180; or with a tab between
/// them), paths relative to the list's folder. A first line whose path is no file names the columns. Where
/// lines are paths alone, an image's class is the name of the folder it is in.
enum ImageList {
  /// Whether a path is that of a file, not of a folder.
  static func isFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
      && ImageFormat(sniffing: (try? DataFile.beginning(path, count: 16)) ?? []) == nil
  }

  /// Classes are sorted by name, images stay in the list's order.
  static func labeled(
    path: String
  ) throws(DatasetError) -> (dataset: Dataset, warnings: [DatasetWarning]) {
    let list = try ListFile(path: path)
    let named = columns(of: list.rows.first ?? [])
    let places = named ?? (path: 0, label: 1)
    var (paths, classes): ([String], [String]) = ([], [])
    var warnings: [DatasetWarning] = []
    for (number, row) in list.rows.enumerated() where row != [""] {
      if number == 0, named != nil { continue }
      let malformed = DatasetError.corrupt(
        path: path, "line \(number + 1): expected a path and a class, path,class")
      guard row.count <= 2 || named != nil, let name = element(places.path, of: row) else {
        throw malformed
      }
      let image = list.path(of: name)
      guard access(image, R_OK) == 0 else {
        let reason = errorText(errno)
        if number > 0 { warnings.append(.unreadableImage(path: image, reason: reason)) }
        continue
      }
      guard let label = row.count == 1 ? parent(of: name) : element(places.label, of: row) else {
        throw malformed
      }
      paths.append(image)
      classes.append(label)
    }
    guard !paths.isEmpty else {
      throw .noData(path: path, damaged: warnings.filter(\.isFailure))
    }
    let names = ImageFolder.sorted(Set(classes), by: { $0 })
    let numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    return (
      Dataset(
        classNames: names, labels: classes.map { numbers[$0] ?? 0 }, names: paths,
        source: .files(paths)), warnings
    )
  }

  /// Where lines have path and class, if the first line says so.
  private static func columns(of heading: [String]) -> (path: Int, label: Int)? {
    let names = heading.map { $0.lowercased() }
    func place(_ known: [String]) -> Int? { names.firstIndex { known.contains($0) } }
    guard let path = place(ListFile.pathNames),
      let label = place(["class", "label", "classname", "class_name", "category", "target"])
    else { return nil }
    return (path, label)
  }

  /// A field that is not empty.
  private static func element(_ place: Int, of row: [String]) -> String? {
    row.indices.contains(place) && !row[place].isEmpty ? row[place] : nil
  }

  /// The name of the folder that a path's file is in.
  private static func parent(of path: String) -> String? {
    path.split(separator: "/").dropLast().last.map(String.init)
  }
}

/// The lines of a list of images.
struct ListFile {
  /// The names, in lower case, that a heading may give the column of paths.
  static let pathNames = [
    "path", "file", "filename", "file_name", "filepath", "image", "img", "image_path", "image_name",
    "image_id",
  ]

  /// The fields of each line, separated by tabs where the first line holds one, else by commas; a line
  /// without any text has one empty field.
  let rows: [[String]]
  /// Where the list lies, with a slash at its end.
  private let folder: String

  init(path: String) throws(DatasetError) {
    guard let text = String(validating: try DataFile.contents(path), as: UTF8.self) else {
      throw .corrupt(path: path, "not UTF-8")
    }
    let plain = String(text.withoutByteOrderMark)
    let isTabbed = plain.prefix { !$0.isNewline }.contains("\t")
    rows = CSV.rows(plain, separator: isTabbed ? "\t" : ",")
    folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  }

  /// The path of an image that the list names, relative to its own folder.
  func path(of image: String) -> String { image.hasPrefix("/") ? image : folder + image }
}

/// Values separated by commas (RFC 4180) or another character.
enum CSV {
  /// The fields of each line; quoted ones may hold separators, line ends and doubled quotes.
  static func rows(_ text: String, separator: Character = ",") -> [[String]] {
    var (rows, row, field): ([[String]], [String], String) = ([], [], "")
    var (isQuoted, wasQuote) = (false, false)
    for character in text {
      if isQuoted {
        if wasQuote {
          wasQuote = false
          if character == "\"" {
            field.append(character)
            continue
          }
          isQuoted = false
        } else if character == "\"" {
          wasQuote = true
          continue
        } else {
          field.append(character)
          continue
        }
      }
      switch character {
      case "\"" where field.isEmpty: isQuoted = true
      case separator:
        row.append(field)
        field = ""
      case "\n", "\r\n":
        rows.append(row + [field])
        (row, field) = ([], "")
      default: field.append(character)
      }
    }
    return field.isEmpty && row.isEmpty ? rows : rows + [row + [field]]
  }
}
