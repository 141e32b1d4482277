/// What a model is for, as its file says. Rooms of tasks add theirs as static members.
public struct ModelTask: RawRepresentable, Sendable, Hashable, Codable {
  public var rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  /// A probability for each class.
  public static let classification = ModelTask(rawValue: "classification")
  /// Images from latents.
  public static let generation = ModelTask(rawValue: "generation")
}
