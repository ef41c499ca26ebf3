import EventModel

/// The mass-failure brake of a zone.
public struct ModelBrake: Hashable, Sendable {
  public let zone: String
  public var engagedMs: Int64
  public let silentWorkers: Int32
  public let workers: Int32
  public var expiredWorkers: Int32 = 0
  public var isOverridden = false

  public init(
    zone: String, engagedMs: Int64, silentWorkers: Int32, workers: Int32, expiredWorkers: Int32 = 0,
    isOverridden: Bool = false
  ) {
    self.zone = zone
    self.engagedMs = engagedMs
    self.silentWorkers = silentWorkers
    self.workers = workers
    self.expiredWorkers = expiredWorkers
    self.isOverridden = isOverridden
  }
}

/// What may be done about the silent workers of a zone.
private enum Verdict {
  case expireAll
  case expireSlowly
  case waitForAll
}

/// Silence, judged with grace and brakes.
extension ReferenceModel {
  /// Judges who is silent as of a moment and makes a transaction of everything that follows: brakes, then lost workers
  /// in table order.
  public mutating func sweep(asOfMs: Int64) -> [ModelTransaction] {
    var transactions: [ModelTransaction] = []
    slowExpiries = slowExpiries.filter { brakes[$0.key] != nil }
    let fleet = workers.values.sorted { ($0.tableIndex, $0.serial) < ($1.tableIndex, $1.serial) }
    let members = Dictionary(grouping: fleet) { ByteText(judgedZone(of: $0)) }
    var verdicts: [ByteText: Verdict] = [:]
    var decisions: [Event] = []
    let zones = Set(members.keys).union([ByteText("")]).union(brakes.keys)
    for zone in zones.sorted(by: { $0.text.precedes($1.text) }) {
      let census = ZoneCensus(
        zone: zone.text, silentWorkers: Int32((members[zone] ?? []).count { isSilent($0, asOfMs) }),
        workers: Int32((members[zone] ?? []).count))
      let isOverdue = (members[zone] ?? []).contains { exceededTimeoutMs($0, asOfMs) != nil }
      verdicts[zone] = judge(census, isOverdue: isOverdue, asOfMs, &decisions)
    }
    transactions += decisions.map { handle($0) }
    var losses: [Event] = []
    for worker in fleet {
      guard let timeoutMs = exceededTimeoutMs(worker, asOfMs) else {
        suspended.remove(worker.serial)
        continue
      }
      // As it was before the decisions: they take effect with the next judgement.
      let zone = members.first { $0.value.contains { $0.serial == worker.serial } }?.key ?? ByteText("")
      guard mayExpire(zone, verdicts[zone] ?? .expireAll, asOfMs) else {
        suspended.insert(worker.serial)
        continue
      }
      losses.append(
        .workerTimedOut(
          .name(worker.name), lastHeartbeatMs: worker.lastHeartbeatMs, timeoutMs: timeoutMs, timestampMs: asOfMs))
    }
    return transactions + losses.map { handle($0) }
  }

  private mutating func judge(
    _ census: ZoneCensus, isOverdue: Bool, _ asOfMs: Int64, _ decisions: inout [Event]
  ) -> Verdict {
    let zone = ByteText(census.zone)
    if let brake = brakes[zone] {
      if isOver(brake, census, asOfMs) {
        decisions.append(.brakeReleased(census, timestampMs: asOfMs))
        return .expireAll
      }
      if brake.isOverridden { return .expireAll }
    } else {
      guard isOverdue, census.workers >= settings.brakeMinimumWorkers,
        Int64(census.silentWorkers) * 100 > settings.brakeEngageSharePercent * Int64(census.workers)
      else { return .expireAll }
      decisions.append(.brakeEngaged(census, timestampMs: asOfMs))
    }
    if census.silentWorkers >= census.workers || settings.brakeExpiriesPerMinute == 0 { return .waitForAll }
    if slowExpiries[zone] == nil { slowExpiries[zone] = asOfMs + slowExpiryIntervalMs }
    return .expireSlowly
  }

