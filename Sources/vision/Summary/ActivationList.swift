import ArgumentParser
import Networks

/// `relu,elu`: activations by name.
struct ActivationList: ExpressibleByArgument {
  let activations: [Activation]

  init?(argument: String) {
    activations = argument.split(separator: ",").compactMap { name in
      Activation.all.first { $0.name == name }
    }
    guard !activations.isEmpty, activations.count == argument.split(separator: ",").count else {
      return nil
    }
  }
}
