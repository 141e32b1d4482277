/// Which requests are looked at: decided from the request line and the header alone, before anything of the body is
/// read.
///
/// A page from elsewhere can make a browser send requests to this machine, and a name under its owner's control can come
/// to mean 127.0.0.1 (DNS rebinding). So the name by which the server is called must be one of a list, for every method;
/// and what a browser says of the origin is compared with that list, never with the name in the same request.
package struct RequestPolicy: Sendable {
  /// What the address is for, which decides who may ask.
  package enum Access: Sendable {
    /// The page and its parts: a link from elsewhere may lead to it.
    case page
    /// Says only that the server is there.
    case open
    /// Everything else: needs the token where there is one.
    case guarded
  }

  /// The names and ports, in lower case, that `Host` may have.
  private let authorities: Set<String>
  /// The bytes of the token; nil where none is asked for.
  private let token: [UInt8]?

  /// - Parameters:
  ///   - names: host names and addresses, IPv6 in brackets.
  ///   - token: what a client must know.
  package init(names: [String], port: Int, token: String?) {
    var authorities: Set<String> = []
    for name in names {
      authorities.insert("\(name.lowercased()):\(port)")
      if port == 80 { authorities.insert(name.lowercased()) }
    }
    self.authorities = authorities
    self.token = token.map { Array($0.utf8) }
  }

  /// Refuses a request that does not call this server by its name; judged first and alone.
  ///
  /// - Throws: 421 for a missing, doubled or foreign `Host`, and for a target in absolute form.
  package func checkHost(uri: String, hosts: [String]) throws(Problem) {
    guard hosts.count == 1, authorities.contains(hosts[0].lowercased()),
      uri.utf8.first == UInt8(ascii: "/")
    else {
      throw Problem(
        421, "this server does not answer to that name; allow another with --allow-host NAME")
    }
  }

  /// Refuses a request that a page from elsewhere made, or that lacks the token.
  ///
  /// - Throws: 403 for a foreign origin, 401 without the right token.
  package func check(_ request: Request, access: Access) throws(Problem) {
    let origins = request.values("Origin")
    let isOwn = origins.allSatisfy { origin in
      let text = origin.lowercased()
      return text.hasPrefix("http://") && authorities.contains(String(text.dropFirst(7)))
    }
    guard origins.count <= 1, isOwn else {
      throw Problem(403, "requests of other web pages are not answered")
    }
    let sites = request.values("Sec-Fetch-Site").map { $0.lowercased() }
    if sites.contains(where: { $0 != "same-origin" && $0 != "none" }) || sites.count > 1 {
      // A link on another page may open this one.
      guard access == .page, request.method == "GET" || request.method == "HEAD", origins.isEmpty,
        request.value("Sec-Fetch-Mode")?.lowercased() == "navigate",
        request.value("Sec-Fetch-Dest")?.lowercased() == "document"
      else { throw Problem(403, "requests of other web pages are not answered") }
    }
    guard access == .guarded, let token else { return }
    let scheme = "bearer "
    guard let given = request.value("Authorization"), given.lowercased().hasPrefix(scheme),
      Self.isEqual(Array(given.utf8.dropFirst(scheme.utf8.count)), token)
    else {
      throw Problem(401, "this server needs its token; send it as Authorization: Bearer TOKEN")
    }
  }

  /// Compares in a time that depends on the lengths alone.
  private static func isEqual(_ given: [UInt8], _ token: [UInt8]) -> Bool {
    var difference = UInt8(given.count == token.count ? 0 : 1)
    for (index, byte) in given.enumerated() { difference |= byte ^ token[index % token.count] }
    return difference == 0
  }
}
