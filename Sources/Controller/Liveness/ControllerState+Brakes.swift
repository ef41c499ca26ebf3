import EventModel

extension ZoneBrake {
  var digest: UInt64 {
    var digest = StateDigest(.brake)
    digest.add(zone)
    digest.add(engagedMs)
    digest.add(silentWorkers, workers)
    digest.add(expiredWorkers, isOverridden ? 1 : 0)
    return digest.finished
  }
}

extension ControllerState {
  /// The brake of a zone; nil when it is not engaged.
  public func brake(ofZone zone: String) -> ZoneBrake? {
    brakes.first { $0.zone.isSame(as: zone) }
  }

  /// Is the zone in this slot judged by itself, and not with the rest?
  ///
  /// One that has become too small while its brake is engaged still is: mixed with the rest, its silent workers might be
  /// too few to hold back.
  func isJudgedAlone(zone slot: Int) -> Bool {
    let zone = cluster.zones.rows[slot]
    if slot == Int(ZoneTable.rest) { return true }
    // A vacant row has no name, which would be taken for the rest's.
    guard zone.workers > 0 else { return false }
    return zone.workers >= Int(configuration.brakeMinimumWorkers)
      || (!brakes.isEmpty && brake(ofZone: zone.name) != nil)
  }

  /// The slot of the zone that a worker is judged with.
  func judgedZone(ofWorker slot: Int) -> Int {
    let own = Int(cluster.rows[slot].zone)
    return isJudgedAlone(zone: own) ? own : Int(ZoneTable.rest)
  }

  /// Is the brake of the zone that a worker is judged with engaged?
  func isBraked(_ worker: Int) -> Bool {
    !brakes.isEmpty && brake(ofZone: cluster.zones.rows[judgedZone(ofWorker: worker)].name) != nil
  }

  mutating func engageBrake(_ census: ZoneCensus, atMs timeMs: Int64) -> Outcome {
    guard Self.isWellFormed(census) else { return .rejected(.malformed) }
    guard brake(ofZone: census.zone) == nil else { return .ignored }
    let brake = ZoneBrake(
      zone: census.zone, engagedMs: timeMs, silentWorkers: census.silentWorkers, workers: census.workers)
    let position = brakes.firstIndex { census.zone.precedes($0.zone) } ?? brakes.endIndex
    brakes.insert(brake, at: position)
    assert(
      zip(brakes, brakes.dropFirst()).allSatisfy { $0.zone.precedes($1.zone) }, "brakes are in the order of their zones"
    )
    return .applied
  }

  mutating func releaseBrake(_ census: ZoneCensus) -> Outcome {
    guard Self.isWellFormed(census) else { return .rejected(.malformed) }
    guard let position = brakes.firstIndex(where: { $0.zone.isSame(as: census.zone) }) else { return .ignored }
    restartDeliveries(inZone: census.zone, atMs: nowMs)
    brakes.remove(at: position)
    deliveries.lookAtAllAgain()
    return .applied
  }

  mutating func overrideBrake(ofZone zone: String) -> Outcome {
    guard let position = brakes.firstIndex(where: { $0.zone.isSame(as: zone) }), !brakes[position].isOverridden else {
      return .ignored
    }
    brakes[position].isOverridden = true
    return .applied
  }

  /// Counts a worker that is about to be taken away because it timed out.
  mutating func countExpiry(ofWorker slot: Int) {
    guard !brakes.isEmpty else { return }
    let name = cluster.zones.rows[judgedZone(ofWorker: slot)].name
    guard let position = brakes.firstIndex(where: { $0.zone.isSame(as: name) }) else { return }
    if brakes[position].expiredWorkers < .max { brakes[position].expiredWorkers += 1 }
  }

  private static func isWellFormed(_ census: ZoneCensus) -> Bool {
    census.zone.utf8.count <= Limits.metadataBytes && census.silentWorkers >= 0
      && census.silentWorkers <= census.workers
  }
}
