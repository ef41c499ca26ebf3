/// Who says an event, and which of its events it is. An event that is said again with the same one, by whatever peer of the same
/// user, after whatever crash, has the answer of the first and no other effect.
///
/// A source numbers the events of each of its lives from 1, and has at most `Limits.sourceWindow` of them unanswered.
public final class EventSource: Hashable, Sendable, CustomStringConvertible {
  /// With `onceMark` before it, it is forgotten before others: it says one event, and soon nothing again.
  public let name: String
  /// Its life: rises with each.
  public let incarnation: UInt64
  public let sequence: UInt64

  public static let onceMark = "~"

  /// - Parameters:
  ///   - name: 1 to `Limits.nameBytes` bytes without control characters; of one user, for one source.
  ///   - incarnation: at most `Limits.sourceNumber.upperBound`, as `sequence`, which is 1 or more.
  public init(name: String, incarnation: UInt64 = 0, sequence: UInt64) {
    (self.name, self.incarnation, self.sequence) = (name, incarnation, sequence)
  }

  /// Its name, incarnation and sequence, with a slash between them.
  public var description: String { "\(name)/\(incarnation)/\(sequence)" }

  /// - Parameter text: as `description` has it; or a name alone, which stands for its first event.
  public convenience init?(_ text: String) {
    let words = text.split(separator: "/", omittingEmptySubsequences: false)
    if words.count >= 3, let incarnation = UInt64(words[words.count - 2]), let sequence = UInt64(words[words.count - 1])
    {
      self.init(name: words.dropLast(2).joined(separator: "/"), incarnation: incarnation, sequence: sequence)
    } else {
      self.init(name: text, sequence: 1)
    }
    guard isWellFormed else { return nil }
  }

  /// It may stand in a record.
  public var isWellFormed: Bool {
    (1...Limits.nameBytes).contains(name.utf8.count) && !NameRule.hasControlCharacter(name.utf8)
      && Limits.sourceNumber.contains(Int64(clamping: incarnation)) && sequence > 0
      && Limits.sourceNumber.contains(Int64(clamping: sequence))
  }

  public static func == (left: EventSource, right: EventSource) -> Bool {
    left.sequence == right.sequence && left.incarnation == right.incarnation && left.name == right.name
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(incarnation)
    hasher.combine(sequence)
  }
}
