/// What a network is built for.
public enum Mode: String, Sendable {
  /// Batch normalization uses the batch's own statistics and updates the running ones; dropout drops.
  case training
  /// Running statistics; nothing is dropped; nothing is updated.
  case inference
}
