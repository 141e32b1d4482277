/// An address that the server knows, and what is done there.
package struct Route: Sendable {
  /// How an answer comes about.
  package enum Work: Sendable {
    /// At once, on the connections' own thread: it must neither compute much nor wait.
    case immediate(@Sendable (Request) throws(Problem) -> Response)
    /// On a thread that may compute, once the request's turn has come. Work that may take long says how long, once it knows;
    /// see ``Exchange/expect(_:)``.
    case computed(
      cost: @Sendable (Request) -> Double, mayTakeLong: Bool = false,
      @Sendable (Exchange) throws -> Void)
    /// Later, by whoever holds the exchange then. The closure is called on the connections' own thread and must not
    /// wait.
    case held(@Sendable (Exchange) throws(Problem) -> Void)
  }

  /// `GET` or `POST`, ….
  package let method: String
  /// The path's segments; `*` stands for any one.
  package let path: [String]
  package let access: RequestPolicy.Access
  package let work: Work

  /// - Parameter path: from the root, as `/api/v1/runs/*`.
  package init(
    _ method: String, _ path: String, access: RequestPolicy.Access = .guarded, _ work: Work
  ) {
    self.method = method
    self.path = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
      .map(String.init)
    self.access = access
    self.work = work
  }

  /// What metrics call it.
  var name: String { "/" + path.joined(separator: "/") }

  /// What stands for the `*`; nil where the path is another.
  private func parameters(in segments: [String]) -> [String]? {
    guard segments.count == path.count else { return nil }
    var result: [String] = []
    for (own, given) in zip(path, segments) {
      if own == "*", !given.isEmpty { result.append(given) } else if own != given { return nil }
    }
    return result
  }

  /// The route for a request, and the request with its parameters.
  ///
  /// - Throws: 404 for an address that there is not, 405 for another method.
  static func find(
    _ request: Request, among routes: [Route]
  ) throws(Problem) -> (Route, Request) {
    var methods: [String] = []
    for route in routes {
      guard let parameters = route.parameters(in: request.target.segments) else { continue }
      if route.method == request.method || (route.method == "GET" && request.method == "HEAD") {
        var request = request
        request.parameters = parameters
        return (route, request)
      }
      methods.append(route.method)
    }
    guard !methods.isEmpty else { throw .notFound }
    var problem = Problem(405, "this address takes \(methods.joined(separator: ", ")) only")
    problem.allowedMethods = methods
    throw problem
  }
}
