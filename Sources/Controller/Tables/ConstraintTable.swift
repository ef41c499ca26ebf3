import EventModel

/// Which workers may have a job's tasks: a number that jobs with the same constraints share.
public struct PlacementRule: Hashable, BitwiseCopyable, Sendable {
  let index: UInt32
}

/// The constraints of the unfinished jobs, each with the set of workers that meet it.
///
/// Which numbers they have decides nothing, so they are no part of the state.
struct ConstraintTable: ~Copyable, Sendable {
  /// The rule of jobs without constraints: every worker meets it.
  static var none: PlacementRule { PlacementRule(index: 0) }

  private struct Entry: Sendable {
    var constraints = Constraints()
    var uses = 0
    var workers = WorkerSet()
  }

  private var entries = [Entry()]
  private var indices: [Constraints: UInt32] = [:]
  private var free: [UInt32] = []

  /// - Parameter attributes: of a worker by its slot; nil where there is none.
  mutating func retain(
    _ constraints: Constraints, slots: Int, _ attributes: (Int) -> [WorkerMetadata.Attribute]?
  ) -> PlacementRule {
    if constraints.isEmpty { return Self.none }
    if let known = indices[constraints] {
      entries[Int(known)].uses += 1
      return PlacementRule(index: known)
    }
    var entry = Entry(constraints: constraints, uses: 1)
    for slot in 0..<slots {
      if let attributes = attributes(slot), constraints.areMet(by: attributes) { entry.workers[slot] = true }
    }
    let index = free.popLast() ?? UInt32(entries.count)
    if index == entries.count { entries.append(entry) } else { entries[Int(index)] = entry }
    indices[constraints] = index
    return PlacementRule(index: index)
  }

  /// - Returns: whether no job has it any more, so that its number may be another's from here on.
  mutating func release(_ rule: PlacementRule) -> Bool {
    guard rule != Self.none else { return false }
    let index = Int(rule.index)
    entries[index].uses -= 1
    guard entries[index].uses == 0 else { return false }
    indices[entries[index].constraints] = nil
    entries[index] = Entry()
    free.append(rule.index)
    return true
  }

  /// A worker has come, or has other attributes.
  mutating func noteWorker(_ slot: Int, _ attributes: [WorkerMetadata.Attribute]) {
    for index in entries.indices.dropFirst() where entries[index].uses > 0 {
      entries[index].workers[slot] = entries[index].constraints.areMet(by: attributes)
    }
  }

  /// Has a worker the attributes that a rule asks for? As of the slot: of one that holds no worker, anything.
  @inline(__always)
  func isMet(_ rule: PlacementRule, by slot: Int) -> Bool {
    rule.index == 0 || entries[Int(rule.index)].workers[slot]
  }

  /// The bits of 64 workers.
  @inline(__always)
  func word(_ index: Int, of rule: PlacementRule) -> UInt64 {
    rule.index == 0 ? ~0 : entries[Int(rule.index)].workers.word(index)
  }

  /// Does any job have constraints?
  var isInUse: Bool { !indices.isEmpty }

  func constraints(_ rule: PlacementRule) -> Constraints { entries[Int(rule.index)].constraints }
}
