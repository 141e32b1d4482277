import Datasets

extension ClassifierTrainer {
  /// Finds the layer where numbers stopped being finite: goes back to the last checkpoint, or to the
  /// beginning, and does the steps once more up to the one that failed. The same steps give the same
  /// numbers, so it fails there again.
  func notANumber() throws(TrainingError) -> TrainingError {
    let (epoch, failed) = (state.epoch, state.step)
    if folder.contains(folder.checkpoint) {
      try restoreCheckpoint()
    } else {
      state = TrainingState()
      step.setFirstValues(of: variables, random: random)
      step.completedSteps = 0
      setWhitening()
    }
    let loader = trainingLoader()
    while !Interrupt.isRequested {
      if state.step == failed {
        let probe = try LayerProbe(
          network: network, batchSize: recipe.batchSize,
          frozen: settings.transfer?.frozenLayers ?? 0, variables: variables,
          completedSteps: completedSteps, random: random, options: options)
        let layer = try probe.firstNotFinite(on: loader)
        return .notANumber(epoch: epoch + 1, step: failed + 1, layer: layer)
      }
      _ = try train(on: loader)
      state.step += 1
    }
    return .notANumber(epoch: epoch + 1, step: failed + 1, layer: nil)
  }
}
