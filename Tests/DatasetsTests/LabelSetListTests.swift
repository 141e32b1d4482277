import Datasets
import Glibc
import Images
import TestSupport
import Testing

/// Lists of images and the labels that hold of each.
@Suite struct LabelSetListTests {
  let folder = TemporaryFolder()

  init() throws {
    for name in ["a.png", "b.png", "c.png", "in, quotes.png"] {
      folder.write(try png(pattern(2, 2)), to: name)
    }
  }

  private func read(
    _ text: String, fewestClasses: Int = 2
  ) throws -> (dataset: Dataset, warnings: [DatasetWarning]) {
    let path = folder.write(Array(text.utf8), to: "list.csv")
    let splits = try DatasetSplits(path: path, fewestClasses: fewestClasses, isMultiLabel: true)
    #expect(splits.validation == nil && splits.test == nil)
    return (splits.training, splits.warnings)
  }

  /// What is said of each image, by name.
  private func labels(_ dataset: Dataset) -> [[String]] {
    guard case .labelSets(let sets) = dataset.annotation else { return [] }
    return sets.map { $0.map { dataset.classNames[$0] } }
  }

  @Test(
    arguments: [
      "a.png,cat;outdoor\nb.png,\nc.png,cat\n", "a.png,cat|outdoor\r\nb.png,\r\nc.png,cat",
      "path,labels\na.png,outdoor; cat\nb.png, \nc.png,cat;cat;\n",
      "labels,split,file\n\"cat;outdoor\",x,a.png\n,x,b.png\ncat,y,c.png\n",
      "\u{FEFF}a.png\tcat;outdoor\nb.png\t\nc.png\tcat\n",
      "path,cat,outdoor\na.png,1,1\nb.png,0,0\nc.png,1,0\n",
      "picture,cat,outdoor\na.png, 1,1.0\nb.png,0 ,0.0\nc.png,1,0\n\n",
      "cat,outdoor,image\n1,1,a.png\n0,0,b.png\n1,0,c.png\n",
      // Lines about the same image.
      "a.png,outdoor\nb.png,\nc.png,cat\na.png,cat\n",
      "path,cat,outdoor\na.png,0,1\nb.png,0,0\nc.png,1,0\na.png,1,0\n",
    ])
  func formsOfLists(text: String) throws {
    let (dataset, warnings) = try read(text)
    #expect(dataset.isMultiLabel && warnings.isEmpty)
    #expect(dataset.classNames == ["cat", "outdoor"])
    #expect(labels(dataset) == [["cat", "outdoor"], [], ["cat"]])
    #expect(dataset.names == ["a.png", "b.png", "c.png"].map { folder.path + "/" + $0 })
    #expect(dataset.classCounts == [2, 1] && dataset.labels == [0, 0, 0])
  }

  @Test func oneLabelHoldsOrNot() throws {
    for text in [
      "path,cat\na.png,1\nb.png,0\n", "path,label\na.png,cat\nb.png,\n", "a.png,cat\nb.png,\n",
    ] {
      let dataset = try read(text).dataset
      #expect(dataset.classNames == ["cat"])
      #expect(labels(dataset) == [["cat"], []])
    }
    // A column of 0 and 1 is one label by the column's name, whatever that is.
    let target = try read("id,target\na.png,1\nb.png,0\n").dataset
    #expect(target.classNames == ["target"] && labels(target) == [["target"], []])
  }

