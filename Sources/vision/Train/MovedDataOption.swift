import ArgumentParser

/// What a command says of data that lies elsewhere than when its training began.
struct MovedDataOption: ParsableArguments {
  @Flag(
    name: .customLong("data-moved"),
    help: "The data has been moved since the run began: resume with it.")
  var isMoved = false
}
