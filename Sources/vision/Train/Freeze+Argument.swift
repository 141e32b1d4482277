import ArgumentParser
import Classification

extension Freeze: ExpressibleByArgument {
  /// `none`, `backbone`, `embedding` or a number.
  public init?(argument: String) {
    switch argument {
    case "none": self = .none
    case "backbone": self = .backbone
    case "embedding": self = .embedding
    default:
      guard let count = Int(argument) else { return nil }
      self = .layers(count)
    }
  }
}
