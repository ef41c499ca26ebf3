import Controller
import EventModel

extension ArchiveHistory {
  /// How an entity came to be as it was, from the archive alone.
  public struct Account: Sendable {
    /// Steps, the newest first, and how far they go back.
    public let chain: ExplanationChain
    /// The number of the oldest transaction that the archive has; nil when it is empty.
    public let firstTransaction: UInt64?
    /// The number of the newest one that it has.
    public let lastTransaction: UInt64

    public var reach: ExplanationReach {
      if chain.isTruncated { return .stepLimit }
      return chain.reachesCreation ? .creation : .log
    }
  }

  /// Follows the causes back through all that is archived of the present journal, whatever became of the entity.
  ///
  /// - Parameter number: only what was before this transaction; nil for all.
  public mutating func account(_ focus: ExplanationChain.Focus, before number: UInt64? = nil) throws -> Account {
    var chain = ExplanationChain(focus)
    var filter = Filter()
    filter.pageRows = 1000
    filter.entity =
      switch focus {
      case .worker(let handle): .worker(.handle(handle))
      case .task(let handle): .task(.handle(handle))
      case .job(let handle, _, _): .job(.handle(handle))
      }
    if let number { filter.upTo = max(number, 1) - 1 }
    let journal = epochs.last?.journal
    try forEachNewestFirst(filter) { entry in
      // Handles of another journal are of something else, and what was lost led to nothing.
      guard entry.epoch.journal == journal else { return false }
      if !entry.isSuperseded { chain.prepend(entry.transaction) }
      return !(chain.reachesCreation || chain.isTruncated)
    }
    let first = try connection.integer("SELECT min(id) FROM stored_transactions")
    return Account(
      chain: chain, firstTransaction: first.map { ArchiveEpoch.number(ofID: UInt64(clamping: $0)) },
      lastTransaction: try newest())
  }

  /// What a name or handle means now, or meant last; nil when the archive has never had it.
  public func focus(of entity: EntityReference) throws -> ExplanationChain.Focus? {
    let table = LinkedEntity(of: entity).table
    let column = table == "jobs" ? "name" : "''"
    for id in try ids(of: entity) {
      var row = try connection.prepare("SELECT \(column) FROM \(table) WHERE id = ?")
      row.bind(id)
      guard try row.step(), let epoch = epochs.last(where: { $0.generationBase << 32 <= id }) else { continue }
      let handle = epoch.handle(ofEntity: id)
      switch entity {
      case .worker: return .worker(WorkerHandle(rawValue: handle))
      case .job: return .job(JobHandle(rawValue: handle), name: row.text(0), state: nil)
      case .task: return .task(TaskHandle(rawValue: handle))
      }
    }
    return nil
  }
}
