import CPage
import Serving

/// The page and its parts, which are in the program.
enum PageFiles {
  /// The addresses of the panels; the page itself shows the one that it was opened with.
  private static let panels = ["", "classify", "filter", "restore", "generate", "networks", "runs"]

  static var routes: [Route] {
    let files = files
    let index = files.first { $0.name == "index.html" }?.bytes ?? []
    return panels.map { panel in page("/" + panel, .html, index) }
      + files.compactMap { file in
        type(of: file.name).map { page("/assets/" + file.name, $0, file.bytes) }
      }
  }

  private static func page(_ path: String, _ type: MediaType, _ bytes: [UInt8]) -> Route {
    let response = Response(type: type, body: bytes)
    return Route("GET", path, access: .page, .immediate { (_) throws(Problem) in response })
  }

  private static func type(of name: String) -> MediaType? {
    switch name.split(separator: ".").last {
    case "css": .css
    case "js": .script
    case "svg": .svg
    default: nil
    }
  }

  private static var files: [(name: String, bytes: [UInt8])] {
    var count = 0
    guard let files = page_files(&count) else { return [] }
    // The program's own constants: as many as it says, each of its length.
    return UnsafeBufferPointer(start: files, count: count).map { file in
      (
        String(cString: file.name),
        Array(UnsafeBufferPointer(start: file.bytes, count: file.count))
      )
    }
  }
}
