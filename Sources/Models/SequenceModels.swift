import Networks
import Tensors

/// The architectures for texts, series and clips, by name. But for those of drawn series each takes the input
/// ``NetworkInput/lengths`` too.
public enum SequenceModels {
  /// What the first layer receives.
  public enum Input: Sendable, Hashable {
    /// Numbers of so many tokens.
    case tokens(vocabulary: Int, encoding: TokenEncoding = .embedding())
    /// So many channels.
    case series(channels: Int)
    /// Frames.
    case clip(height: Int, width: Int, channels: Int)
    /// A series drawn as a square image of so many channels.
    case image(side: Int, channels: Int)

    var kind: Kind {
      switch self {
      case .tokens: .texts
      case .series: .series
      case .clip: .clips
      case .image: .images
      }
    }
  }

  /// How the number of a token becomes numbers that mean something.
  public enum TokenEncoding: Sendable, Hashable {
    /// A learned vector of so many numbers; nil leaves it to the architecture.
    case embedding(_ dimensions: Int? = nil)
    /// 1 at its place and 0 elsewhere.
    case oneHot
  }

  /// What an architecture is for.
  public enum Kind: Sendable, Hashable {
    case texts, series, clips, images
  }

  /// One architecture.
  public struct Entry: Sendable {
    /// The name that commands use: `lstm`.
    public let name: String
    /// What it is, in a line.
    public let summary: String
    /// What it is for.
    public let kinds: Set<Kind>
    let layers: @Sendable (_ input: Input, _ classes: Int) -> [NamedLayer]
  }

  /// All architectures.
  public static let all: [Entry] =
    [
      Entry(
        name: "rnn", summary: "a plain recurrent layer (Elman 1990)", kinds: [.texts, .series]
      ) { recurrent($0, $1, embedding: 32) { SimpleRNN(32) } },
      Entry(
        name: "lstm", summary: "long short-term memory in both directions",
        kinds: [.texts, .series]
      ) { recurrent($0, $1, embedding: 64) { Bidirectional(LSTM(64)) } },
      Entry(
        name: "gru", summary: "gated recurrent units in both directions", kinds: [.texts, .series]
      ) { recurrent($0, $1, embedding: 64) { Bidirectional(GRU(64)) } },
      Entry(
        name: "conv1d", summary: "one convolution and its maxima (Kim 2014)", kinds: [.texts]
      ) { textConvolution($0, $1) },
      Entry(
        name: "bag", summary: "the mean of the tokens' vectors (Joulin et al. 2016)",
        kinds: [.texts]
      ) { bagOfTokens($0, $1) },
      Entry(
        name: "textbook-rnn", summary: "vectors of 32 numbers and a plain recurrent layer of 32",
        kinds: [.texts]
      ) { textbook($0, $1, SimpleRNN(32)) },
      Entry(
        name: "textbook-lstm", summary: "vectors of 32 numbers and an LSTM of 32", kinds: [.texts]
      ) { textbook($0, $1, LSTM(32)) },
      Entry(
        name: "resnet1d", summary: "three residual blocks along the series (Wang et al. 2017)",
        kinds: [.series]
      ) { seriesResNet($0, $1) },
    ] + clipNetworks + [
      Entry(
        name: "cnn", summary: "four convolutions, for series drawn as images", kinds: [.images]
      ) { seriesImageCNN($0, $1) }
    ]

  /// A network by its name.
  ///
  /// - Parameter steps: of the longest sequence.
  /// - Throws: where there is none of that name for such an input.
  public static func network(
    named name: String, input: Input, steps: Int, classes: Int
  ) throws(NetworkError) -> Network {
    let fitting = all.filter { $0.kinds.contains(input.kind) }
    guard let entry = fitting.first(where: { $0.name == name }) else {
      throw .network(
        "there is no network \(name) for such data; there are "
          + fitting.map(\.name).joined(separator: ", "))
    }
    let shape: Shape =
      switch input {
      case .tokens: [steps]
      case .series(let channels): [steps, channels]
      case .clip(let height, let width, let channels): [steps, height, width, channels]
      case .image(let side, let channels): [side, side, channels]
      }
    let sequence = NetworkInput("sequence", shape)
    return Network(
      inputs: input.kind == .images ? [sequence] : [sequence, .lengths],
      layers: entry.layers(input, classes))
  }

  /// Y. Kim, *Convolutional Neural Networks for Sentence Classification*, 2014 (arXiv 1408.5882), with
  /// kernels of one size.
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

  /// The network with which textbooks show sentiment: no dropout, one direction.
  private static func textbook(
    _ input: Input, _ classes: Int, _ layer: some RecurrentLayer
  ) -> [NamedLayer] {
    Network(input: [1]) {
      embedding(input, 32)  //              steps × 32
      layer  //                             32
      Dense(classes)
    }.layers
  }

  private static func embedding(_ input: Input, _ dimensions: Int) -> [any Layer] {
    guard case .tokens(let vocabulary, let encoding) = input else { return [] }
    switch encoding {
    case .embedding(let wanted): return [Embedding(vocabulary, wanted ?? dimensions)]
    case .oneHot: return [OneHot(vocabulary)]
    }
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

  /// Thrice a convolution and a pool, as small networks for images have them.
  private static func seriesImageCNN(_ input: Input, _ classes: Int) -> [NamedLayer] {
    Network(input: [1]) {
      for channels in [16, 32, 64] {
        Conv2D(channels, 3, padding: .same, bias: false)  // side² × channels, halved each time
        BatchNorm(activation: .relu)
        MaxPool2D(2)
      }
      Conv2D(64, 3, padding: .same, bias: false)
      BatchNorm(activation: .relu)
      GlobalAveragePool()  //               64
      Dense(classes)
    }.layers
  }
}
