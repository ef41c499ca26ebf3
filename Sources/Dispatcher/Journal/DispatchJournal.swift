import CRingmaster
import DispatcherSettings
import EventBus
import EventCodec
import EventModel
import Journal
import Platform

/// The dispatch thread's way to the journal. Where none is kept, everything is as safe as it gets at once.
///
/// Records are numbered from 1; 0 stands for what awaits nothing.
struct DispatchJournal: ~Copyable {
  /// A peer whose attachment is being made durable.
  struct Admission {
    let peer: UInt32
    let record: UInt64
    /// The newest one before: durable once the attachment is.
    let lastTransaction: UInt64
  }

  /// Ids of peers to set aside.
  struct Reservation {
    let upTo: UInt32
    /// Of the journal; nil while there was no room for it.
    var record: UInt64?
  }

  /// nil when no journal is kept. Owned by this.
  private let appender: UnsafeMutablePointer<JournalAppender>?
  private let durability: JournalSettings.Durability
  /// As of this turn.
  private(set) var durable: UInt64 = .max
  /// As last told to the control thread.
  var toldStatus = JournalStatus.running
  var admissions: [Admission] = []
  var reservation: Reservation?
  /// New peers for which there is no room yet.
  var entering: [JournaledPeer] = []
  /// CLOCK_BOOTTIME of the turn in which the queue was found full; nil while there is room.
  var blockedSinceNs: UInt64?
  /// CLOCK_BOOTTIME since when something waits to become durable and nothing has; nil when nothing waits.
  private(set) var waitingSinceNs: UInt64?

  /// Keeps no journal.
  init() {
    appender = nil
    durability = .relaxed
  }

  init(_ appender: consuming JournalAppender, durability: JournalSettings.Durability) {
    self.durability = durability
    durable = appender.durable
    self.appender = .allocate(capacity: 1)
    self.appender?.initialize(to: appender)
  }

  deinit {
    appender?.deinitialize(count: 1)
    appender?.deallocate()
  }

  var isKept: Bool {
    appender != nil
  }

  /// What a result stands by when it is told.
  var promise: Promise {
    guard appender != nil else { return .volatile }
    return durability == .sync ? .durable : .accepted
  }

  /// Results up to this record may be told.
  var tellable: UInt64 {
    durability == .sync ? durable : .max
  }

  var status: JournalStatus {
    appender?.pointee.status ?? .running
  }

  /// Why the status is `failed`.
  var failure: SystemError? {
    appender?.pointee.failure
  }

  /// Is there room for one event and what it causes here? Look before each.
  mutating func hasRoom() -> Bool {
    appender?.pointee.hasRoom() ?? true
  }

  /// Looks at how far the journal thread has come.
  ///
  /// - Returns: whether it went on since the last look.
  mutating func refresh(nowNs: UInt64) -> Bool {
    guard let appender else { return false }
    let now = appender.pointee.durable
    let hasAdvanced = now != durable
    durable = now
    if hasAdvanced || durable >= appender.pointee.lastRecord || appender.pointee.status != .running {
      waitingSinceNs = nil
    } else if waitingSinceNs == nil {
      waitingSinceNs = nowNs
    }
    return hasAdvanced
  }

  /// - Returns: the record's number; 0 when there is no journal, `UInt64.max`, which never becomes durable, when it failed.
  mutating func append(_ record: JournalRecord) -> UInt64 {
    guard let appender else { return 0 }
    do {
      return try appender.pointee.append(record) ?? .max
    } catch {
      preconditionFailure("an event that was decoded from a record fits one: \(error)")
    }
  }

  /// Appends what became of an event.
  ///
  /// - Parameter record: of the event.
  mutating func append(_ result: DispatchResult, as record: EventRecord, slots: Int, wantsResult: Bool) -> UInt64 {
    guard let appender else { return 0 }
    let unhandled: UnhandledReason? =
      switch result.disposition {
      case .handled: nil
      case .dropped(let middleware): .dropped(by: middleware)
      case .deadLettered(let reason): .deadLettered(reason, detail: result.deadLetter?.detail ?? reason.name)
      }
    return appender.pointee.append(
      record, id: result.event.id, slots: UInt32(slots), timestampMs: result.event.timestampMs,
      wantsResult: wantsResult, unhandled: unhandled) ?? .max
  }

  /// Ends a turn: what was appended in it can be written.
  mutating func seal(stateHash: @autoclosure () -> UInt64, lastTransaction: UInt64, timeMs: Int64) {
    guard let appender, appender.pointee.isTurnOpen else { return }
    appender.pointee.seal(stateHash: stateHash(), lastTransaction: lastTransaction, timeMs: timeMs)
  }

  var lastRecord: UInt64 {
    appender?.pointee.lastRecord ?? 0
  }

  /// That wait for the disk, and that may.
  var backlogBytes: Int { Int(clamping: appender?.pointee.backlogBytes ?? 0) }
  var queueBytes: Int { Int(clamping: appender?.pointee.queueBytes ?? 0) }
}

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
