import Networks
import Tensors

/// The architectures for texts and series, by name. Each takes the input ``NetworkInput/lengths`` too.
public enum SequenceModels {
  /// What the first layer receives.
  public enum Input: Sendable, Hashable {
    /// Numbers of so many tokens.
    case tokens(vocabulary: Int)
    /// So many channels.
    case series(channels: Int)
  }

  /// One architecture.
  public struct Entry: Sendable {
    /// The name that commands use: `lstm`.
    public let name: String
    /// What it is, in a line.
    public let summary: String
    /// Whether it is for texts, and for series.
    public let takesTexts, takesSeries: Bool
    let layers: @Sendable (_ input: Input, _ classes: Int) -> [NamedLayer]
  }

  /// All architectures.
  public static let all: [Entry] = [
    Entry(
      name: "rnn", summary: "a plain recurrent layer (Elman 1990)", takesTexts: true,
      takesSeries: true
    ) { recurrent($0, $1, embedding: 32) { SimpleRNN(32) } },
    Entry(
      name: "lstm", summary: "long short-term memory in both directions", takesTexts: true,
      takesSeries: true
    ) { recurrent($0, $1, embedding: 64) { Bidirectional(LSTM(64)) } },
    Entry(
      name: "gru", summary: "gated recurrent units in both directions", takesTexts: true,
      takesSeries: true
    ) { recurrent($0, $1, embedding: 64) { Bidirectional(GRU(64)) } },
    Entry(
      name: "conv1d", summary: "one convolution and its maxima (Kim 2014)", takesTexts: true,
      takesSeries: false
    ) { textConvolution($0, $1) },
    Entry(
      name: "bag", summary: "the mean of the tokens' vectors (Joulin et al. 2016)",
      takesTexts: true, takesSeries: false
    ) { bagOfTokens($0, $1) },
    Entry(
      name: "resnet1d", summary: "three residual blocks along the series (Wang et al. 2017)",
      takesTexts: false, takesSeries: true
    ) { seriesResNet($0, $1) },
  ]

  /// A network by its name.
  ///
  /// - Parameter steps: of the longest sequence.
  /// - Throws: where there is none of that name for such an input.
  public static func network(
    named name: String, input: Input, steps: Int, classes: Int
  ) throws(NetworkError) -> Network {
    let fitting = all.filter {
      if case .tokens = input { $0.takesTexts } else { $0.takesSeries }
    }
    guard let entry = fitting.first(where: { $0.name == name }) else {
      throw .network(
        "there is no network \(name) for such data; there are "
          + fitting.map(\.name).joined(separator: ", "))
    }
    let shape: Shape =
      switch input {
      case .tokens: [steps]
      case .series(let channels): [steps, channels]
      }
    return Network(
      inputs: [NetworkInput("sequence", shape), .lengths], layers: entry.layers(input, classes))
  }

  /// Y. Kim, *Convolutional Neural Networks for Sentence Classification*, 2014 (arXiv 1408.5882), with kernels of
  /// one size.
  private static func textConvolution(_ input: Input, _ classes: Int) -> [NamedLayer] {
    Network(input: [1]) {
      embedding(input, 64)  //              steps × 64
      Dropout(0.4)
      Conv1D(128, 5, padding: .same, activation: .relu)  // steps × 128
      GlobalMaxPool()  //                   128
      Dropout(0.4)
      Dense(classes)
    }.layers
  }

  /// A. Joulin et al., *Bag of Tricks for Efficient Text Classification*, 2016 (arXiv 1607.01759).
  private static func bagOfTokens(_ input: Input, _ classes: Int) -> [NamedLayer] {
    Network(input: [1]) {
      embedding(input, 32)  //              steps × 32
      GlobalAveragePool()  //               32
      Dropout(0.3)
      Dense(classes)
    }.layers
  }

  /// Tokens become vectors first; of series the channels are the features.
  private static func recurrent(
    _ input: Input, _ classes: Int, embedding dimensions: Int, _ layer: () -> any Layer
  ) -> [NamedLayer] {
    Network(input: [1]) {
      embedding(input, dimensions)  //      steps × dimensions
      if case .tokens = input { Dropout(0.3) }
      layer()  //                           the last state
      Dropout(0.3)
      Dense(classes)
    }.layers
  }

  private static func embedding(_ input: Input, _ dimensions: Int) -> [any Layer] {
    guard case .tokens(let vocabulary) = input else { return [] }
    return [Embedding(vocabulary, dimensions)]
  }

  /// Z. Wang, W. Yan, T. Oates, *Time Series Classification from Scratch with Deep Neural Networks*, 2017
  /// (arXiv 1611.06455).
  private static func seriesResNet(_ input: Input, _ classes: Int) -> [NamedLayer] {
    Network(input: [1]) {
      for channels in [64, 128, 128] {
        Residual(activation: .relu) {
          Conv1D(channels, 8, padding: .same, bias: false)  // steps × channels
          BatchNorm(activation: .relu)
          Conv1D(channels, 5, padding: .same, bias: false)
          BatchNorm(activation: .relu)
          Conv1D(channels, 3, padding: .same, bias: false)
          BatchNorm()
        } shortcut: {
          Conv1D(channels, 1, bias: false)
          BatchNorm()
        }
      }
      GlobalAveragePool()  //               128
      Dense(classes)
    }.layers
  }
}
