import EventModel

/// What sources have said: as much of it as tells an event that is said again from a new one.
///
/// Of each source its newest life is known, and in that its newest event and those of a window behind it. What is older than
/// the window is held to be said again. When there are too many sources, those of the user who has most go that have been silent
/// the longest.
public struct SourceLedger: Hashable, Sendable {
  /// A source is a user's: another user's of the same name is another one.
  struct Key: Hashable, Sendable {
    var uid: UInt32
    var name: String

    var isForOnce: Bool { name.hasPrefix(EventSource.onceMark) }
  }

  struct Life: Hashable, Sendable {
    var incarnation: UInt64
    /// Rising, all within the window behind the last.
    var said: [Said] = []
    /// Its place among all events of sources.
    var lastUse: UInt64 = 0
  }

  /// An event that was handled.
  public struct Said: Hashable, Sendable {
    public internal(set) var sequence: UInt64
    public internal(set) var kind: UInt8
    /// That it made; 0 when it made none.
    public internal(set) var transaction: UInt64
    /// It made a transaction, and that was not rejected.
    public internal(set) var isAccepted: Bool

    /// - Parameter transaction: nil when it made none.
    public init(_ event: Event, sequence: UInt64, _ transaction: Transaction?) {
      self.init(
        sequence: sequence, kind: event.kind.rawValue, transaction: transaction?.number ?? 0,
        isAccepted: transaction.map { $0.outcome.reason == nil } ?? false)
    }

    init(sequence: UInt64, kind: UInt8, transaction: UInt64, isAccepted: Bool) {
      (self.sequence, self.kind, self.transaction, self.isAccepted) = (sequence, kind, transaction, isAccepted)
    }
  }

  /// What is known of an event of a source.
  public enum Standing: Hashable, Sendable {
    case new
    case handled(Said)
    /// The source has said newer ones, up to this sequence: this one was handled before, or never will be.
    case tooOld(newest: UInt64)
    /// The source is in a later life.
    case ofFormerLife(incarnation: UInt64)
  }

  private(set) var lives: [Key: Life] = [:]
  private(set) var uses: UInt64 = 0

  /// Sources that are remembered.
  static let limit = 65_536
  private static let usesKept: UInt64 = 4096
  private static let window = UInt64(Limits.sourceWindow)

  init() {}

  init(lives: [Key: Life], uses: UInt64) {
    (self.lives, self.uses) = (lives, uses)
  }

  /// - Parameter uid: the user whose peer says it.
  public func standing(of source: EventSource, uid: UInt32) -> Standing {
    guard let life = lives[Key(uid: uid, name: source.name)], life.incarnation <= source.incarnation else {
      return lives[Key(uid: uid, name: source.name)].map { .ofFormerLife(incarnation: $0.incarnation) } ?? .new
    }
    guard life.incarnation == source.incarnation, let newest = life.said.last?.sequence else { return .new }
    if let said = life.said.last(where: { $0.sequence <= source.sequence }), said.sequence == source.sequence {
      return .handled(said)
    }
    return Self.isBehindWindow(source.sequence, of: newest) ? .tooOld(newest: newest) : .new
  }

  /// Notes a new event that was handled.
  public mutating func note(_ source: EventSource, uid: UInt32, _ event: Said) {
    uses += 1
    let key = Key(uid: uid, name: source.name)
    var life = lives[key] ?? Life(incarnation: source.incarnation)
    if life.incarnation < source.incarnation { life = Life(incarnation: source.incarnation) }
    guard life.incarnation == source.incarnation else { return }
    let place = (life.said.lastIndex { $0.sequence < source.sequence } ?? -1) + 1
    guard place == life.said.count || life.said[place].sequence != source.sequence else { return }
    life.said.insert(event, at: place)
    let newest = life.said[life.said.count - 1].sequence
    life.said.removeAll { Self.isBehindWindow($0.sequence, of: newest) }
    life.lastUse = uses
    lives[key] = life
    if lives.count > Self.limit { forgetSilent() }
  }

  private static func isBehindWindow(_ sequence: UInt64, of newest: UInt64) -> Bool {
    sequence < newest && newest - sequence >= window
  }

  /// Some at once, so that the next ones have room: of the user who has most, and of these first those that are for once.
  private mutating func forgetSilent() {
    let counts = Dictionary(lives.keys.map { ($0.uid, 1) }, uniquingKeysWith: +)
    let uid = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    // None that has just been said: its answer may be on its way.
    let own = lives.filter { $0.key.uid == uid && uses - $0.value.lastUse >= Self.usesKept }.sorted { left, right in
      let order = (left.key.isForOnce ? 0 : 1, right.key.isForOnce ? 0 : 1)
      return order.0 == order.1 ? left.value.lastUse < right.value.lastUse : order.0 < order.1
    }
    for (key, _) in own.prefix(max(own.count / 4, 1)) { lives[key] = nil }
  }
}

extension SourceLedger {
  /// In an order that does not depend on how they came to be there.
  var sorted: [(key: Key, life: Life)] {
    lives.map { (key: $0.key, life: $0.value) }.sorted { $0.life.lastUse < $1.life.lastUse }
  }
}
