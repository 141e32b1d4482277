import Datasets
import Engine
import Inference
import Networks
import Training

extension RestorationTask {
  /// The side of the parts that are measured, in pixels of the input.
  private static let measuredSide = 96
  /// Pixels of the output that are cut off each edge before measuring.
  private static let cut = 8

  /// Measures a snapshot on parts from the middle of the images held out: PSNR, and the distance of features if
  /// there are any to be compared.
  func measure(
    _ snapshot: Snapshot, _ features: FeatureDistance? = nil
  ) throws(TrainingError) -> Measures {
    guard let validation else { return Measures() }
    let side = validationSide(validation)
    let source = restoration.patches(of: validation, side: side)
    do {
      let runner = try snapshot.tool { () throws(TrainingError) in
        let network = try network(size: side)
        return try wrappingInference { () throws(InferenceError) in
          try BatchRunner(
            network, variables: snapshot.variables, batchSize: 1, scope: snapshot.scope(of: nil),
            options: snapshot.context.options)
        }
      }
      let extent = restoration.scale * side
      let meter = try features.map { (features) throws(TrainingError) in
        try snapshot.tool { () throws(TrainingError) in
          try wrappingInference { () throws(InferenceError) in
            try FeatureMeter(
              features, width: extent, height: extent, options: snapshot.context.options,
              toRGB: LumaChroma.rgb)
          }
        }
      }
      let loader = Loader(source, batchSize: 1, threads: 1)
      var (psnr, distance, count) = (0.0, 0.0, 0)
      for _ in 0..<loader.batchCount {
        try snapshot.context.interruption.check()
        try loader.next { batch in
          guard batch.count == 1 else { return }
          var target = [Float](repeating: 0, count: runner.outputCount)
          target.withUnsafeMutableBufferPointer {
            _ = batch.write(UpscalingPatches.target, to: $0)
          }
          let output = try runner.runBatch {
            _ = batch.write(UpscalingPatches.image, to: $0)
          } _: {
            Array($1)
          }
          psnr += restoration.psnr(output, target, side: extent, cut: Self.cut)
          if let meter { distance += try meter.distance(output, target) }
          count += 1
        }
      }
      guard count > 0 else { return Measures() }
      var values = ["psnr": psnr / Double(count)]
      if features != nil { values["distance"] = distance / Double(count) }
      return Measures(values)
    } catch { throw TrainingError(wrapping: error) }
  }

  /// As large as the smallest image allows.
  private func validationSide(_ images: Dataset) -> Int {
    guard case .memory(let images) = images.source else { return settings.patch }
    let smallest = images.map { min($0.width, $0.height) }.min() ?? 0
    let side = min(Self.measuredSide, smallest / restoration.scale) / 4 * 4
    return max(side, settings.patch)
  }
}

/// Runs inference code; its error becomes one of training.
func wrappingInference<Result>(
  _ body: () throws(InferenceError) -> Result
) throws(TrainingError) -> Result {
  do { return try body() } catch { throw TrainingError(wrapping: error) }
}
