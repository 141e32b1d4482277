import Figures
import Filters
import Images
import Inference
import Serving

extension Problem {
  /// What a client is told of an error. Errors about the server's own files are told on standard error instead.
  init(_ error: any Error) {
    if case InferenceError.file = error { Console.error(advised(error)) }
    self =
      switch error {
      case let problem as Problem: problem
      case let error as ImageError: Problem(error)
      case FilterError.reading(let error): Problem(error)
      case let error as FilterError: Problem(Self.isOfRequest(error) ? 400 : 422, "\(error)")
      case let error as FigureError: Problem(422, "\(error)")
      case let error as RunError:
        Problem(error.status == .usage ? 400 : 422, error.message)
      case InferenceError.invalid(let text): .badRequest(text)
      case InferenceError.network(let text): Problem(422, text)
      case is InferenceError: Problem(500, "the model cannot be used; see the server's messages")
      default: Problem(500, "this request could not be answered")
      }
  }

  private init(_ error: ImageError) {
    self =
      switch error {
      case .tooLarge(let text): Problem(413, "too large: \(Self.withoutAdvice(text))")
      case .unknownFormat, .foreignFormat: Problem(415, "\(error)")
      case .missingLibrary(let format):
        Problem(415, "\(format.displayName) is not read on this server; send PNG or JPEG")
      case .system: Problem(500, "this request could not be answered")
      default: Problem(422, "\(error)".replacing("--lenient", with: "lenient"))
      }
  }

  /// The options of the command's that raise limits are not the client's.
  private static func withoutAdvice(_ text: String) -> String {
    String(text.prefix { $0 != ";" })
  }

  private static func isOfRequest(_ error: FilterError) -> Bool {
    switch error {
    case .badArgument, .badKernel, .inapplicable: true
    default: false
    }
  }
}