  /// Columns keep their order; what no image has stays and is named.
  @Test func labelsKeepTheOrderOfTheirColumns() throws {
    let (dataset, warnings) = try read("path,z,a,m\na.png,1,0,0\nb.png,0,0,1\n")
    #expect(dataset.classNames == ["z", "a", "m"])
    #expect(
      warnings == [.unusedLabels(path: folder.path + "/list.csv", names: ["a"])])
    #expect("\(warnings[0])".hasSuffix("list.csv: no image has the label a"))
    let sorted = try read("a.png,b;10\nb.png,a\n\"in, quotes.png\",\"say \"\"hi\"\"\"\n").dataset
    #expect(sorted.classNames == ["10", "a", "b", "say \"hi\""])
    #expect(labels(sorted).last == ["say \"hi\""])
  }

  @Test func missingImagesAreNamed() throws {
    let (dataset, warnings) = try read("gone.png,cat\na.png,cat\nb.png,dog\nno/c.png,dog\n")
    #expect(dataset.count == 2)
    #expect(warnings.allSatisfy { $0.isFailure })
    #expect(
      warnings.map { "\($0)" }
        == ["gone.png", "no/c.png"].map {
          "\(folder.path)/\($0): No such file or directory; skipped"
        })
    #expect {
      try read("x.png,cat\ny.png,dog\n")
    } throws: { ($0 as? DatasetError)?.damaged.count == 2 }
  }

  @Test(
    arguments: [
      ("path,cat,dog\na.png,1,2\n", "line 2: dog is \"2\"; expected 0 or 1"),
      ("path,cat,dog\na.png,1,0\nb.png,1,\n", "line 3: dog is \"\"; expected 0 or 1"),
      ("path,cat,dog\na.png,1\n", "line 2: has 2 fields where the first line has 3"),
      ("path,cat,dog\na.png,1,0\nb\n", "line 3: has 1 field where the first line has 3"),
      ("x.png,cat\n", "contains no images"),
      ("path,cat,cat\na.png,1,0\n", "line 1: two columns are called cat"),
      ("path,cat,\na.png,1,0\n", "line 1: column 3 has no name"),
      ("a.png,cat,dog\nb.png,1,0\n", "line 1: expected a path and labels"),
      ("a.png,cat\nb.png,cat,dog\n", "line 2: expected a path and labels"),
      ("a.png,cat\nb.png\n", "line 2: expected a path and labels"),
      ("a.png,cat\n,dog\n", "line 2: expected a path and labels"),
      ("a.png\nb.png\n", "line 1: expected a path and labels"), ("", "line 1: expected"),
      ("a.png,cat\nb.png,cat\n", "all images have the same labels"),
      ("a.png,\nb.png,\n", "all images have the same labels"),
    ])
  func badListsAreRefusedWithTheirLine(text: String, problem: String) {
    #expect {
      try read(text)
    } throws: { "\($0)".hasPrefix("\(folder.path)/list.csv: \(problem)") }
  }

  @Test func whatIsNoListIsRefused() throws {
    func problem(_ path: String) -> String {
      do {
        _ = try DatasetSplits(path: path, isMultiLabel: true)
        return "none"
      } catch { return "\(error)" }
    }
    for path in [folder.path, folder.path + "/a.png"] {
      #expect(problem(path).hasPrefix("\(path): is not a list; "))
    }
    #expect(problem(folder.path + "/none") == "\(folder.path)/none: No such file or directory")
    let binary = folder.write([0x61, 0xFF, 0x2C, 0x62], to: "latin.csv")
    #expect(problem(binary) == "\(binary): not UTF-8")
  }

  /// To measure by, all may have the same labels, or none.
  @Test func anyListCanBeMeasuredBy() throws {
    #expect(try read("a.png,cat\nb.png,cat\n", fewestClasses: 1).dataset.count == 2)
    let none = try read("a.png,\nb.png,\n", fewestClasses: 1).dataset
    #expect(none.classNames.isEmpty && labels(none) == [[], []])
    let matched = try none.relabeled(among: ["cat"], path: "list").dataset
    #expect(labels(matched) == [[], []])
  }

  @Test func everyTenthImageIsHeldOut() throws {
    let sets = (0..<40).map { [[], [0], [0, 1], [2]][$0 % 4] }
    let dataset = Dataset(
      classNames: ["a", "b", "c"], annotation: .labelSets(sets),
      names: (0..<40).map { "\($0)" }, source: .memory(sets.map { _ in pattern(1, 1) }))
    let (training, validation) = try dataset.split()
    #expect(validation.names == ["9", "19", "29", "39"])
    #expect(labels(validation) == [["a"], ["c"], ["a"], ["c"]])
    #expect(training.count == 36 && training.isMultiLabel)
    #expect(throws: DatasetError.self) { try dataset[[3]].split() }
  }

  /// Labels that are not known are left out and told.
  @Test func labelsOfAModel() throws {
    let dataset = try read("a.png,cat;zebra\nb.png,dog;cat\nc.png,zebra\n").dataset
    let (matched, unknown) = try dataset.relabeled(among: ["dog", "fox", "cat"], path: "list")
    #expect(unknown == ["zebra"] && matched.classNames == ["dog", "fox", "cat"])
    #expect(matched.annotation == .labelSets([[2], [0, 2], []]))
    #expect(
      try dataset.relabeled(as: ["zebra", "dog", "cat"], path: "list").classCounts == [2, 1, 2])
    #expect {
      try dataset.relabeled(among: ["fox"], path: "list")
    } throws: {
      "\($0)" == "list: none of its labels (cat, dog, zebra) is known; known: fox"
    }
  }
}
