import Foundation
import Testing

/// The Open Inference Protocol: tensors in the place of images.
@Suite(.serialized) struct ServeTensorTests {
  let work: Workspace
  let server: RunningServer

  init() throws {
    work = try Workspace()
    server = try RunningServer(work)
  }

  private struct Tensors: Decodable {
    struct Output: Decodable {
      let name: String
      let shape: [Int]
      let data: [Float]?
    }
    let outputs: [Output]
    let id: String?
  }

  @Test func theInferenceProtocolAnswers() throws {
    #expect(try server.get("/v2/health/live").status == 200)
    #expect(try server.get("/v2/models/digits/ready").status == 200)
    #expect(try server.get("/v2/models/nothing/ready").status == 404)
    #expect(try server.get("/v2/models/faces/ready").status == 422)
    let description = try server.get("/v2/models/digits").text
    #expect(description.contains("\"shape\":[-1,1,28,28]"))
    let numbers = (0..<2 * 784).map { Float($0 % 97) / 97 }
    let values = numbers.map { "\($0)" }.joined(separator: ",")
    let json =
      "{\"id\":\"7\",\"inputs\":[{\"name\":\"images\",\"shape\":[2,1,28,28],\"datatype\":\"FP32\",\"data\":[\(values)]}]}"
    let reply = try server.post("/v2/models/digits/infer", Data(json.utf8))
    let answer = try JSONDecoder().decode(Tensors.self, from: reply.body)
    let output = try #require(answer.outputs.first)
    #expect(answer.id == "7" && output.name == "probabilities" && output.shape == [2, 10])
    let probabilities = try #require(output.data)
    #expect(abs(probabilities.prefix(10).reduce(0, +) - 1) < 1e-4)
    // The same as bytes, in and out.
    let head = Data(
      ("{\"inputs\":[{\"name\":\"images\",\"shape\":[2,1,28,28],\"datatype\":\"FP32\","
        + "\"parameters\":{\"binary_data_size\":\(8 * 784)}}],"
        + "\"outputs\":[{\"name\":\"probabilities\",\"parameters\":{\"binary_data\":true}}]}").utf8)
    let bytes = numbers.withUnsafeBytes { Data($0) }
    let binary = try server.post(
      "/v2/models/digits/infer", head + bytes,
      fields: ["Inference-Header-Content-Length: \(head.count)"])
    let length = try #require(binary.fields["inference-header-content-length"].flatMap { Int($0) })
    let result = binary.body.dropFirst(length)
    #expect(result.count == 80)
    let floats = Array(result).withUnsafeBytes { bytes in
      (0..<20).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
    }
    #expect(zip(floats, probabilities).allSatisfy { abs($0 - $1) < 1e-5 })
    for wrong in [
      "", "[]", "{}", "{\"inputs\":[]}", json.replacing("28,28", with: "27,28"),
      json.replacing("FP32", with: "INT8"), json.replacing("\"data\":[0.0,", with: "\"data\":["),
      json.replacing("images", with: "image"),
    ] {
      #expect(
        try server.post("/v2/models/digits/infer", Data(wrong.utf8)).status == 400,
        "\(wrong.prefix(90))")
    }
  }
}
