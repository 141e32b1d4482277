import Files
import FoundationEssentials
import Inference
import ModelFiles
import Serving

/// The Open Inference Protocol (KServe's version 2, HTTP): classifiers as functions from tensors to tensors, for
/// programs that preprocess images on their own.
///
/// The input `images` is N × C × H × W, FP32, normalized as the network was trained; the output `probabilities` is
/// N × classes. Tensors come as JSON or, as its extension says, as bytes behind the JSON.
struct InferenceProtocol: Sendable {
  let models: ServedModels
  let networks: NetworkThread

  private static let input = "images"
  private static let output = "probabilities"
  /// Images in one request.
  private static let most = 64

  var routes: [Route] {
    let ok = Route.Work.immediate { (_) throws(Problem) in Response(text: "{}\n") }
    return [
      Route("GET", "/v2/health/live", access: .open, ok),
      Route("GET", "/v2/health/ready", access: .open, ok),
      Route(
        "GET", "/v2",
        .immediate { (_) throws(Problem) in
          Response(
            text: "{\"name\":\"vision\",\"version\":\(jsonText(Vision.version)),"
              + "\"extensions\":[\"binary_tensor_data\"]}\n")
        }),
    ]
      + ["/v2/models/*", "/v2/models/*/versions/*"].flatMap { path in
        [
          Route("GET", path, .computed(cost: { _ in 0.01 }) { try describe($0) }),
          Route("GET", path + "/ready", .computed(cost: { _ in 0.01 }) { try check($0) }),
          Route("POST", path + "/infer", .computed(cost: { _ in 0.02 }) { try infer($0) }),
        ]
      }
  }

  private struct Tensor: Codable {
    struct Parameters: Codable {
      var byteCount: Int?
      var isBinary: Bool?

      private enum CodingKeys: String, CodingKey {
        case byteCount = "binary_data_size"
        case isBinary = "binary_data"
      }
    }
    var name: String
    var shape: [Int]?
    var datatype: String?
    var parameters: Parameters?
    var data: Numbers?
  }

  /// The numbers of a tensor, flat or in rows.
  private struct Numbers: Codable {
    var values: [Float]

    init(_ values: [Float]) { self.values = values }

    /// Under which a decoder has the request's cancellation: millions of numbers take long.
    static let cancellationKey = CodingUserInfoKey(rawValue: "cancellation")

    init(from decoder: any Decoder) throws {
      let cancellation = Self.cancellationKey.flatMap { decoder.userInfo[$0] } as? Cancellation
      var container = try decoder.unkeyedContainer()
      values = []
      values.reserveCapacity(container.count ?? 0)
      var isFlat: Bool?
      var next = 0
      while !container.isAtEnd {
        if next % 4096 == 0 { try cancellation?.check() }
        next += 1
        if isFlat == nil, let first = try? container.decode(Float.self) {
          isFlat = true
          values.append(first)
        } else if isFlat == true {
          values.append(try container.decode(Float.self))
        } else {
          isFlat = false
          values += try container.decode(Numbers.self).values
        }
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      try container.encode(values)
    }
  }

  private struct Query: Decodable {
    struct Parameters: Decodable {
      var isBinary: Bool?

      private enum CodingKeys: String, CodingKey { case isBinary = "binary_data_output" }
    }
    var id: String?
    var parameters: Parameters?
    var inputs: [Tensor]
    var outputs: [Tensor]?
  }

  private struct Answer: Encodable {
    var modelName: String
    var modelVersion = "1"
    var id: String?
    var outputs: [Tensor]

    private enum CodingKeys: String, CodingKey {
      case modelName = "model_name"
      case modelVersion = "model_version"
      case id, outputs
    }
  }

  // MARK: - What there is

  private func classifier(_ request: Request) throws(Problem) -> (
    ServedModel, ServedModel.ClassifierFacts
  ) {
    guard let model = models.all.first(where: { $0.name == request.parameters[0] }),
      request.parameters.count < 2 || request.parameters[1] == "1"
    else { throw .notFound }
    do throws(InferenceError) { return (model, try model.classifierFacts()) } catch {
      throw Problem(422, "the model \(model.name) does not classify images")
    }
  }

  private func check(_ exchange: Exchange) throws {
    _ = try classifier(exchange.request)
    exchange.respond(Response(text: "{}\n"))
  }

  private func describe(_ exchange: Exchange) throws {
    struct Description: Encodable {
      let name: String
      let versions = ["1"]
      let platform = "vision"
      let inputs: [Tensor]
      let outputs: [Tensor]
    }
    let (model, facts) = try classifier(exchange.request)
    let form = facts.preprocessing
    exchange.respond(
      Response(
        text: try encodeJSON(
          line: Description(
            name: model.name,
            inputs: [
              Tensor(
                name: Self.input, shape: [-1, form.channels, form.height, form.width],
                datatype: "FP32")
            ],
            outputs: [
              Tensor(name: Self.output, shape: [-1, facts.classNames.count], datatype: "FP32")
            ])) + "\n"))
  }

