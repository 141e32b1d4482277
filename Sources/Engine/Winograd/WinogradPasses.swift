/// What a Winograd step does with each chunk, in the memory of the chunk's team.
struct WinogradPasses {
  typealias Pass = (
    _ chunk: WinogradChunk, _ memory: WinogradMemory.Part, _ part: Int, _ parts: Int
  ) -> Void
  /// What a product reads and writes: the memory of its first point, and from one point to the next.
  typealias PointArguments = [(
    Argument, MemoryDescriptor, UnsafeMutablePointer<Float>, pointStride: Int
  )]

  let arguments: (borrowing PrimitiveDescriptor, WinogradMemory.Part) -> PointArguments
  let before, after: Pass
  /// What all threads do after the last chunk.
  var finish: ((_ part: Int, _ parts: Int) -> Void)?
}

extension WinogradConvolution {
  /// Emits a step of a product for each point with what comes before and after it.
  ///
  /// - Parameters:
  ///   - kernelPoints: floats that each team needs for the points of kernels.
  ///   - kernels: floats that each team needs for kernels.
  func emit(
    _ name: String, reads: [BufferID], writes: [BufferID], _ lowering: Lowering,
    kernelPoints: Int = 0, kernels: Int = 0,
    product: @escaping () throws(EngineError) -> PrimitiveDescriptor,
    _ passes: @escaping (Addresses, WinogradMemory) -> WinogradPasses
  ) throws(EngineError) {
    let compiled = try forProduct { () throws(EngineError) in try Primitive(try product()) }
    let memory = WinogradMemory(
      finePoints: finePoint * points, coarsePoints: coarsePoint * points,
      kernelPoints: kernelPoints, kernels: kernels, scratchpad: compiled.scratchpad.byteCount,
      products: threads / teams / productThreads)
    lowering.emit(
      name, implementation: "winograd \(compiled.implementation)", multiplyAdds: multiplyAdds,
      reads: reads, writes: writes, scratchBytes: teams * memory.byteCount
    ) { (addresses) throws(EngineError) in
      let passes = passes(addresses, memory)
      let teamMemory = (0..<teams).map { memory.part(of: $0, in: addresses.scratch) }
      return WinogradStep(
        chunks: chunks, threads: threads,
        products: try bind(product, teamMemory, passes.arguments),
        productThreads: productThreads,
        before: { chunk, part, parts in
          passes.before(chunk, teamMemory[chunk.team], part, parts)
        },
        after: { chunk, part, parts in
          passes.after(chunk, teamMemory[chunk.team], part, parts)
        }, finish: passes.finish)
    }
  }

  /// For each team a primitive for each point, bound to the point's memory.
  private func bind(
    _ product: () throws(EngineError) -> PrimitiveDescriptor, _ memory: [WinogradMemory.Part],
    _ arguments: (borrowing PrimitiveDescriptor, WinogradMemory.Part)
      -> WinogradPasses.PointArguments
  ) throws(EngineError) -> [[Primitive]] {
    try forProduct { () throws(EngineError) in
      let descriptor = try product()
      var products: [[Primitive]] = []
      for part in memory {
        let arguments = arguments(descriptor, part)
        var primitives: [Primitive] = []
        for (index, scratchpad) in part.scratchpads.enumerated() {
          for point in share(points, part: index, parts: part.scratchpads.count) {
            let primitive = try Primitive(descriptor)
            for (argument, order, address, stride) in arguments {
              try primitive.bind(argument, order, UnsafeMutableRawPointer(address + point * stride))
            }
            if primitive.scratchpad.byteCount > 0 {
              try primitive.bind(.scratchpad, primitive.scratchpad, scratchpad)
            }
            primitives.append(primitive)
          }
        }
        products.append(primitives)
      }
      return products
    }
  }

  /// Makes primitives for the threads that run them.
  private func forProduct<Result>(
    _ make: () throws(EngineError) -> Result
  ) throws(EngineError) -> Result {
    setTeamSize(productThreads)
    defer { setTeamSize(threads) }
    return try make()
  }
}
