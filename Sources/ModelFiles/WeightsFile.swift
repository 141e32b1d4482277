import Files
import Tensors

/// A file of tensors by name, of whatever format its first bytes are: safetensors or PyTorch.
public enum WeightsFile: Sendable {
  case safetensors(Safetensors)
  case pyTorch(PyTorchFile)

  /// Opens a file. Nothing is allocated for tensors.
  ///
  /// - Parameter part: of a PyTorch checkpoint of several networks the name of the one that is meant.
  public init(path: String, part: String? = nil) throws(ModelFileError) {
    switch FileKind(try mapFile(path)) {
    case .pyTorch: self = .pyTorch(try PyTorchFile(path: path, part: part))
    case .foreign(let what): throw .incomplete(what)
    case .safetensors, .unknown: self = .safetensors(try Safetensors(path: path))
    }
    if part != nil, case .safetensors = self {
      throw .incomplete("only PyTorch's checkpoints have parts; leave --part out")
    }
  }

  /// Names and shapes in the order in which the file holds the tensors; kernels of Keras, which have paths
  /// for names, as out × in × height × width.
  public var entries: [(name: String, shape: Shape)] {
    switch self {
    case .safetensors(let file):
      file.entries.map { ($0.name, KerasLayout.shape($0.name, $0.shape)) }
    case .pyTorch(let file): file.entries.map { ($0.name, $0.shape) }
    }
  }

  /// The texts that the file holds beside its tensors; PyTorch's hold none.
  public var metadata: [String: String] {
    switch self {
    case .safetensors(let file): file.metadata
    case .pyTorch: [:]
    }
  }

  /// The tensor of that name as floats, or nil where there is none.
  public func tensor(_ name: String) throws(ModelFileError) -> Tensor? {
    switch self {
    case .safetensors(let file): file[name].map { KerasLayout.tensor(name, $0) }
    case .pyTorch(let file): try file.tensor(name)
    }
  }
}
