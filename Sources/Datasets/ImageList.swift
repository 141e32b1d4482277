import Files
import Glibc
import Images

/// A list of images and their classes: a text file of lines `path,class` (RFC 4180), paths relative to the
/// list's folder. A first line whose path is no file names the columns.
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
    guard let text = String(validating: try DataFile.contents(path), as: UTF8.self) else {
      throw .corrupt(path: path, "not UTF-8")
    }
    let rows = CSV.rows(text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text)
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    var (paths, classes): ([String], [String]) = ([], [])
    var warnings: [DatasetWarning] = []
    for (number, row) in rows.enumerated() where row != [""] {
      guard row.count == 2, !row[0].isEmpty, !row[1].isEmpty else {
        throw .corrupt(path: path, "line \(number + 1): expected a path and a class, path,class")
      }
      let image = row[0].hasPrefix("/") ? row[0] : folder + row[0]
      guard access(image, R_OK) == 0 else {
        let reason = errorText(errno)
        if number > 0 { warnings.append(.unreadableImage(path: image, reason: reason)) }
        continue
      }
      paths.append(image)
      classes.append(row[1])
    }
    guard !paths.isEmpty else {
      throw .noData(path: path, damaged: warnings.filter(\.isFailure))
    }
    let names = ImageFolder.sorted(Set(classes), by: { $0 })
    let places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    return (
      Dataset(
        classNames: names, labels: classes.map { places[$0] ?? 0 }, names: paths,
        source: .files(paths)), warnings
    )
  }
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
