import Tensors
import Testing

@Suite struct TensorTests {
  @Test func isRowMajor() {
    let tensor = Tensor([2, 3], [0, 1, 2, 3, 4, 5])
    #expect(tensor[1, 0] == 3)
    #expect(tensor[0, 2] == 2)
    #expect(tensor.reshaped(to: [3, 2])[1, 0] == 2)
    #expect(Tensor.scalar(7)[] == 7)
  }

  @Test func isAValue() {
    let original = Tensor.zeros([2, 2])
    var copy = original
    copy[0, 1] = 5
    copy.withUnsafeMutableBufferPointer { $0[3] = 6 }
    #expect(original.scalars == [0, 0, 0, 0])
    #expect(copy.scalars == [0, 5, 0, 6])
  }
}
