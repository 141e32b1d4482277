import CDNNL
import Loops

/// oneDNN's processor and its queue, made when first needed (nothing happens at load time).
final class Processor: @unchecked Sendable {
  // oneDNN documents engines as safe to share between threads; the stream runs each call at once.
  let engine: dnnl_engine_t
  let stream: dnnl_stream_t

  private init(engine: dnnl_engine_t, stream: dnnl_stream_t) {
    self.engine = engine
    self.stream = stream
  }

  private static let result: Result<Processor, EngineError> = Result {
    () throws(EngineError) -> Processor in
    _ = instructionSet
    var engine: dnnl_engine_t?
    try check(dnnl_engine_create(&engine, dnnl_cpu, 0), "engine_create")
    var stream: dnnl_stream_t?
    let flags = UInt32(dnnl_stream_default_flags.rawValue)
    try check(dnnl_stream_create(&stream, engine, flags), "stream_create")
    guard let engine, let stream else {
      throw EngineError.library(call: "engine_create", status: "no engine")
    }
    return Processor(engine: engine, stream: stream)
  }

  static var shared: Processor {
    get throws(EngineError) { try result.get() }
  }

  /// What oneDNN may use: all that the processor has, or what `VISION_CPU` limits it to. oneDNN takes a limit
  /// only before it is first asked for something.
  private static let instructionSet: UInt32 = {
    // A name that there is not has been refused before, by the loops.
    if let limit = try? InstructionSet.limit() {
      let highest =
        switch limit {
        case .baseline: dnnl_cpu_isa_sse41
        case .v3: dnnl_cpu_isa_avx2
        case .v4: dnnl_cpu_isa_avx512_core
        }
      dnnl_set_max_cpu_isa(highest)
    }
    return dnnl_get_effective_cpu_isa().rawValue
  }()

  private static func has(_ set: dnnl_cpu_isa_t) -> Bool {
    instructionSet & set.rawValue == set.rawValue
  }

  /// Whether bfloat16 arithmetic is in the instruction set that oneDNN may use.
  static var supportsBFloat16: Bool { has(dnnl_cpu_isa_avx512_core_bf16) }

  /// Whether the processor multiplies matrices of bfloat16 in tiles (AMX).
  static var supportsMatrixTiles: Bool { has(dnnl_cpu_isa_avx512_core_amx) }

  /// How many channels oneDNN's blocked image order groups: 16 with AVX-512, 8 without.
  static var channelBlock: Int { has(dnnl_cpu_isa_avx512_core) ? 16 : 8 }
}

/// Turns oneDNN's status into an error.
func check(_ status: dnnl_status_t, _ call: String) throws(EngineError) {
  guard status != dnnl_success else { return }
  if status == dnnl_unimplemented { throw .unsupported(call) }
  throw .library(call: call, status: String(cString: dnnl_status2str(status)))
}
