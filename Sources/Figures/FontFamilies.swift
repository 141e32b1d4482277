import CCairo
import Synchronization

/// Which installed fonts have which letters, as fontconfig knows.
enum FontFamilies {
  /// The family that has a character: the preferred one where it does; nil where none has it.
  static func family(of scalar: Unicode.Scalar, preferring family: String) -> String? {
    // What Latin text is written with, every font has.
    if scalar.value < 0x250 { return family }
    return known.withLock { known in
      if let found = known[Key(family: family, scalar: scalar)] { return found }
      let found =
        match(family) { has(scalar, $0) ? family : nil }
        ?? match(family, having: scalar) { pattern in has(scalar, pattern) ? name(of: pattern) : nil
        }
      known[Key(family: family, scalar: scalar)] = .some(found)
      return found
    }
  }

  private struct Key: Hashable {
    let family: String
    let scalar: Unicode.Scalar
  }

  private static let known = Mutex<[Key: String?]>([:])

  /// Asks fontconfig for the font that fits best.
  private static func match(
    _ family: String, having scalar: Unicode.Scalar? = nil, _ body: (OpaquePointer) -> String?
  ) -> String? {
    guard let pattern = FcPatternCreate() else { return nil }
    defer { FcPatternDestroy(pattern) }
    FcPatternAddString(pattern, FC_FAMILY, family)
    if let scalar, let letters = FcCharSetCreate() {
      FcCharSetAddChar(letters, scalar.value)
      FcPatternAddCharSet(pattern, FC_CHARSET, letters)
      FcCharSetDestroy(letters)
    }
    FcConfigSubstitute(nil, pattern, FcMatchPattern)
    FcDefaultSubstitute(pattern)
    var result = FcResultNoMatch
    guard let found = FcFontMatch(nil, pattern, &result) else { return nil }
    defer { FcPatternDestroy(found) }
    return body(found)
  }

  private static func has(_ scalar: Unicode.Scalar, _ pattern: OpaquePointer) -> Bool {
    var letters: OpaquePointer?
    return FcPatternGetCharSet(pattern, FC_CHARSET, 0, &letters) == FcResultMatch
      && FcCharSetHasChar(letters, scalar.value) != 0
  }

  private static func name(of pattern: OpaquePointer) -> String? {
    var text: UnsafeMutablePointer<FcChar8>?
    guard FcPatternGetString(pattern, FC_FAMILY, 0, &text) == FcResultMatch, let text else {
      return nil
    }
    return String(cString: text)
  }
}

/// Letters that figures cannot show.
public enum MissingLetters {
  /// What to say where texts of figures hold letters that no installed font has; nil where there are none.
  public static func warning(in texts: some Sequence<String>) -> String? {
    var missing: [Unicode.Scalar] = []
    for scalar in texts.lazy.flatMap(\.unicodeScalars)
    where scalar.properties.generalCategory != .control && !missing.contains(scalar)
      && FontFamilies.family(of: scalar, preferring: Canvas.defaultFamily) == nil
    {
      missing.append(scalar)
    }
    guard !missing.isEmpty else { return nil }
    let shown = missing.prefix(5).map { String(Character($0)) }.joined()
    return
      "no installed font has \(shown)\(missing.count > 5 ? "…" : ""), which figures show as boxes; "
      + "install one, on Debian with: apt install fonts-noto fonts-noto-cjk"
  }
}
