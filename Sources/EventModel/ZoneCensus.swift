/// How many of a zone's workers are silent: what engaging or releasing its mass-failure brake rests on, so that a replay
/// needs no heartbeats.
public struct ZoneCensus: Hashable, Sendable {
  /// Empty for the workers that name no zone and those of zones too small to be judged by themselves.
  public let zone: String
  public let silentWorkers: Int32
  /// All of its registered workers, the silent ones too.
  public let workers: Int32

  public init(zone: String, silentWorkers: Int32, workers: Int32) {
    self.zone = zone
    self.silentWorkers = silentWorkers
    self.workers = workers
  }
}
