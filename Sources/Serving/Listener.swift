import Files
import Glibc

/// Why the server cannot listen, in one line that says what to do.
package struct ListenError: Error, CustomStringConvertible {
  package let description: String
}

/// A socket that is bound to an address.
package struct Listener: Sendable {
  package let descriptor: Int32
  /// The port, also where any free one was asked for.
  package let port: Int
  /// Whether only programs on this machine reach it.
  package let isLoopback: Bool
  /// The name of the host as it stands in an address: IPv6 in brackets.
  package let host: String

  /// Whether a host's name is of this machine alone.
  package static func isLoopback(_ host: String) throws(ListenError) -> Bool {
    try Address(host, port: 0).isLoopback
  }

  /// - Parameters:
  ///   - host: a name or an address.
  ///   - port: 0 for any that is free.
  package init(host: String, port: Int) throws(ListenError) {
    let address = try Address(host, port: port)
    let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
    guard descriptor >= 0 else {
      throw ListenError(description: "cannot listen at \(host): \(errorText(errno))")
    }
    var yes: Int32 = 1
    setsockopt(
      descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout.size(ofValue: yes)))
    guard address.withPointer({ bind(descriptor, $0, $1) }) == 0, listen(descriptor, 512) == 0
    else {
      let reason = errno
      close(descriptor)
      throw ListenError(
        description: reason == EADDRINUSE
          ? "\(Self.bracketed(host)):\(port) is taken by another program; give another --port, or "
            + "--port 0 for any that is free"
          : "cannot listen at \(Self.bracketed(host)):\(port): \(errorText(reason)); give another "
            + (reason == EACCES ? "--port above 1023" : "--host or --port"))
    }
    self.descriptor = descriptor
    isLoopback = address.isLoopback
    self.host = Self.bracketed(host)
    self.port = Self.port(of: descriptor) ?? port
  }

  private static func bracketed(_ host: String) -> String {
    host.contains(":") ? "[\(host)]" : host
  }

  private static func port(of descriptor: Int32) -> Int? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        guard getsockname(descriptor, address, &length) == 0 else { return nil }
        // The port lies at the same place in both families.
        return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
          Int(UInt16(bigEndian: $0.pointee.sin_port))
        }
      }
    }
  }
}

/// An address of a socket.
private struct Address {
  private var storage = sockaddr_storage()
  private let length: socklen_t
  let family: Int32

  init(_ host: String, port: Int) throws(ListenError) {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
    var found: UnsafeMutablePointer<addrinfo>?
    defer { if let found { freeaddrinfo(found) } }
    guard getaddrinfo(host, "\(port)", &hints, &found) == 0, let first = found?.pointee,
      let address = first.ai_addr, Int(first.ai_addrlen) <= MemoryLayout<sockaddr_storage>.size
    else {
      throw ListenError(
        description: "--host \(host): there is no such address; give one of this machine's")
    }
    family = first.ai_family
    length = first.ai_addrlen
    withUnsafeMutableBytes(of: &storage) {
      $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(first.ai_addrlen)))
    }
  }

  func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    withUnsafePointer(to: storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
    }
  }

  /// 127.0.0.0/8 and ::1.
  var isLoopback: Bool {
    withUnsafeBytes(of: storage) { bytes in
      family == AF_INET
        ? bytes[4] == 127
        : family == AF_INET6 && bytes[8..<23].allSatisfy { $0 == 0 } && bytes[23] == 1
    }
  }
}
