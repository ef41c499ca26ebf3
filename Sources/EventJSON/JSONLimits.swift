/// Limits of the JSON form itself; those of the events it carries are in `Limits`.
public enum JSONLimits {
  /// Bytes in one line of NDJSON, without its line feed.
  public static let lineBytes = 1 << 20
  /// Objects and arrays inside one another.
  public static let depth = 32
  /// Members of one object.
  public static let members = 256
  /// Characters of a number.
  public static let numberBytes = 64
  /// Characters of an offending value that an error repeats.
  static let quotedCharacters = 60
}
