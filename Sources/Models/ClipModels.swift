import Networks

extension SequenceModels {
  /// The architectures for clips.
  static let clipNetworks = [
    Entry(
      name: "cnn-lstm", summary: "a CNN on each frame, and an LSTM over what it sees",
      kinds: [.clips]
    ) { _, classes in cnnLSTM(classes) },
    Entry(
      name: "conv3d", summary: "convolutions along time, too (Tran et al. 2015)", kinds: [.clips]
    ) { _, classes in convolutionsInTime(classes) },
    Entry(
      name: "frame-average", summary: "a CNN on the mean of the frames, to compare with",
      kinds: [.clips]
    ) { _, classes in averagedFrames(classes) },
  ]

  /// J. Donahue et al., *Long-term Recurrent Convolutional Networks*, 2014 (arXiv 1411.4389), at a small
  /// size.
  private static func cnnLSTM(_ classes: Int) -> [NamedLayer] {
    Network(input: [1]) {
      TimeDistributed {
        Conv2D(16, 3, padding: .same, activation: .relu)  // T × H × W × 16
        MaxPool2D(2)
        Conv2D(32, 3, padding: .same, activation: .relu)
        MaxPool2D(2)
        Conv2D(32, 3, padding: .same, activation: .relu)
        MaxPool2D(2)
        Flatten()
        Dense(128, activation: .relu)
      }  //                                 T × 128
      LSTM(64)  //                          64
      Dropout(0.2)
      Dense(classes)
    }.layers
  }

  /// D. Tran et al., *Learning Spatiotemporal Features with 3D Convolutional Networks*, 2015 (arXiv
  /// 1412.0767), at a small size.
  private static func convolutionsInTime(_ classes: Int) -> [NamedLayer] {
    Network(input: [1]) {
      for channels in [16, 32] {
        Conv3D(channels, 3, activation: .relu)  // T × H × W × channels, H and W halved each time
        TimeDistributed { MaxPool2D(2) }
      }
      Conv3D(64, 3, activation: .relu)
      TimeDistributed { GlobalAveragePool() }  // T × 64
      GlobalAveragePool()  //               64
      Dropout(0.2)
      Dense(classes)
    }.layers
  }

  private static func averagedFrames(_ classes: Int) -> [NamedLayer] {
    Network(input: [1]) {
      FrameAverage()  //                    H × W
      for channels in [16, 32, 64] {
        Conv2D(channels, 3, padding: .same, activation: .relu)
        MaxPool2D(2)
      }
      GlobalAveragePool()  //               64
      Dropout(0.2)
      Dense(classes)
    }.layers
  }
}
