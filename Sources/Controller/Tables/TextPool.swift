/// Names one text of a `TextPool`.
struct TextID: Hashable, BitwiseCopyable, Sendable {
  var rawValue: UInt32

  /// No text.
  static var none: TextID { TextID(rawValue: .max) }

  var isNone: Bool { self == .none }
}

/// Texts shared by many rows, counted by use, so that rows stay trivially copyable and one error that ten thousand
/// tasks bear is stored once.
struct TextPool: ~Copyable, Sendable {
  private var texts: [String] = []
  private var digests: [UInt64] = []
  private var useCounts: [UInt32] = []
  private var free: [UInt32] = []

  /// Stores `text` with one use, which the caller owns.
  mutating func add(_ text: String) -> TextID {
    if let slot = free.popLast() {
      texts[Int(slot)] = text
      digests[Int(slot)] = StateDigest.ofText(text)
      useCounts[Int(slot)] = 1
      return TextID(rawValue: slot)
    }
    texts.append(text)
    digests.append(StateDigest.ofText(text))
    useCounts.append(1)
    return TextID(rawValue: UInt32(texts.count - 1))
  }

  /// Becomes a pool of these texts, each with as many uses as are then retained. Its id is its place.
  mutating func restore(_ texts: [String]) {
    self.texts = texts
    digests = texts.map { StateDigest.ofText($0) }
    useCounts = Array(repeating: 0, count: texts.count)
    free = []
  }

  mutating func add(_ text: String?) -> TextID {
    if let text { add(text) } else { .none }
  }

  mutating func retain(_ id: TextID, uses: UInt32 = 1) {
    guard !id.isNone else { return }
    useCounts[Int(id.rawValue)] += uses
  }

  mutating func release(_ id: TextID) {
    guard !id.isNone else { return }
    let slot = Int(id.rawValue)
    precondition(useCounts[slot] > 0, "a text is released more often than it was retained")
    useCounts[slot] -= 1
    if useCounts[slot] == 0 {
      texts[slot] = ""
      free.append(id.rawValue)
    }
  }

  /// Puts `new` in the place of `old`: one more use of the one, one fewer of the other.
  ///
  /// - Parameter others: further uses of the new one.
  mutating func replace(_ old: inout TextID, with new: TextID, others: UInt32 = 0) {
    retain(new, uses: 1 + others)
    release(old)
    old = new
  }

  func text(_ id: TextID) -> String {
    texts[Int(id.rawValue)]
  }

  func optionalText(_ id: TextID) -> String? {
    id.isNone ? nil : texts[Int(id.rawValue)]
  }

  /// The digest of a text, 0 of none.
  func digest(_ id: TextID) -> UInt64 {
    id.isNone ? 0 : digests[Int(id.rawValue)]
  }

  var slotCount: Int { texts.count }

  /// Texts in use.
  var count: Int { texts.count - free.count }
}
