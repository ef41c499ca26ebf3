import EventJSON
import EventModel
import SQLite

extension ArchiveHistory {
  /// Which transactions.
  public struct Filter: Sendable {
    /// Only what tells of this; nil for all.
    public var entity: EntityReference?
    /// Only what an event of a source did; nil for all. All events are looked through.
    public var source: EventSource?
    public var sinceMs: Int64?
    public var untilMs: Int64?
    /// Only what has a greater number.
    public var after: UInt64 = 0
    /// Only up to this number; nil for all.
    public var upTo: UInt64?
    /// Only of this epoch; nil for all.
    public var epoch: UInt64?
    /// Only what comes behind the entry with this id; nil for all.
    public var afterID: UInt64?
    /// Only what comes before the entry with this id; nil for all.
    public var beforeID: UInt64?
    /// The newest that are wanted; nil for all.
    public var limit: Int?
    /// Ids that are read at once when all are wanted.
    var pageRows = 10_000

    public init() {}
  }

  /// Calls `each` with the transactions that a filter lets through, in the order of history.
  ///
  /// Ids come first and each transaction is read by itself, so that no reading transaction stays open while somebody takes
  /// the rows.
  ///
  /// - Returns: the id of the newest one in the archive when it began; what comes behind that was not looked at.
  @discardableResult
  public mutating func forEach(_ filter: Filter, _ each: (Entry) throws -> Void) throws -> UInt64 {
    try refreshEpochs()
    let newest = UInt64(clamping: try connection.integer("SELECT max(id) FROM stored_transactions") ?? 0)
    var filter = filter
    filter.beforeID = min(filter.beforeID ?? .max, newest + 1)
    let entities = try filter.entity.map { try self.ids(of: $0) }
    var ids: [UInt64]
    repeat {
      ids = try self.ids(filter, entities, newestFirst: filter.limit != nil)
      for id in ids {
        if let entry = try entry(id) { try each(entry) }
        filter.afterID = id
      }
      // All of them: the next ones.
    } while filter.limit == nil && ids.count == filter.pageRows
    return newest
  }

  /// Calls `each` with the transactions that a filter lets through, the newest first, until it returns false.
  public mutating func forEachNewestFirst(_ filter: Filter, _ each: (Entry) throws -> Bool) throws {
    try refreshEpochs()
    var filter = filter
    let entities = try filter.entity.map { try ids(of: $0) }
    while true {
      let ids = try self.ids(filter, entities, newestFirst: true)
      for id in ids.reversed() {
        guard let entry = try entry(id) else { continue }
        guard try each(entry) else { return }
      }
      guard ids.count == filter.pageRows else { return }
      filter.beforeID = ids.first
    }
  }

  /// Has the archive ever had something of this name or handle?
  public func knows(_ entity: EntityReference) throws -> Bool {
    let table = LinkedEntity(of: entity).table
    for id in try ids(of: entity) {
      var row = try connection.prepare("SELECT 1 FROM \(table) WHERE id = ?")
      row.bind(id)
      if try row.step() { return true }
    }
    return false
  }

  // MARK: Ids

  /// A page of ids, rising.
  private func ids(_ filter: Filter, _ entities: [UInt64]?, newestFirst: Bool) throws -> [UInt64] {
    let wanted = filter.limit ?? filter.pageRows
    var found: [UInt64] = []
    let ranges = try ranges(filter)
    for range in newestFirst ? ranges.reversed() : ranges where found.count < wanted {
      let left = wanted - found.count
      let next =
        try entities.map { try ids(of: $0, filter.entity, range, newestFirst: newestFirst, limit: left) }
        ?? ids(range, of: filter.source, newestFirst: newestFirst, limit: left)
      found = newestFirst ? next + found : found + next
    }
    return found
  }

  /// Of all that tell of one of some entities: each is looked up by itself, no further than what the others have.
  private func ids(
    of entities: [UInt64], _ reference: EntityReference?, _ range: ClosedRange<UInt64>, newestFirst: Bool, limit: Int
  ) throws -> [UInt64] {
    guard let reference else { return [] }
    let entity = LinkedEntity(of: reference)
    var found: [UInt64] = []
    var range = range
    for id in entities {
      let next = try ids(ofOne: entity, id, range, newestFirst: newestFirst, limit: limit)
      guard !next.isEmpty else { continue }
      found = Array(Set(found + next)).sorted()
      guard found.count >= limit else { continue }
      found = Array(newestFirst ? found.suffix(limit) : found.prefix(limit))
      range = newestFirst ? found[0]...range.upperBound : range.lowerBound...found[found.count - 1]
    }
    return found
  }

  /// Of its lists, as far as they are needed. Those of what retention has removed may still be in them.
  private func ids(
    ofOne entity: LinkedEntity, _ id: UInt64, _ range: ClosedRange<UInt64>, newestFirst: Bool, limit: Int
  ) throws -> [UInt64] {
    var lists = try connection.prepare(Self.query(entity, newestFirst: newestFirst))
    lists.bind(id)
    lists.bind(range.lowerBound)
    lists.bind(range.upperBound)
    var found: [UInt64] = []
    while found.count < limit, try lists.step() {
      let ids = TransactionList.ids(last: lists.unsigned(0), back: lists.text(1))
      let left = limit - found.count
      let wanted = ids.filter { range.contains($0) }
      found += newestFirst ? wanted.prefix(left) : wanted.reversed().prefix(left)
      // The next ones are behind it.
      if !newestFirst, ids[0] >= range.upperBound { break }
    }
    return newestFirst ? found.reversed() : found
  }

