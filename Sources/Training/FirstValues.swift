import Engine
import Graphs
import Tensors

extension RandomSource {
  /// What first values are drawn from, whatever is trained.
  var firstValues: RandomSource { split("first values") }
}

extension VariableStore {
  /// Gives variables the values that they had before the first step.
  func setFirstValues(of declared: [Variable], random: RandomSource) {
    for variable in declared {
      self[variable.name] = variable.initialValue(random: random.firstValues)
    }
  }
}
