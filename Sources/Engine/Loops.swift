import LoopInterface
import Loops

/// The float loops of this machine's instruction set.
func tensorLoops() throws(EngineError) -> TensorLoops {
  do {
    return try Loops.table().tensor
  } catch {
    throw .unavailable(error.description)
  }
}
