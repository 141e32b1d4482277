import Glibc

/// The user's browser.
enum Browser {
  /// Opens an address, if the system knows how to; says so otherwise.
  static func open(_ address: String) {
    let word = FilePath(argument: address).shellText
    let line = "command -v xdg-open >/dev/null && (xdg-open \(word) >/dev/null 2>&1 &)"
    guard let shell = popen(line, "r"), pclose(shell) == 0 else {
      return Report.complain("--open: xdg-open is not installed; open the address by hand")
    }
  }
}
