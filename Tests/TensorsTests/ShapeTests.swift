import Tensors
import Testing

@Suite struct ShapeTests {
  @Test func countsElements() {
    #expect(Shape([2, 3, 4]).count == 24)
    #expect(Shape([]).count == 1)
    #expect(Shape([5, 0, 2]).count == 0)
  }

  @Test func countsWithoutOverflow() {
    #expect(Shape([1 << 40, 1 << 40]).count == .max)
    #expect(Shape([.max, .max, .max]).count == .max)
    #expect(Shape([-1, 5]).count == 0)
  }

  @Test func describesItself() {
    #expect(Shape([3, 3, 64]).description == "3×3×64")
    #expect(Shape([]).description == "scalar")
  }

  @Test func strides() {
    #expect(Shape([2, 3, 4]).strides == [12, 4, 1])
    #expect(Shape([]).strides == [])
  }

  @Test func replacesOneExtent() {
    #expect(Shape([2, 3, 4]).replacing(axis: 1, with: 7) == [2, 7, 4])
  }
}
