import ONNX
import TestSupport

extension FileBuilder {
  func model() throws(ONNXError) -> ONNXModel { try ONNXModel(bytes: bytes) }
}
