import Serving

/// `GET openapi.json`: the interface, as OpenAPI 3.1 describes it. Parameters are the commands' own options.
struct OpenAPIEndpoint: Sendable {
  var route: Route {
    Route(
      "GET", "/api/v1/openapi.json",
      .computed(cost: { _ in 0.01 }) { exchange in
        exchange.respond(Response(text: Self.text + "\n"))
      })
  }

  private static let text: String = {
    let verbs = Verb.all.map { verb in
      let operation = object([
        ("operationId", jsonText(verb.path)),
        ("summary", jsonText(verb.command.configuration.abstract)),
        ("parameters", "[" + parameters(of: verb).joined(separator: ",") + "]"),
        verb.method == "POST" ? ("requestBody", requestBody(of: verb)) : nil,
        (
          "responses",
          object([
            ("200", response("the result", verb.answer)),
            ("default", response("a problem (RFC 9457)", "application/problem+json")),
          ])
        ),
      ])
      return ("/api/v1/\(verb.path)", object([(verb.method.lowercased(), operation)]))
    }
    let others = [
      ("/api/v1/models", "the networks that this server has"),
      ("/api/v1/runs", "the training runs that this server shows"),
      ("/api/v1/options", "what filters and verbs take"),
    ].map { path, summary in
      (
        path,
        object([
          (
            "get",
            object([
              ("summary", jsonText(summary)),
              ("responses", object([("200", response(summary, "application/json"))])),
            ])
          )
        ])
      )
    }
    return object([
      ("openapi", jsonText("3.1.0")),
      (
        "info",
        object([("title", jsonText("vision serve")), ("version", jsonText(Vision.version))])
      ),
      ("paths", object(verbs + others)),
      (
        "components",
        object([
          (
            "securitySchemes",
            object([
              (
                "token", object([("type", jsonText("http")), ("scheme", jsonText("bearer"))])
              )
            ])
          )
        ])
      ),
    ])
  }()

  private static func parameters(of verb: Verb) -> [String] {
    var options = DescribedOption.options(of: verb.command, named: verb.names)
    if verb.path == "filter" {
      options = options.filter { option in
        FilterFlag.allCases.allSatisfy { $0.name != option.name }
          && ModifierFlag.allCases.allSatisfy { $0.name != option.name }
      }
      options += FilterFlag.allCases.map(\.described)
      options += ModifierFlag.allCases.filter { verb.names.contains($0.name) }.map(\.described)
    }
    return options.map { option in
      var schema = [("type", jsonText("string"))]
      if !option.values.isEmpty {
        schema.append(
          ("examples", "[" + option.values.map(jsonText).joined(separator: ",") + "]"))
      }
      return object([
        ("name", jsonText(option.name)), ("in", jsonText("query")),
        ("description", jsonText(option.summary)),
        ("allowEmptyValue", option.placeholder == nil ? "true" : "false"),
        ("schema", object(schema)),
      ])
    }
  }

  private static func requestBody(of verb: Verb) -> String {
    let binary = object([
      ("schema", object([("type", jsonText("string")), ("format", jsonText("binary"))]))
    ])
    let files = object([
      (
        "schema",
        object([
          ("type", jsonText("object")),
          (
            "properties",
            object([
              (
                "image",
                object([
                  ("type", jsonText("array")),
                  (
                    "items",
                    object([("type", jsonText("string")), ("format", jsonText("binary"))])
                  ),
                ])
              )
            ])
          ),
        ])
      )
    ])
    return object([
      ("required", "true"),
      (
        "content",
        object([
          ("application/octet-stream", binary),
          verb.path == "classify" ? ("multipart/form-data", files) : nil,
        ])
      ),
    ])
  }

  private static func response(_ text: String, _ type: String) -> String {
    object([("description", jsonText(text)), ("content", object([(type, "{}")]))])
  }

  private static func object(_ members: [(String, String)?]) -> String {
    "{"
      + members.compactMap { $0 }.map { jsonText($0.0) + ":" + $0.1 }.joined(separator: ",") + "}"
  }
}

extension ChainFlag {
  /// As an option of the interface.
  fileprivate var described: DescribedOption {
    DescribedOption(name: name, placeholder: placeholder, summary: summary, values: values)
  }
}
