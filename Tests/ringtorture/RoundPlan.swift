import SeededRandom

/// Who does what in a round, and who dies when: all of it follows from the seed.
///
/// When is counted in events that the clients have begun to publish.
struct RoundPlan {
  struct Client {
    let isConcurrent: Bool
    let subscribes: Bool
    let events: Int
    let seed: UInt64
    /// How long it waits for an answer as it attaches.
    let attachTimeoutMs: Int
    /// Of a thousand, those that take up to 512 slots.
    let longEvents: Int
    /// The event that submits a job of 10,000 tasks; nil for none.
    let largeJob: Int?
  }

  /// A dispatcher that is going to die: at its fail point, or else from outside when it is time.
  struct Life {
    let end: PlannedEnd?
    let deadline: Int
    let pauseBeforeNextUs: Int64
  }

  enum Victim: Hashable {
    case client(Int)
    case ingest
    case archive
    case udp
  }

  struct Death {
    let at: Int
    let victim: Victim
    /// Another one is started in its place.
    let comesBack: Bool
  }

  let seed: UInt64
  let clients: [Client]
  let ingestLines: Int
  /// The last dispatcher, which lives, is not among them.
  let lives: [Life]
  let deaths: [Death]
  let segmentBytes: Int
  let queueBytes: Int
  /// A peer that lives must come back within it on a busy machine too; a round that has one which does not waits as long.
  let reattachTimeoutMs: Int64
  /// Results are told before they are durable, and may be told again.
  let isRelaxed: Bool
  /// Of the workers; nil when none of them is ever late.
  let workerTimeoutMs: Int64?
  /// Of one sync in eight.
  let syncDelayUs: Int
  /// A UDP ingest takes part.
  let hasUDP: Bool
  /// Its mortal worker falls silent when so many events were begun.
  let silence: Int

  /// A disk fails: whoever attached right before is in no journal, and cannot come back.
  var hasFailingDisk: Bool { lives.contains { $0.end?.place == .failedSync } }

  private static let usualEvents = 2500
  /// Long enough that a living worker is heard of on a busy machine too.
  private static let shortTimeoutMs: Int64 = 6000

  /// - Parameters:
  ///   - round: counts from 0; rounds that follow each other go through the fail points in turn.
  ///   - events: of each client.
  ///   - usesFailPoints: else all dispatchers die when the clients have come far enough.
  init(seed: UInt64, round: Int, events: Int, reattachTimeoutMs: Int64, usesFailPoints: Bool) {
    var random = SeededGenerator(seed: seed)
    self.seed = seed
    self.reattachTimeoutMs = reattachTimeoutMs
    let count = Int.random(in: 3...4, using: &random)
    var more = SeededGenerator(seed: seed ^ 0x5EED)
    let longEvents = [0, 0, 20, 100].randomElement(using: &more) ?? 0
    let hasLargeJob = usesFailPoints && round % 4 == 1
    isRelaxed = usesFailPoints && round % 5 == 4
    workerTimeoutMs = usesFailPoints && round % 4 == 2 ? Self.shortTimeoutMs : nil
    hasUDP = usesFailPoints && (workerTimeoutMs != nil || Bool.random(using: &more))
    syncDelayUs = [0, 0, 2000, 20_000, 200_000].randomElement(using: &more) ?? 0
    clients = (0...count).map { index in
      Client(
        isConcurrent: index == count, subscribes: index == 1, events: index == count ? events / 2 : events,
        seed: random.next(), attachTimeoutMs: [60, 5000].randomElement(using: &random) ?? 5000,
        longEvents: longEvents, largeJob: hasLargeJob && index == 0 ? events / 20 : nil)
    }
    ingestLines = events
    let total = clients.reduce(0) { $0 + $1.events }
    silence = total / 2
    let lives = Int.random(in: 2...4, using: &random)
    self.lives = (0..<lives).map { life in
      let place = KillPlace.failPoints[(round * 2 + life) % KillPlace.failPoints.count]
      let planned = Self.end(at: place, events, &random)
      // Every third death comes from outside.
      let isFromOutside = Int.random(in: 0..<3, using: &random) == 0
      return Life(
        end: isFromOutside || !usesFailPoints ? nil : planned,
        deadline: total * (life + 1) / (lives + 1) - Int.random(in: 0..<max(total / 20, 1), using: &random),
        pauseBeforeNextUs: [0, 0, 1000, 30_000].randomElement(using: &random) ?? 0)
    }
    var deaths: [Death] = []
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      let victim: Victim
      switch Int.random(in: 0..<10, using: &random) {
      case ..<5: victim = .client(Int.random(in: 0..<clients.count, using: &random))
      case ..<8: victim = hasUDP && Bool.random(using: &more) ? .udp : .ingest
      default: victim = .archive
      }
      deaths.append(
        Death(
          at: Int.random(in: total / 20..<total * 9 / 10, using: &random), victim: victim,
          comesBack: Int.random(in: 0..<3, using: &random) > 0))
    }
    self.deaths = deaths.sorted { $0.at < $1.at }
    queueBytes = [64 << 10, 256 << 10, 1 << 20].randomElement(using: &random) ?? 1 << 20
    segmentBytes = queueBytes * 2 + (64 << 10)
  }

  private static func end(at place: KillPlace, _ events: Int, _ random: inout SeededGenerator) -> PlannedEnd {
    let most = max(place.passagesAtMost * events / usualEvents, 2)
    return PlannedEnd(
      place: place, passage: Int.random(in: 1...most, using: &random),
      cascadeUs: Int.random(in: 5...60, using: &random))
  }
}
