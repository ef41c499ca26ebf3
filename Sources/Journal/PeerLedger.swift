import EventModel

/// What the dispatcher remembers besides the state machine, as far as the journal tells it: its peers, how far each one's
/// ring was handled, and how many events it made itself.
public struct PeerLedger: Hashable, Sendable {
  /// An attached peer.
  public struct Peer: Hashable, Sendable {
    public var peer: JournaledPeer
    /// The position in its submission ring behind the last record that was journaled. Heartbeats behind it may have been
    /// handled; handling one again does no harm.
    public var nextPosition: UInt64
    /// The last result that is for it, unless it has subscribed to more.
    public var lastResult: LastResult

    public init(peer: JournaledPeer, nextPosition: UInt64 = 0, lastResult: LastResult = LastResult()) {
      self.peer = peer
      self.nextPosition = nextPosition
      self.lastResult = lastResult
    }
  }

  /// Of the last record of a peer whose result it asked for.
  public struct LastResult: Hashable, Sendable {
    /// The newest transaction behind the record: its own, if it became one.
    public var asOf: UInt64 = 0
    public var isOfTransaction = true

    public init(asOf: UInt64 = 0, isOfTransaction: Bool = true) {
      self.asOf = asOf
      self.isOfTransaction = isOfTransaction
    }
  }

  /// By rising id.
  public private(set) var peers: [Peer] = []
  /// The number of the dispatcher's next own event.
  public private(set) var ownEvents: UInt64 = 0
  /// The highest id that any peer ever had or may have had: ids are never given again.
  public private(set) var lastPeerID: UInt32 = 0
  /// Of the newest start; 0 before the first one.
  public var epoch: UInt64 { epochs.last?.number ?? 0 }
  /// The newest ones, rising.
  public private(set) var epochs: [Epoch] = []

  /// The time from one start of a dispatcher to the next.
  public struct Epoch: Hashable, Sendable {
    public let number: UInt64
    /// The newest transaction when it began.
    public let after: UInt64
  }

  /// What sources have said.
  public private(set) var sources = SourceLedger()

  /// Epochs of which is known when they began.
  private static let epochsKept = 256

  public init() {}

  init(peers: [Peer], ownEvents: UInt64, lastPeerID: UInt32, epochs: [Epoch]) {
    self.peers = peers
    self.ownEvents = ownEvents
    self.lastPeerID = lastPeerID
    self.epochs = epochs
  }

  /// What a snapshot has of sources.
  mutating func restore(_ sources: SourceLedger) {
    self.sources = sources
  }

  /// The peer with this id; nil when it is not attached.
  public subscript(id: UInt32) -> Peer? {
    index(of: id).map { peers[$0] }
  }

  /// Notes what a record tells.
  ///
  /// - Parameters:
  ///   - lastTransaction: the newest one behind the record.
  ///   - transaction: that of the record, where it may be of a source; nil when it made none.
  public mutating func apply(_ record: JournalRecord, lastTransaction: UInt64, _ transaction: Transaction? = nil) {
    switch record {
    case .event(let journaled):
      let result = LastResult(asOf: lastTransaction, isOfTransaction: true)
      note(journaled.event, transaction)
      pass(journaled.event.id, slots: journaled.slots, result: journaled.wantsResult ? result : nil)
    case .unhandled(let journaled, _):
      let result = LastResult(asOf: lastTransaction, isOfTransaction: false)
      note(journaled.event, nil)
      pass(journaled.event.id, slots: journaled.slots, result: journaled.wantsResult ? result : nil)
    case .skipped(let skipped):
      let result = LastResult(asOf: lastTransaction, isOfTransaction: false)
      pass(skipped.id, slots: skipped.slots, result: skipped.wantsResult ? result : nil)
    case .peerAttached(let peer): attach(peer)
    case .peerRemoved(let id):
      if let index = index(of: id) { peers.remove(at: index) }
    case .started(let start):
      if start.epoch > epoch { epochs.append(Epoch(number: start.epoch, after: lastTransaction)) }
      if epochs.count > Self.epochsKept { epochs.removeFirst(epochs.count - Self.epochsKept) }
      lastPeerID = max(lastPeerID, start.peerNumbersUpTo)
    case .peerNumbers(upTo: let number): lastPeerID = max(lastPeerID, number)
    case .configured, .salvaged, .letter, .turn: break
    }
  }

  private mutating func note(_ event: Event, _ transaction: Transaction?) {
    guard let source = event.source, let index = index(of: event.id.peer) else { return }
    let said = SourceLedger.Said(event, sequence: source.sequence, transaction)
    sources.note(source, uid: peers[index].peer.uid, said)
  }

  private mutating func attach(_ peer: JournaledPeer) {
    lastPeerID = max(lastPeerID, peer.id)
    let place = firstIndex(notBelow: peer.id)
    if place < peers.count, peers[place].peer.id == peer.id {
      // It came back: its ring is where it was.
      peers[place].peer = peer
    } else {
      peers.insert(Peer(peer: peer), at: place)
    }
    assert(zip(peers, peers.dropFirst()).allSatisfy { $0.peer.id < $1.peer.id }, "peers are in the order of their ids")
    assert(self[peer.id]?.peer == peer, "a peer that attached is in the ledger")
  }

  private mutating func pass(_ id: EventID, slots: UInt32, result: LastResult?) {
    if id.peer == 0 {
      ownEvents = max(ownEvents, id.position &+ 1)
    } else if let index = index(of: id.peer) {
      peers[index].nextPosition = max(peers[index].nextPosition, id.position &+ UInt64(slots))
      if let result { peers[index].lastResult = result }
    }
  }

  private func index(of id: UInt32) -> Int? {
    let place = firstIndex(notBelow: id)
    return place < peers.count && peers[place].peer.id == id ? place : nil
  }

  private func firstIndex(notBelow id: UInt32) -> Int {
    var low = 0
    var high = peers.count
    while low < high {
      let middle = (low + high) / 2
      if peers[middle].peer.id < id { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
