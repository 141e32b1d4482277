/// What a client may take of the server. Times are in seconds.
package struct ServerLimits: Sendable {
  /// Bytes of a request line and header.
  package var headerBytes = 16 << 10
  package var headerFields = 100
  /// From the first byte of a header to its last, or from accepting a connection.
  package var headerTime = 10.0
  /// Bytes of a body.
  package var bodyBytes = 64 << 20
  /// A body must bring as many bytes as this in any ``bodyWindow`` in which it is waited for.
  package var bodyBytesPerWindow = 160 << 10
  package var bodyWindow = 10.0
  /// A connection without a request is closed after this.
  package var idleTime = 60.0
  /// A client that takes nothing of its answer for so long is left.
  package var stalledTime = 30.0
  package var connections = 256
  /// Requests that wait for a processor.
  package var queue = 64
  /// How long running work may go on once the server is told to stop.
  package var leavingTime = 10.0

  package init() {}
}
