import ArgumentParser

/// A command that requests may use, and what of it.
struct Verb {
  /// Behind `/api/v1/`.
  let path: String
  let method: String
  let command: any ParsableCommand.Type
  /// The flags that have a meaning in a request.
  let names: [String]
  /// What comes back.
  let answer: String

  static let all = [
    Verb(
      path: "filter", method: "POST", command: FilterCommand.self, names: FilterEndpoint.names,
      answer: "image/png"),
    Verb(
      path: "upscale", method: "POST", command: UpscaleCommand.self,
      names: RestoreEndpoint.upscaleNames, answer: "image/png"),
    Verb(
      path: "denoise", method: "POST", command: DenoiseCommand.self,
      names: RestoreEndpoint.denoiseNames, answer: "image/png"),
    Verb(
      path: "segment", method: "POST", command: SegmentCommand.self,
      names: RestoreEndpoint.segmentNames, answer: "image/png"),
    Verb(
      path: "classify", method: "POST", command: ClassifyCommand.self,
      names: ClassifyEndpoint.names, answer: "application/json"),
    Verb(
      path: "explain", method: "POST", command: ExplainCommand.self, names: ExplainEndpoint.names,
      answer: "application/json"),
    Verb(
      path: "info", method: "POST", command: InfoCommand.self, names: InfoEndpoint.names,
      answer: "application/json"),
    Verb(
      path: "generate", method: "GET", command: GANSampleCommand.self,
      names: GenerateEndpoint.names, answer: "image/png"),
    Verb(
      path: "walk", method: "GET", command: GANInterpolateCommand.self,
      names: GenerateEndpoint.walkNames, answer: "image/png"),
  ]
}
