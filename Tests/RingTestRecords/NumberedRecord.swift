import CRingmaster

/// A record whose every word follows from its number: a torn, stale or misplaced one cannot pass for another.
public enum NumberedRecord {
  /// The slots of record `number` in a ring that takes records of `maximum` slots: one in four is a single slot.
  public static func slots(of number: UInt64, maximum: Int) -> Int {
    let random = word(number, at: 0)
    return random & 3 == 0 ? 1 : 1 + Int((random >> 2) % UInt64(maximum))
  }

  /// Records of the batch that begins with record `number`: half of them stand alone.
  public static func batchSize(at number: UInt64) -> Int {
    let random = word(number, at: -1)
    return random & 1 == 0 ? 1 : 1 + Int((random >> 1) % 12)
  }

  /// Word `index` of record `number`, counted from its head.
  private static func word(_ number: UInt64, at index: Int) -> UInt64 {
    var mixed = number &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(bitPattern: Int64(index))
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// Writes the whole payloads of record `number`.
  public static func fill(_ buffer: UnsafeMutableRawBufferPointer, number: UInt64, slots: Int) -> UnsafeRawBufferPointer
  {
    let bytes = slots * Int(RM_SLOT_PAYLOAD)
    let words = buffer.baseAddress!.assumingMemoryBound(to: UInt64.self)
    words[0] = number << 16 | UInt64(slots)
    for index in 1..<(bytes / 8) { words[index] = word(number, at: index) }
    return UnsafeRawBufferPointer(rebasing: buffer[..<bytes])
  }

  /// Writes up to `count` records, one behind the other: no more than `maximum` slots in all.
  ///
  /// - Returns: their payloads, and how many they are.
  public static func fillBatch(
    _ buffer: UnsafeMutableRawBufferPointer, number: UInt64, count: Int, maximum: Int
  ) -> (payloads: UnsafeRawBufferPointer, records: Int) {
    var used = 0
    var records = 0
    while records < count {
      let slots = slots(of: number &+ UInt64(records), maximum: maximum)
      guard used + slots <= maximum else { break }
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[(used * Int(RM_SLOT_PAYLOAD))...])
      _ = fill(rest, number: number &+ UInt64(records), slots: slots)
      used += slots
      records += 1
    }
    return (UnsafeRawBufferPointer(rebasing: buffer[..<(used * Int(RM_SLOT_PAYLOAD))]), records)
  }

  public static func claimedSlots(_ head: rm_payload) -> Int {
    Int(head.words.0 & 0xffff)
  }

  /// What is wrong with a record that should be `number`; nil when nothing is.
  public static func damage(
    head: rm_payload, continuation: UnsafeMutableRawBufferPointer, number: UInt64, maximum: Int
  ) -> String? {
    let slots = slots(of: number, maximum: maximum)
    guard head.words.0 == number << 16 | UInt64(slots) else {
      return "record \(number) of \(slots) slots begins like \(head.words.0 >> 16) of \(claimedSlots(head))"
    }
    let payloadWords = Int(RM_SLOT_PAYLOAD) / 8
    for index in 1..<payloadWords {
      let actual = withUnsafeBytes(of: head) { $0.load(fromByteOffset: index * 8, as: UInt64.self) }
      guard actual == word(number, at: index) else { return "record \(number) is torn in word \(index) of its head" }
    }
    for index in payloadWords..<(slots * payloadWords) {
      let actual = continuation.load(fromByteOffset: (index - payloadWords) * 8, as: UInt64.self)
      guard actual == word(number, at: index) else { return "record \(number) is torn in word \(index)" }
    }
    return nil
  }
}
