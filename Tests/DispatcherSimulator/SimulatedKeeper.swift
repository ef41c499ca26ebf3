import Controller
import Journal

/// The dispatcher's own thread that makes snapshots where no archive does, on the simulated disk.
final class SimulatedKeeper {
  private var keeper: SnapshotKeeper
  /// Of the dispatcher whose thread it is.
  let life: Int

  init(_ configuration: ControllerConfiguration, life: Int, disk: SimulatedDisk) {
    self.life = life
    var policy = SnapshotKeeper.Policy()
    policy.minimumBytes = 32 << 10
    policy.sizeFactor = 1
    policy.minimumAgeMs = 0
    policy.intervalMs = 0
    keeper = SnapshotKeeper(
      folder: SimulatedDisk.folder, configuration: configuration, policy: policy,
      retention: JournalRetention(keepBytes: 0), calls: disk.journalCalls(isImmortal: true))
  }

  func turn() throws {
    _ = try keeper.turn()
  }
}

extension DispatcherSimulation {
  func takeKeeperTurn() {
    guard dispatcher != nil else { return }
    let keeper =
      if let keeper, keeper.life == life { keeper } else {
        SimulatedKeeper(configuration.controller, life: life, disk: disk)
      }
    self.keeper = keeper
    do { try keeper.turn() } catch {
      // Damage that was dealt here it may stop at.
      if !wasDamaged { fail("keeper stops", "no snapshots are made any more: \(error)") }
    }
  }
}