  private mutating func mayExpire(_ zone: ByteText, _ verdict: Verdict, _ asOfMs: Int64) -> Bool {
    switch verdict {
    case .expireAll: return true
    case .waitForAll: return false
    case .expireSlowly:
      guard let nextMs = slowExpiries[zone], asOfMs >= nextMs else { return false }
      slowExpiries[zone] = asOfMs + slowExpiryIntervalMs
      return true
    }
  }

  private var slowExpiryIntervalMs: Int64 { 60_000 / settings.brakeExpiriesPerMinute }

  private var silentAfterMs: Int64 { settings.workerTimeoutMs * settings.silentSharePercent / 100 }

  /// Not heard of since the last restart.
  private func awaitsGrace(_ worker: ModelWorker) -> Bool {
    restartMs.map { worker.lastHeartbeatMs <= $0 } ?? false
  }

  private func isSilent(_ worker: ModelWorker, _ asOfMs: Int64) -> Bool {
    asOfMs - worker.lastHeartbeatMs > silentAfterMs + (awaitsGrace(worker) ? settings.restartGraceMs : 0)
  }

  private func exceededTimeoutMs(_ worker: ModelWorker, _ asOfMs: Int64) -> Int64? {
    let timeoutMs = settings.workerTimeoutMs + (awaitsGrace(worker) ? settings.restartGraceMs : 0)
    return asOfMs - worker.lastHeartbeatMs > timeoutMs ? timeoutMs : nil
  }

  private func isOver(_ brake: ModelBrake, _ census: ZoneCensus, _ asOfMs: Int64) -> Bool {
    if let restartMs, asOfMs <= restartMs + silentAfterMs + settings.restartGraceMs { return false }
    if census.silentWorkers == 0 { return true }
    let gone = Int64(census.silentWorkers) + Int64(brake.expiredWorkers)
    return gone * 100 <= settings.brakeReleaseSharePercent * (Int64(census.workers) + Int64(brake.expiredWorkers))
  }

  /// A zone that is large enough, or braked, is judged alone; the others together, as the zone without a name.
  func judgedZone(of worker: ModelWorker) -> String {
    let zone = worker.metadata.zone
    let count = workers.values.count { $0.metadata.zone.isSame(as: zone) }
    return count >= Int(settings.brakeMinimumWorkers) || brakes[ByteText(zone)] != nil ? zone : ""
  }

  mutating func countExpiry(of worker: ModelWorker) {
    brakes[ByteText(judgedZone(of: worker))]?.expiredWorkers += 1
  }

  mutating func engageBrake(_ census: ZoneCensus, _ eventMs: Int64) -> Outcome {
    if brakes[ByteText(census.zone)] != nil { return .ignored }
    brakes[ByteText(census.zone)] = ModelBrake(
      zone: census.zone, engagedMs: eventMs, silentWorkers: census.silentWorkers, workers: census.workers)
    return .applied
  }

  /// What was assigned to its workers may be delivered from then on.
  mutating func releaseBrake(_ zone: String) -> Outcome {
    guard brakes[ByteText(zone)] != nil else { return .ignored }
    let braked = Set(workers.values.filter { judgedZone(of: $0).isSame(as: zone) }.map(\.serial))
    let releasedMs = nowMs
    changeAttempts { if braked.contains($0.workerSerial) { $0.deliveryFromMs = max($0.deliveryFromMs, releasedMs) } }
    brakes[ByteText(zone)] = nil
    return .applied
  }

  mutating func overrideBrake(_ zone: String) -> Outcome {
    guard brakes[ByteText(zone)]?.isOverridden == false else { return .ignored }
    brakes[ByteText(zone)]?.isOverridden = true
    return .applied
  }
}
