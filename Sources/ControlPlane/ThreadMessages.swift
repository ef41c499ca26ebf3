import CRingmaster
import DispatcherSettings
import EventRing
import Journal
import Platform

/// What the control thread tells the dispatch thread.
package enum DispatchCommand {
  case attach(AttachedPeer, ResultEnds)
  /// A peer of the dispatcher before is back.
  case reattach(peer: UInt32, ResultEnds)
  case detach(peer: UInt32)
  /// Set ids of peers up to this one aside.
  case reserveIDs(upTo: UInt32)
  /// Go on with these settings.
  case configure(DispatcherConfiguration)
  case shutDown
}

/// What the dispatch thread tells the control thread.
package enum ControlNotice {
  /// The peer can begin.
  ///
  /// - Parameters:
  ///   - isRecoverable: it is in the journal, so that another dispatcher will know it.
  ///   - lastTransaction: the newest whose result does not come on its result ring.
  case admitted(peer: UInt32, isRecoverable: Bool, lastTransaction: UInt64)
  /// The peer's rings are no longer used: remove them.
  case removed(peer: UInt32)
  /// The same, because it broke the protocol of its rings.
  case quarantined(peer: UInt32, reason: String)
  /// An operator meddled with what is kept: for the log.
  case operatorActed(peer: UInt32, action: String, reason: String)
  /// A peer that is back has had results of transactions that the journal has lost, those behind `behind`.
  case peerKnowsMore(peer: UInt32, transaction: UInt64, behind: UInt64)
  /// An ingest fell silent, left, or is back: for the log.
  case ingest(peer: UInt32, isSilent: Bool, cause: String)
  /// How the journal's writing goes has changed; the error is there when it failed.
  case journal(JournalStatus, SystemError?)
  /// Ids of peers up to this one are set aside, durably.
  case reservedIDs(upTo: UInt32)
  /// The settings that were last sent are in force.
  case configured
  case stopped
}

/// A mailbox between two threads of this process, on a ring of the same kind as those between processes: one thread
/// posts, one takes. Objects travel as retained pointers.
package struct Mailbox<Message>: ~Copyable {
  private final class Box {
    let message: Message

    init(_ message: Message) {
      self.message = message
    }
  }

  /// The writing end.
  package struct Sender: ~Copyable, @unchecked Sendable {
    private var producer: RingProducer

    fileprivate init(_ producer: consuming RingProducer) {
      self.producer = producer
    }

    /// Room kept for the messages that must be posted.
    private static var roomForNecessities: UInt64 { 4096 }

    /// Posts what a reader who is far behind may miss.
    ///
    /// - Returns: whether it was posted.
    package mutating func offer(_ message: Message) -> Bool {
      guard producer.hasRoom(Self.roomForNecessities) else { return false }
      post(message)
      return true
    }

    /// The number of peers bounds the messages in flight that must be posted, and the ring is larger.
    package mutating func post(_ message: Message) {
      var payload = rm_payload()
      let pointer = Unmanaged.passRetained(Box(message)).toOpaque()
      payload.words.0 = UInt64(UInt(bitPattern: pointer))
      guard producer.tryPublish(payload) != nil else {
        preconditionFailure("a mailbox between threads is full: its reader stands still")
      }
    }
  }

  /// The reading end.
  package struct Receiver: ~Copyable, @unchecked Sendable {
    @usableFromInline var consumer: RingConsumer

    fileprivate init(_ consumer: consuming RingConsumer) {
      self.consumer = consumer
    }

    /// Looked at every turn: no more than a load.
    @inlinable
    package mutating func hasMessage() -> Bool { consumer.head(as: rm_payload.self) != nil }

    @inlinable
    package mutating func take() -> Message? {
      guard let payload = consumer.head(as: rm_payload.self) else { return nil }
      return take(payload)
    }

    @usableFromInline
    mutating func take(_ payload: rm_payload) -> Message {
      consumer.advance()
      consumer.release()
      guard let pointer = UnsafeRawPointer(bitPattern: UInt(payload.words.0)) else {
        preconditionFailure("a mailbox carries pointers only")
      }
      return Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue().message
    }
  }

  private let ring: SharedRing

  package init(capacity: Int) throws {
    ring = try SharedRing.inProcess(capacity: capacity)
  }

  /// There is one of each end, and they must not outlive the mailbox.
  package func sender() -> Sender {
    Sender(ring.producer())
  }

  package func receiver() -> Receiver {
    Receiver(ring.consumer())
  }
}
