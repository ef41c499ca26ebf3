import EventJSON
import EventModel

/// A transaction as its row has it, but for its texts: those are in one buffer with all others.
struct ArchivedTransaction {
  let id: UInt64
  let record: UInt64
  let timeMs: Int64
  let event: EventID
  let kind: EventKind
  let outcome: Outcome
  let entity: LinkedEntity?
  /// Its id.
  let subject: UInt64?
  /// Where the texts are, one behind the other; what there is not is empty.
  let textStart: Int
  let eventEnd: Int
  let actionsEnd: Int
  let killsEnd: Int
  let shortageEnd: Int

  /// - Parameters:
  ///   - epoch: whose handles it has.
  ///   - texts: gets its texts.
  init(
    _ transaction: Transaction, id: UInt64, record: UInt64, timeMs: Int64, _ epoch: ArchiveEpoch, _ texts: inout [UInt8]
  ) {
    self.id = id
    self.record = record
    self.timeMs = timeMs
    let event = transaction.event
    self.event = event.id
    kind = event.kind
    outcome = transaction.outcome
    let subject = transaction.subject.flatMap { $0.rawHandle == 0 ? nil : $0 }
    entity = subject?.entity
    self.subject = subject.map { epoch.entity($0.rawHandle) }
    textStart = texts.count
    event.writeArchived(to: &texts, subject: subject, timeMs: timeMs)
    eventEnd = texts.count
    texts.append(list: transaction.actions) { texts, action in texts.append(action, epoch, subject) }
    actionsEnd = texts.count
    texts.append(list: transaction.tasksToKill) { texts, kill in texts.append(kill, epoch) }
    killsEnd = texts.count
    if let missing = transaction.missing {
      JSONValue.array([.string(missing.resource.name), .integer(missing.needed), .integer(missing.free)])
        .write(to: &texts)
    }
    shortageEnd = texts.count
  }
}

extension Subject {
  fileprivate var entity: LinkedEntity {
    switch self {
    case .worker: .worker
    case .job: .job
    case .task: .task
    }
  }
}

extension Outcome {
  /// By their numbers.
  static let names = ["applied", "ignored", "rejected"]

  var number: Int {
    switch self {
    case .applied: 0
    case .ignored: 1
    case .rejected: 2
    }
  }
}

extension [UInt8] {
  /// A JSON array of some; nothing when there are none.
  fileprivate mutating func append<Entry>(list: [Entry], _ each: (inout [UInt8], Entry) -> Void) {
    guard !list.isEmpty else { return }
    append(UInt8(ascii: "["))
    for (index, entry) in list.enumerated() {
      if index > 0 { append(UInt8(ascii: ",")) }
      each(&self, entry)
    }
    append(UInt8(ascii: "]"))
  }

  /// An action, as `stored_transactions` has it.
  ///
  /// - Parameter subject: what the transaction is about.
  fileprivate mutating func append(_ action: Action, _ epoch: ArchiveEpoch, _ subject: Subject?) {
    append(UInt8(ascii: "["))
    append(decimal: UInt64(action.kind.rawValue))
    var (worker, task, job, name) = (action.worker?.handle.rawValue, UInt64?.none, UInt64?.none, action.endpoint)
    switch action.subject {
    case .worker(let handle, let unregistered):
      if handle.isNone { name = unregistered } else { worker = handle.rawValue }
    case .job(let handle, _): job = handle.rawValue
    case .task(let handle, _, _): task = handle.rawValue
    }
    let isSame = subject.map { $0.rawHandle == action.subject.rawHandle && $0.entity == action.subject.entity } ?? false
    if isSame, case .worker = action.subject { worker = nil }
    var nulls = 0
    add(isSame ? 0 : task.map { epoch.entity($0) }, &nulls)
    add((action.to?.rawValue).map { UInt64($0) }, &nulls)
    add((action.from?.rawValue).map { UInt64($0) }, &nulls)
    add(worker.map { epoch.entity($0) }, &nulls)
    add(action.attempt.map { UInt64($0) }, &nulls)
    if case .action(let index) = action.cause { add(UInt64(index), &nulls) } else { nulls += 1 }
    add(isSame ? nil : job.map { epoch.entity($0) }, &nulls)
    add(name, &nulls)
    append(UInt8(ascii: "]"))
  }

  fileprivate mutating func append(_ kill: TaskToKill, _ epoch: ArchiveEpoch) {
    append(UInt8(ascii: "["))
    append(id: epoch.entity(kill.task.rawHandle))
    var nulls = 0
    add(UInt64(kill.attempt), &nulls)
    add(epoch.entity(kill.worker.handle.rawValue), &nulls)
    add(kill.isOfKnownTask ? nil : kill.task.description, &nulls)
    append(UInt8(ascii: "]"))
  }

  /// As a signed integer, as SQLite has it: a worker may report any handle.
  private mutating func append(id: UInt64) {
    let id = Int64(bitPattern: id)
    if id < 0 { append(UInt8(ascii: "-")) }
    append(decimal: id.magnitude)
  }

  private mutating func add(_ number: UInt64?, _ nulls: inout Int) {
    guard let number else { return nulls += 1 }
    separate(&nulls)
    append(id: number)
  }

  private mutating func add(_ text: String?, _ nulls: inout Int) {
    guard let text else { return nulls += 1 }
    separate(&nulls)
    JSONValue.string(text).write(to: &self)
  }

  /// Those at the end are left out.
  private mutating func separate(_ nulls: inout Int) {
    while nulls > 0 {
      self += ",null".utf8
      nulls -= 1
    }
    append(UInt8(ascii: ","))
  }
}
