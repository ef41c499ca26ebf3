import Controller

extension JournalReplica {
  /// The state as it was at `limit`, or as it is at the journal's end: replayed from the newest snapshot before, or from
  /// the beginning. Reads only, beside a writer too.
  ///
  /// - Parameter each: gets what every record did.
  /// - Throws: `JournalError`, and what `each` throws.
  public static func replaying(
    folder: String, configuration: ControllerConfiguration, until limit: Limit?,
    calls: JournalFileCalls = .system, _ each: (Step) throws -> Void = { _ in }
  ) throws -> JournalReplica {
    // Any transaction is before the end.
    let beginning = try JournalScan.beginning(folder: folder, before: limit ?? .transaction(.max), calls: calls)
    var replica = try JournalReplica(from: beginning.snapshot, configuration: configuration, limit: limit)
    var scan = try JournalScan.open(folder: folder, at: beginning.position, calls: calls)
    while !replica.isAtLimit, let commit = try scan.next() {
      try replica.apply(commit, isSalvaged: { try scan.isSalvaged(behind: $0) }, each)
    }
    return replica
  }
}
