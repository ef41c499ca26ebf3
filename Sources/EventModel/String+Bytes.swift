extension String {
  /// Is it the same text byte for byte? `==` takes texts for the same that Unicode holds to be equivalent; two such names
  /// are of two entities.
  @inlinable
  public func isSame(as other: String) -> Bool {
    utf8.span.isSame(as: other.utf8.span)
  }

  /// Names are in the order of their bytes.
  @inlinable
  public func precedes(_ other: String) -> Bool {
    utf8.lexicographicallyPrecedes(other.utf8)
  }
}

extension Span<UInt8> {
  @inlinable
  func isSame(as other: borrowing Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    for index in indices where self[index] != other[index] { return false }
    return true
  }
}

/// A text as a key that stands for its bytes alone.
@frozen
public struct ByteText: Hashable, Sendable {
  public let text: String

  @inlinable
  public init(_ text: String) {
    self.text = text
  }

  @inlinable
  public static func == (left: ByteText, right: ByteText) -> Bool { left.text.isSame(as: right.text) }

  @inlinable
  public func hash(into hasher: inout Hasher) {
    // Eight bytes a word.
    var word: UInt64 = 0
    let bytes = text.utf8.span
    for index in bytes.indices {
      word = word << 8 | UInt64(bytes[index])
      if index & 7 == 7 { hasher.combine(word) }
    }
    hasher.combine(word)
    hasher.combine(bytes.count)
  }
}
