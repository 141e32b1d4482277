import Datasets
import Files

/// What the program tells on standard error, a line each, whatever control characters an argument
/// brought into it.
enum Console {
  static func error(_ message: String) {
    StandardStream.error.write("vision: \(printable(message))\n")
  }

  /// Something odd that does not end the work.
  ///
  /// - Parameter subject: the file or option that it is about.
  static func warn(_ message: String, about subject: String? = nil) {
    error((subject.map { "\($0): " } ?? "") + "warning: " + message)
  }

  /// A line for each thing that is odd about a dataset; they say themselves what follows from it.
  static func warn(_ warnings: some Sequence<DatasetWarning>) {
    for warning in warnings { error("\(warning)") }
  }
}
