/// What all entrances (rings, NDJSON, datagrams) ask of short texts that name or label something: workers, jobs, tasks,
/// endpoints, addresses, incarnations, owners, zones and metadata. Their lengths are in `Limits`.
///
/// Errors and reasons are free texts, and not bound by it.
public enum NameRule {
  /// As errors say it.
  public static let noControlCharacters = "no control characters, nor those that turn the direction of text"
  public static let notLikeAHandle = "a name that does not begin with '#'"

  /// Is there a control character in this UTF-8: U+0000 to U+001F, U+007F to U+009F; or one that turns the direction of text:
  /// U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069? Names end up on terminals and in logs, where they would
  /// pass for something else.
  ///
  /// - Parameter countsDirections: false for what a journal keeps, which may be older than the rule about these.
  @inlinable
  public static func hasControlCharacter(_ utf8: some Sequence<UInt8>, countsDirections: Bool = true) -> Bool {
    // The last three bytes, in UTF-8 never those of a part of another character.
    var bytes: UInt32 = 0
    for byte in utf8 {
      bytes = (bytes << 8 | UInt32(byte)) & 0xFF_FFFF
      if byte < 0x20 || byte == 0x7F { return true }
      switch bytes & 0xFFFF {
      case 0xC280...0xC29F: return true
      case 0xD89C: if countsDirections { return true }
      default: break
      }
      switch bytes {
      case 0xE2808E...0xE2808F, 0xE280AA...0xE280AE, 0xE281A6...0xE281A9: if countsDirections { return true }
      default: break
      }
    }
    return false
  }

  /// Would the name of something new read as a handle, `#INDEX.GENERATION`?
  @inlinable
  public static func looksLikeHandle(_ utf8: some Sequence<UInt8>) -> Bool {
    utf8.first { _ in true } == UInt8(ascii: "#")
  }
}
