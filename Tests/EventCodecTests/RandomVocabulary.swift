import CRingmaster
import EventModel
import SeededRandom

/// Random words of the vocabulary, extremes among them; the same seed gives the same ones.
struct RandomVocabulary {
  var random: SeededGenerator

  init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
  }

  mutating func number(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &random)
  }

  mutating func chance(_ oneIn: Int) -> Bool {
    number(1...oneIn) == 1
  }

  /// UTF-8 of `minimum...maximum` bytes: often short, sometimes as long as it may be.
  mutating func text(_ minimum: Int, _ maximum: Int, _ letters: [String] = letters) -> String {
    let bytes =
      switch number(0...9) {
      case 0: minimum
      case 1: maximum
      case 2: number(minimum...maximum)
      default: min(maximum, number(minimum...(minimum + 20)))
      }
    var text = ""
    while text.utf8.count < bytes {
      let left = bytes - text.utf8.count
      let letter = letters[number(0...(letters.count - 1))]
      text.unicodeScalars.append(letter.utf8.count <= left ? letter.unicodeScalars.first! : "x")
    }
    return text
  }

  private static let letters = labelLetters + ["\0", "\n"]
  private static let labelLetters = ["a", "Z", "/", "é", "✓", "😀", "\u{301}", "\u{A0}"]

  /// As `text`, without control characters.
  mutating func label(_ minimum: Int, _ maximum: Int) -> String {
    text(minimum, maximum, Self.labelLetters)
  }

  mutating func optional<Value>(_ make: (inout Self) -> Value) -> Value? {
    chance(3) ? nil : make(&self)
  }

  mutating func name() -> String {
    label(1, Limits.nameBytes)
  }

  mutating func error() -> String {
    text(0, Limits.errorBytes)
  }

  mutating func integer<Integer: FixedWidthInteger>(_ range: ClosedRange<Integer>) -> Integer {
    switch number(0...4) {
    case 0: range.lowerBound
    case 1: range.upperBound
    default: Integer.random(in: range, using: &random)
    }
  }

  mutating func handle<Entity>() -> Handle<Entity> {
    Handle(rawValue: integer(1 << 32 ... .max))
  }

  mutating func reference<Entity>(longest: Int = Limits.nameBytes) -> Reference<Entity> {
    chance(2) ? .handle(handle()) : .name(label(1, longest))
  }

  mutating func task() -> TaskReference {
    reference(longest: Limits.taskNameBytes)
  }

  mutating func failureCause() -> WorkerFailureCause {
    chance(2)
      ? .timedOut(lastHeartbeatMs: integer(Limits.timeMs), timeoutMs: integer(Limits.timeMs))
      : .reported(error: optional { $0.error() })
  }

  mutating func reported() -> [ReportedTask] {
    let count = chance(20) ? Limits.reportedTasks : number(0...12)
    let mayName = count < 50
    return (0..<count).map { _ in
      ReportedTask(task: mayName ? task() : .handle(handle()), attempt: integer(0 ... .max))
    }
  }

  mutating func attributes() -> [WorkerMetadata.Attribute] {
    let count = chance(8) ? Limits.metadataEntries : number(0...4)
    // Keys are different, as members of an object are.
    return (0..<count).map { index in
      let mark = "\(index):"
      let key = index == 0 ? label(0, Limits.metadataBytes) : mark + label(0, Limits.metadataBytes - mark.utf8.count)
      return WorkerMetadata.Attribute(key: key, value: label(0, Limits.metadataBytes))
    }
  }

  mutating func code<Code: NamedCode>() -> Code {
    Array(Code.allCases)[number(0...(Code.allCases.count - 1))]
  }

  mutating func constraints() -> Constraints {
    var constraints = Constraints()
    for _ in 0..<(chance(8) ? Limits.constraintsBytes / 512 : number(0...3)) {
      let attribute = label(0, chance(2) ? 3 : Limits.metadataBytes - 10)
      let value = label(0, Limits.metadataBytes - 10)
      if chance(2) {
        constraints.require.add(value, of: attribute)
      } else {
        constraints.forbid.add(value, of: attribute)
      }
    }
    return constraints
  }

  mutating func specification() -> Specification {
    func clean(_ text: String) -> String { text.replacing("\0", with: "-") }
    var fields = Specification.Fields()
    if chance(2) {
      fields.command = (0..<number(1...4)).map { _ in clean(text(1, 300)) }
    } else if chance(2) {
      fields.script = clean(text(0, chance(8) ? 4000 : 300))
    }
    fields.environment = (0..<number(0...3)).map { index in
      Specification.Variable(name: "\(index)" + label(0, 100), value: clean(text(0, 300)))
    }
    fields.workingDirectory = optional { clean($0.text(0, 200)) }
    fields.user = optional { $0.label(0, 60) }
    fields.stopTimeoutMs = optional { $0.integer(Limits.timeMs) }
    fields.stopSignal = optional { $0.label(0, 20) }
    fields.tasksMax = optional { $0.integer(Limits.tasksMax) }
    fields.credentials = (0..<number(0...2)).map { "credential-\($0)" }
    fields.sandbox = optional { $0.code() }
    fields.whenCutOff = optional { $0.code() }
    return chance(3) ? Specification() : Specification(fields)
  }

  mutating func devices() -> DeviceCounts {
    var devices = DeviceCounts()
    for _ in 0..<(chance(8) ? Limits.deviceKinds : number(0...2)) {
      devices[label(1, Limits.deviceBytes)] = integer(1...Limits.deviceCount.upperBound)
    }
    return devices
  }

  /// As rows may have them: any numbers.
  mutating func amounts() -> Resources {
    var amounts = Resources(milliCPU: integer(.min ... .max), memoryBytes: integer(.min ... .max))
    for _ in 0..<number(0...3) { amounts.devices[label(1, Limits.deviceBytes)] = integer(.min ... .max) }
    return amounts
  }

  mutating func shortage() -> Shortage {
    let resource: [Resource] = [.cpu, .memory, .device(label(1, Limits.deviceBytes))]
    return Shortage(
      resource: resource[number(0...2)], needed: integer(.min ... .max), free: integer(.min ... .max))
  }
}

