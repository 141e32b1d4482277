import Models
import Testing

@Suite struct LabelsTests {
  @Test func namesAreThoseOfTheirNumbers() {
    #expect(Labels.imageNet.count == 1000)
    #expect(Set(Labels.imageNet).count == 1000)
    for (number, name) in [
      (0, "tench"), (207, "golden retriever"), (281, "tabby"), (574, "golf ball"),
      (999, "toilet tissue"),
    ] { #expect(Labels.imageNet[number] == name) }
    #expect(Labels.coco.count == 80)
    #expect(Labels.coco.first == "person")
    #expect(Labels.coco.last == "toothbrush")
    #expect(Labels.known(count: 1000) == Labels.imageNet)
    #expect(Labels.known(count: 12) == nil)
  }
}
