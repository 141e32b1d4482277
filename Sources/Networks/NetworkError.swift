/// A mistake in a network's declaration, found when it is built or read from a file.
public enum NetworkError: Error, Hashable, CustomStringConvertible {
  /// A layer cannot take what it receives, or its own hyperparameters make no sense.
  /// `layer` says which and where ("Dense(10) after Conv2D at layer 5").
  case layer(String, problem: String)
  /// The network as a whole is wrong.
  case network(String)
  /// A description in a file names a layer that does not exist here.
  case unknownLayer(type: String, path: String)
  /// A loss, an optimizer or a schedule cannot be used as asked.
  case training(String)

  public var description: String {
    switch self {
    case .layer(let layer, let problem): "\(layer): \(problem)"
    case .network(let problem), .training(let problem): problem
    case .unknownLayer(let type, let path):
      "unknown layer type \"\(type)\" at \(path); available: "
        + LayerCatalog.types.map { $0.typeName }.joined(separator: ", ")
    }
  }
}
