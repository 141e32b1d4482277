extension ConnectionHandler {
  /// Closes the connection where its client takes too long.
  func sweep(_ now: Double) {
    let limits = core.limits
    if let lingerUntil, now > lingerUntil, isAnswered { return close() }
    if pendingWrites > 0, now - max(writtenAt, receivedAt) > limits.stalledTime { return close() }
    if case .receiving(let buffer) = body, let since = buffer.behindSince, now - since > 0.1,
      let file = try? UnnamedFile(in: core.jobs.room)
    {
      buffer.spill(to: file)
      readMore()
    }
    if case .receiving(let buffer) = body, isReading, let window,
      now - window.since >= limits.bodyWindow
    {
      guard window.bytes < limits.bodyBytesPerWindow else {
        self.window = (now, 0)
        return
      }
      isKeptAlive = false
      body = .complete
      buffer.fail(Problem(408, "the request's body comes too slowly"))
    }
    guard case .idle = body else { return }
    if let headerSince, now - headerSince > limits.headerTime {
      isKeptAlive = false
      startRequest()
      body = .complete
      return answer(Problem(408, "the request's header comes too slowly"))
    }
    if headerSince == nil, now - idleSince > limits.idleTime { close() }
  }

  /// Since when there has been no request that is not answered; nil while there is one.
  var idleBegan: Double? {
    guard isAnswered else { return nil }
    return headerSince.map { min($0, idleSince) } ?? idleSince
  }

  /// Closes the connection as soon as it has no request.
  func leave() {
    if case .idle = body { close() } else { isKeptAlive = false }
  }
}
