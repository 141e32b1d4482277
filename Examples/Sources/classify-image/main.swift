// What is in images: classify-image MODEL IMAGE...
import Glibc
import Images
import Inference

let paths = CommandLine.arguments.dropFirst(2)
guard let path = CommandLine.arguments.dropFirst().first, !paths.isEmpty else {
  print("usage: classify-image MODEL IMAGE...")
  exit(64)
}
let classifier = try ImageClassifier(Classifier(path: path))
let images = try paths.map { try Image(path: $0) }
for (path, answer) in zip(paths, try classifier.classify(images, top: 3)) {
  let labels = answer.predictions.map { "\($0.label) \(Int($0.probability * 100)) %" }
  print(path, labels.joined(separator: ", "), separator: "  ")
}
