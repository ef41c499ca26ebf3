/// What all entrances (rings, NDJSON, datagrams) ask of short texts that name or label something: workers, jobs, tasks,
/// endpoints, addresses, incarnations, owners, zones and metadata. Their lengths are in `Limits`.
///
/// Errors and reasons are free texts, and not bound by it.
public enum NameRule {
  /// As errors say it.
  public static let noControlCharacters = "no control characters"
  public static let notLikeAHandle = "a name that does not begin with '#'"

  /// Is there a control character in this UTF-8: U+0000 to U+001F, U+007F to U+009F? Names end up on terminals and in
  /// logs, where it would pass for something else.
  @inlinable
  public static func hasControlCharacter(_ utf8: some Sequence<UInt8>) -> Bool {
    var previous: UInt8 = 0
    for byte in utf8 {
      if byte < 0x20 || byte == 0x7F { return true }
      if previous == 0xC2, byte >= 0x80, byte <= 0x9F { return true }
      previous = byte
    }
    return false
  }

  /// Would the name of something new read as a handle, `#INDEX.GENERATION`?
  @inlinable
  public static func looksLikeHandle(_ utf8: some Sequence<UInt8>) -> Bool {
    utf8.first { _ in true } == UInt8(ascii: "#")
  }
}