/// Accounts of what happened.
extension RandomVocabulary {
  mutating func subject() -> Subject {
    switch number(0...2) {
    case 0: .worker(handle(), name: name())
    case 1: .job(handle(), name: name())
    default: taskSubject()
    }
  }

  mutating func taskSubject() -> Subject {
    .task(handle(), job: name(), index: integer(0 ... .max))
  }

  mutating func worker() -> WorkerIdentity {
    WorkerIdentity(handle: handle(), name: name())
  }

  mutating func taskState() -> TaskState {
    TaskState.allCases.randomElement(using: &random)!
  }

  mutating func action() -> Action {
    let worker = optional { $0.worker() }
    return Action(
      ActionKind.allCases.randomElement(using: &random)!, subject(), from: optional { $0.taskState() },
      to: optional { $0.taskState() }, attempt: optional { $0.integer(0...(.max - 1)) },
      worker: worker, endpoint: worker == nil ? optional { $0.name() } : nil,
      cause: chance(2) ? .event : .action(integer(0 ... .max)))
  }

  mutating func outcome() -> Outcome {
    switch number(0...2) {
    case 0: .applied
    case 1: .ignored
    default: .rejected(RejectionReason.allCases.randomElement(using: &random)!)
    }
  }

  mutating func observations() -> [Observation] {
    (0..<(chance(4) ? number(0...40) : number(0...2))).map { _ in
      let outcome: Observation.Outcome =
        switch number(0...3) {
        case 0: .returned(value: text(0, Limits.observationBytes))
        case 1: .threw(error: text(0, Limits.observationBytes))
        default: .succeeded
        }
      return Observation(observer: name(), outcome: outcome)
    }
  }

  /// An event that is short enough to be told whole.
  mutating func shortEvent() -> Event {
    let kinds = EventKind.allCases.filter { ![.workerReconciled, .workerRegistered, .jobSubmitted].contains($0) }
    let id = EventID(peer: integer(0 ... .max), position: integer(0 ... .max))
    return Event(id: id, timestampMs: integer(Limits.timeMs), body: body(kinds.randomElement(using: &random)!))
  }

  mutating func result() -> DispatchResult {
    let event = shortEvent()
    let timestampMs = event.timestampMs ?? 0
    let disposition: DispatchResult.Disposition
    switch number(0...3) {
    case 0: disposition = .dropped(by: name())
    case 1: disposition = .deadLettered(DeadLetterReason.allCases.randomElement(using: &random)!)
    default:
      let actions = (0..<number(0...12)).map { _ in action() }
      let kills = (0..<number(0...3)).map { _ in
        TaskToKill(task: taskSubject(), attempt: integer(0...(.max - 1)), worker: worker())
      }
      disposition = .handled(
        Transaction(
          number: integer(1 ... .max), timestampMs: timestampMs, event: event, outcome: outcome(),
          subject: optional { $0.subject() }, actions: actions, tasksToKill: kills))
    }
    return DispatchResult(
      event: event, disposition: disposition, observations: observations(), promise: chance(2) ? .accepted : .durable)
  }
}
