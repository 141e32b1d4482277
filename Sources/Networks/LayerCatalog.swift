/// The layers that a description in a file can name.
public enum LayerCatalog {
  /// Every layer type.
  public static let types: [any Layer.Type] = [
    ActivationLayer.self, AdaptiveAveragePool2D.self, Auxiliary.self, AveragePool2D.self,
    BatchNorm.self, BicubicUpsample2D.self, Concatenate.self, ConcatenateInput.self, Conv1D.self,
    Conv2D.self,
    Conv2DTranspose.self, Dense.self, Dropout.self, FirstChannels.self, Flatten.self,
    GlobalAveragePool.self, GlobalMaxPool.self, LayerNorm.self, LocalResponseNorm.self,
    MaxPool2D.self, PixelShuffle.self, PixelUnshuffle.self, ZeroPaddedShortcut.self, Rescaling.self,
    Reshape.self,
    Residual.self, SeparableConv2D.self, Sequential.self, SkipConnection.self,
    SqueezeExcitation.self,
    StochasticDepth.self, SumPool2D.self, Upsample2D.self, Whitening.self,
    AveragePool1D.self, Bidirectional.self, Embedding.self, GRU.self, LSTM.self, MaxPool1D.self,
    SimpleRNN.self, TimeDistributed.self, Conv3D.self, FrameAverage.self, OneHot.self,
  ]

  private static let byName: [String: any Layer.Type] = Dictionary(
    types.map { ($0.typeName, $0) }, uniquingKeysWith: { first, _ in first })

  /// What older files call some of them.
  private static let formerNames: [String: any Layer.Type] = [
    "PaddedSubsample": ZeroPaddedShortcut.self
  ]

  /// The key under which a decoder's user information holds further layer types, as
  /// `[any Layer.Type]`.
  static let additionalTypes = CodingUserInfoKey(rawValue: "further layer types")

  /// The type of a name, or nil.
  static func type(named name: String, for decoder: any Decoder) -> (any Layer.Type)? {
    if let type = byName[name] ?? formerNames[name] { return type }
    let further = additionalTypes.flatMap { decoder.userInfo[$0] as? [any Layer.Type] }
    return further?.first { $0.typeName == name }
  }
}

/// In JSON an object: `type`, `name`, and the layer's own properties.
extension NamedLayer: Codable {
  private enum CodingKeys: String, CodingKey { case type, name }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let typeName = try container.decode(String.self, forKey: .type)
    guard let type = LayerCatalog.type(named: typeName, for: decoder) else {
      throw NetworkError.unknownLayer(
        type: typeName, path: decoder.codingPath.map(\.readable).joined(separator: "."))
    }
    name = try container.decode(String.self, forKey: .name)
    layer = try type.init(from: decoder)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(type(of: layer).typeName, forKey: .type)
    try container.encode(name, forKey: .name)
    try layer.encode(to: encoder)
  }
}

extension CodingKey {
  /// The key as a path is written: a name, or a position in a list.
  var readable: String { intValue.map(String.init) ?? stringValue }
}
