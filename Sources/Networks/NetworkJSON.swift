import FoundationEssentials

extension Network {
  /// Reads a description as `json` writes it.
  ///
  /// - Parameter additionalTypes: layers that the description may name beside those of ``LayerCatalog``.
  /// - Throws: `NetworkError` that says where the description is wrong.
  public init(
    json: String, additionalTypes: [any Layer.Type] = []
  ) throws(NetworkError) {
    let decoder = JSONDecoder()
    if let key = LayerCatalog.additionalTypes { decoder.userInfo[key] = additionalTypes }
    do {
      self = try decoder.decode(Network.self, from: Data(json.utf8))
    } catch let error as NetworkError {
      throw error
    } catch let error as DecodingError {
      throw .network("the network's description: \(error.reason)")
    } catch {
      throw .network("the network's description: \(error)")
    }
  }

  /// The description as one line of JSON, keys in alphabetical order, the same for equal networks.
  ///
  /// - Throws: where a number is none that JSON can hold (infinite, or not a number).
  public func json() throws(NetworkError) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do { return String(decoding: try encoder.encode(self), as: UTF8.self) } catch {
      throw .network("the network cannot be written as JSON: \(error)")
    }
  }
}

extension DecodingError {
  /// What is wrong and where, in one line.
  var reason: String {
    func place(_ context: Context, _ last: (any CodingKey)? = nil) -> String {
      let path = (context.codingPath + (last.map { [$0] } ?? [])).map(\.readable)
      return path.isEmpty ? "top level" : path.joined(separator: ".")
    }
    return switch self {
    case .keyNotFound(let key, let context): "\(place(context, key)) is missing"
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      "\(place(context)) is not of type \(type)"
    case .dataCorrupted(let context): "\(place(context)): \(context.debugDescription)"
    @unknown default: "\(self)"
    }
  }
}
