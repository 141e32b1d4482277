import Engine
import ModelFiles
import Tensors

extension RunFolder {
  /// Replaces the checkpoint.
  ///
  /// - Parameter record: what stands beside the tensors, as JSON.
  func saveCheckpoint(
    _ record: some Encodable, sections: [String: TensorTable], epoch: Int, step: Int
  ) throws(TrainingError) {
    do throws(ModelFileError) {
      let file = Checkpoint(
        sections: sections, epoch: epoch, step: step, configuration: try JSONText.encode(record))
      try file.write(to: checkpoint)
    } catch {
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
    do throws(ModelFileError) {
      let record = try JSONText.decode(type, from: file.configuration, called: "record")
      return (record, file.sections)
    } catch {
      throw unusableCheckpoint("is of another training")
    }
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
