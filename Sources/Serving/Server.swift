import Files
import NIOCore
import NIOHTTP1
import NIOPosix

/// An HTTP/1.1 server: takes connections, answers what its routes say, and keeps to its limits.
///
/// All connections live on one thread, which never computes; work is done on those of the scheduler.
package final class Server: Sendable {
  private let group: MultiThreadedEventLoopGroup
  private let core: NIOLoopBound<ServerCore>
  private let channel: any Channel
  private let limits: ServerLimits
  private let loop: any EventLoop
  private let jobs: JobStore

  /// Begins to answer.
  ///
  /// - Throws: where the system gives no thread or no socket.
  package init(
    _ listener: Listener, routes: [Route], policy: RequestPolicy, limits: ServerLimits,
    scheduler: Scheduler, metrics: Metrics, jobs: JobStore
  ) throws {
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    loop = group.next()
    self.limits = limits
    self.jobs = jobs
    let loop = loop
    core = try loop.submit {
      NIOLoopBound(
        ServerCore(
          routes: routes, policy: policy, limits: limits, scheduler: scheduler, metrics: metrics,
          jobs: jobs),
        eventLoop: loop)
    }.wait()
    let core = core
    channel = try ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 512)
      .childChannelOption(.autoRead, value: false)
      .childChannelOption(.maxMessagesPerRead, value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try Self.fill(channel.pipeline.syncOperations, core.value)
        }
      }
      .withBoundSocket(listener.descriptor).wait()
    loop.scheduleRepeatedTask(initialDelay: .milliseconds(50), delay: .milliseconds(50)) { _ in
      core.value.sweep()
    }
  }

  private static func fill(
    _ pipeline: ChannelPipeline.SynchronousOperations, _ core: ServerCore
  ) throws {
    var limits = NIOHTTPDecoderLimitConfiguration()
    limits.maxHeaderFieldSize = core.limits.headerBytes
    limits.maxHeaderListSize = core.limits.headerBytes
    limits.maxHeaderFieldCount = core.limits.headerFields
    let connection = ConnectionHandler(core)
    try pipeline.addHandler(ByteWatch(connection))
    try pipeline.addHandler(HTTPResponseEncoder())
    try pipeline.addHandler(
      ByteToMessageHandler(
        HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits)))
    try pipeline.addHandler(connection)
  }

  /// Takes no more requests, lets those under way end within ``ServerLimits/leavingTime``, and returns.
  package func leave() {
    jobs.cancelAll()
    _ = try? channel.close().wait()
    let done = loop.makePromise(of: Void.self)
    let (core, loop, limits) = (core, loop, limits)
    loop.execute {
      core.value.leave { done.succeed() }
      loop.scheduleTask(in: .milliseconds(Int64(limits.leavingTime * 1000))) {
        core.value.abandon()
        done.succeed()
      }
    }
    _ = try? done.futureResult.wait()
  }
}
