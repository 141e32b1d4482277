/// A step before its buffers have places.
struct PlannedStep {
  let label: String?
  let name: String
  let implementation: String
  /// Products that are added up, where that says how much work it is; an algorithm that needs fewer
  /// is counted like one that does not.
  let multiplyAdds: Int?
  let reads: [BufferID]
  let writes: [BufferID]
  let scratchBytes: Int
  /// Whether it depends on nothing that changes from run to run.
  let isConstant: Bool
  /// A written buffer that may take the place of one of some that are read.
  let inPlace: (output: BufferID, inputs: [BufferID])?
  let bind: (Addresses) throws(EngineError) -> any Step
}