  /// One range of transactions.
  private func ids(
    _ range: ClosedRange<UInt64>, of source: EventSource?, newestFirst: Bool, limit: Int
  ) throws -> [UInt64] {
    var statement = try connection.prepare(Self.query(newestFirst: newestFirst, hasText: source != nil))
    statement.bind(range.lowerBound)
    statement.bind(range.upperBound)
    if let source { statement.bind("\"source\":\(source.json.text)") }
    statement.bind(limit)
    var ids: [UInt64] = []
    while try statement.step() { ids.append(statement.unsigned(0)) }
    return newestFirst ? ids.reversed() : ids
  }

  static func query(newestFirst: Bool, hasText: Bool = false) -> String {
    "SELECT id FROM stored_transactions WHERE id BETWEEN ? AND ? \(hasText ? "AND instr(event, ?) > 0 " : "")ORDER BY id \(newestFirst ? "DESC" : "ASC") LIMIT ?"
  }

  /// The lists of an entity (?1) from an id (?2) to the one that reaches up to another (?3).
  static func query(_ entity: LinkedEntity, newestFirst: Bool) -> String {
    """
    SELECT last, back FROM \(entity.lists) WHERE entity = ?1 AND last BETWEEN ?2 AND coalesce(
      (SELECT last FROM \(entity.lists) WHERE entity = ?1 AND last >= ?3 ORDER BY last LIMIT 1), ?3)
    ORDER BY last \(newestFirst ? "DESC" : "ASC")
    """
  }

  // MARK: Ranges

  /// What a filter lets through of each life, as ids, in order: within a life numbers and times rise.
  private func ranges(_ filter: Filter) throws -> [ClosedRange<UInt64>] {
    var ranges: [ClosedRange<UInt64>] = []
    var rest = epochs[...]
    while let first = rest.first {
      let epochs = rest.prefix { $0.generationBase == first.generationBase }
      rest = rest[epochs.endIndex...]
      let asked = filter.epoch.map { epoch in epochs.filter { $0.epoch == epoch } } ?? Array(epochs)
      guard let oldest = asked.first, let newest = asked.last else { continue }
      var lowest = oldest.firstID
      var highest = newest.lastID
      if filter.after > 0 { lowest = max(lowest, epochs.id(of: filter.after) + 1) }
      if let upTo = filter.upTo { highest = min(highest, epochs.id(of: upTo)) }
      if let after = filter.afterID { lowest = max(lowest, after + 1) }
      if let before = filter.beforeID { highest = min(highest, max(before, 1) - 1) }
      if let sinceMs = filter.sinceMs, lowest <= highest { lowest = try firstID(in: lowest...highest, from: sinceMs) }
      if let untilMs = filter.untilMs, untilMs < .max, lowest <= highest {
        let behind = try firstID(in: lowest...highest, from: untilMs + 1)
        guard behind > lowest else { continue }
        highest = behind - 1
      }
      if lowest <= highest { ranges.append(lowest...highest) }
    }
    return ranges
  }

  /// Where in a range of ids the time is reached; behind the range when it is not.
  private func firstID(in range: ClosedRange<UInt64>, from timeMs: Int64) throws -> UInt64 {
    var next = try connection.prepare(
      "SELECT time_ms FROM stored_transactions WHERE id BETWEEN ? AND ? ORDER BY id LIMIT 1")
    var low = range.lowerBound
    var high = range.upperBound + 1
    while low < high {
      let middle = low + (high - low) / 2
      next.bind(middle)
      next.bind(range.upperBound)
      let isReached = try next.step() ? next.integer(0) >= timeMs : true
      next.reset()
      if isReached { high = middle } else { low = middle + 1 }
    }
    return low
  }

  // MARK: Names

  /// All that ever bore the name, the newest first, or the one with the handle in each life.
  func ids(of entity: EntityReference) throws -> [UInt64] {
    switch entity {
    case .worker(.handle(let handle)): return entities(handle.rawValue)
    case .job(.handle(let handle)): return entities(handle.rawValue)
    case .task(.handle(let handle)): return entities(handle.rawValue)
    case .worker(.name(let name)): return try entities("SELECT id FROM workers WHERE name = ?", name)
    case .job(.name(let name)): return try entities("SELECT id FROM jobs WHERE name = ?", name)
    case .task(.name(let text)):
      guard let name = TaskName(text) else { return [] }
      let query = "SELECT tasks.id FROM tasks JOIN jobs ON jobs.id = tasks.job WHERE jobs.name = ? AND task_index = ?"
      return try entities(query, name.job, index: name.index)
    }
  }

  private func entities(_ query: String, _ name: String, index: Int? = nil) throws -> [UInt64] {
    var statement = try connection.prepare(query)
    statement.bind(name)
    if let index { statement.bind(index) }
    var ids: [UInt64] = []
    while try statement.step() { ids.append(statement.unsigned(0)) }
    return ids.sorted(by: >)
  }

  /// The ids of a handle: one in each life whose entities may have it.
  private func entities(_ handle: UInt64) -> [UInt64] {
    var ids: [UInt64] = []
    var limit = UInt64.max
    for epoch in epochs.reversed() where epoch.generationBase << 32 < limit {
      let id = epoch.entity(handle)
      if id < limit { ids.append(id) }
      limit = epoch.generationBase << 32
    }
    return ids
  }
}

extension ArraySlice<ArchiveEpoch> {
  /// The id of the transaction that has, or would have, whatever number somebody asks for. Of one life.
  fileprivate func id(of number: UInt64) -> UInt64 {
    let number = Swift.min(number, ArchiveEpoch.greatestNumber)
    return (last { $0.firstTransaction <= number } ?? self[startIndex]).id(of: number)
  }
}

extension LinkedEntity {
  init(of reference: EntityReference) {
    switch reference {
    case .worker: self = .worker
    case .job: self = .job
    case .task: self = .task
    }
  }
}