  // MARK: - Inference

  private func infer(_ exchange: Exchange) throws {
    let (model, facts) = try classifier(exchange.request)
    let length = exchange.request.contentLength ?? 8 << 20
    // Numbers as text take several times their size while they are read.
    try exchange.slot?.reserve(4 * length)
    let bytes = try body(of: exchange)
    let headerLength: Int
    if let given = exchange.request.value("Inference-Header-Content-Length") {
      guard let count = Int(given), (0...bytes.count).contains(count) else {
        throw Problem.badRequest("Inference-Header-Content-Length: give the length of the JSON")
      }
      headerLength = count
    } else {
      headerLength = bytes.count
    }
    let query: Query
    do {
      let decoder = JSONDecoder()
      if let key = Numbers.cancellationKey { decoder.userInfo[key] = exchange.cancellation }
      query = try decoder.decode(Query.self, from: Data(bytes[..<headerLength]))
    } catch {
      try exchange.cancellation.check()
      throw Problem.badRequest("the request is not what the protocol says: \(Self.short(error))")
    }
    let images = try images(in: query, behind: bytes[headerLength...], facts)
    let pending = images.map {
      networks.classify(
        .init(values: $0, top: facts.classNames.count), model, exchange.cancellation)
    }
    var values: [Float] = []
    for result in pending {
      let classification: Classification
      do { classification = try result.value(exchange.slot) } catch {
        try exchange.cancellation.check()
        throw Problem(error)
      }
      var row = [Float](repeating: 0, count: facts.classNames.count)
      for prediction in classification.predictions {
        row[prediction.index] = Float(prediction.probability)
      }
      values += row
    }
    try send(values, count: images.count, query, model, exchange)
  }

  private static func short(_ error: any Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, _): "\(key.stringValue) is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      context.codingPath.map(\.stringValue).joined(separator: ".") + " is of another kind"
    default: "it is no JSON"
    }
  }

  private func body(of exchange: Exchange) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { buffer in
      while true {
        let count = try exchange.readBody(into: buffer)
        if count == 0 { break }
        bytes += buffer[..<count]
      }
    }
    return bytes
  }

  private func images(
    in query: Query, behind binary: ArraySlice<UInt8>, _ facts: ServedModel.ClassifierFacts
  ) throws(Problem) -> [[Float]] {
    guard query.inputs.count == 1, let tensor = query.inputs.first, tensor.name == Self.input,
      tensor.datatype == "FP32"
    else { throw .badRequest("give one input, \(Self.input), of FP32") }
    let form = facts.preprocessing
    guard let shape = tensor.shape, shape.count == 4, (1...Self.most).contains(shape[0]),
      shape[1] == form.channels, shape[2] == form.height, shape[3] == form.width
    else {
      throw .badRequest(
        "\(Self.input) must be N × \(form.channels) × \(form.height) × \(form.width), N up to \(Self.most)"
      )
    }
    let count = form.elementCount
    let values: [Float]
    if let size = tensor.parameters?.byteCount {
      guard size == 4 * count * shape[0], binary.count >= size else {
        throw .badRequest(
          "binary_data_size must be that of the shape, and as many bytes must follow")
      }
      values = binary.prefix(size).withUnsafeBytes { bytes in
        (0..<count * shape[0]).map {
          Float(
            bitPattern: UInt32(
              littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
        }
      }
    } else {
      values = tensor.data?.values ?? []
    }
    guard values.count == count * shape[0] else {
      throw .badRequest("there are \(values.count) numbers for a shape of \(count * shape[0])")
    }
    return stride(from: 0, to: values.count, by: count).map { Array(values[$0..<$0 + count]) }
  }

  private func send(
    _ values: [Float], count: Int, _ query: Query, _ model: ServedModel, _ exchange: Exchange
  ) throws {
    let wanted = query.outputs?.first
    guard (query.outputs?.count ?? 1) == 1, wanted.map({ $0.name == Self.output }) ?? true else {
      throw Problem.badRequest("there is one output, \(Self.output)")
    }
    let isBinary =
      wanted?.parameters?.isBinary ?? query.parameters?.isBinary ?? false
    var tensor = Tensor(
      name: Self.output, shape: [count, values.count / count], datatype: "FP32")
    if isBinary {
      tensor.parameters = Tensor.Parameters(byteCount: 4 * values.count)
    } else {
      tensor.data = Numbers(values)
    }
    let text = try encodeJSON(
      line: Answer(modelName: model.name, id: query.id, outputs: [tensor]))
    guard isBinary else { return exchange.respond(Response(text: text)) }
    var body = Array(text.utf8)
    let length = body.count
    for value in values {
      withUnsafeBytes(of: value.bitPattern.littleEndian) { body += $0 }
    }
    exchange.respond(
      Response(
        type: .bytes, fields: [("Inference-Header-Content-Length", "\(length)")], body: body))
  }
}
