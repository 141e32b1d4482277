import Engine
import FoundationEssentials
import ModelFiles
import Tensors

extension RunFolder {
  /// A value as JSON with its keys in order: the same value gives the same bytes.
  static func json(_ value: some Encodable) throws(TrainingError) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do { return String(decoding: try encoder.encode(value), as: UTF8.self) } catch {
      throw .options("cannot be written as JSON: \(error)")
    }
  }

  /// Replaces the checkpoint.
  ///
  /// - Parameter record: what stands beside the tensors, as JSON.
  func saveCheckpoint(
    _ record: some Encodable, sections: [String: TensorTable], epoch: Int, step: Int
  ) throws(TrainingError) {
    let file = Checkpoint(
      sections: sections, epoch: epoch, step: step, configuration: try Self.json(record))
    do throws(ModelFileError) { try file.write(to: checkpoint) } catch {
      throw .file(path: checkpoint, problem: "\(error)")
    }
  }

  /// Reads the checkpoint and what stands beside its tensors.
  func readCheckpoint<Record: Decodable>(
    _ type: Record.Type
  ) throws(TrainingError) -> (record: Record, sections: [String: TensorTable]) {
    let file: Checkpoint
    do throws(ModelFileError) { file = try Checkpoint(path: checkpoint) } catch {
      throw unusableCheckpoint("\(error)")
    }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let record = try? decoder.decode(Record.self, from: Data(file.configuration.utf8)) else {
      throw unusableCheckpoint("is of another training")
    }
    return (record, file.sections)
  }

  /// Gives variables the values that a checkpoint has for them: for all of them, of their shapes.
  func restore(_ values: TensorTable, to variables: VariableStore) throws(TrainingError) {
    guard values.names.sorted() == variables.names else {
      throw unusableCheckpoint("holds other tensors than this network has")
    }
    for (name, tensor) in values {
      guard variables[name]?.shape == tensor.shape else {
        throw unusableCheckpoint("\(name) is \(tensor.shape)")
      }
      variables[name] = tensor
    }
  }

  func unusableCheckpoint(_ problem: String) -> TrainingError {
    .file(path: checkpoint, problem: "\(problem); delete it to begin anew")
  }
}
