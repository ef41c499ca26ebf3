/// The part of a ring whose slots must not be given back yet: it begins with the oldest event that is not durable.
///
/// Two generations: what was appended since the first one was begun waits in the second, so that a peer that never pauses
/// still has its slots freed with every commit.
struct HeldSlots: BitwiseCopyable {
  private var firstPosition: UInt64 = .max
  private var firstRecord: UInt64 = 0
  private var secondPosition: UInt64 = .max
  private var secondRecord: UInt64 = 0

  /// The first position held; `UInt64.max` when none is.
  var position: UInt64 {
    firstPosition
  }

  var isEmpty: Bool {
    firstPosition == .max
  }

  /// - Parameters:
  ///   - position: of a record behind all before it.
  ///   - record: its number in the journal.
  mutating func hold(_ position: UInt64, until record: UInt64) {
    if firstPosition == .max {
      (firstPosition, firstRecord) = (position, record)
    } else if secondPosition == .max {
      (secondPosition, secondRecord) = (position, record)
    } else {
      secondRecord = record
    }
  }

  mutating func settle(durable: UInt64) {
    guard durable >= firstRecord else { return }
    (firstPosition, firstRecord) = (secondPosition, secondRecord)
    (secondPosition, secondRecord) = (.max, 0)
    guard firstPosition != .max, durable >= firstRecord else { return }
    (firstPosition, firstRecord) = (.max, 0)
  }
}
