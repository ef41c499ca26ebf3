import ArgumentParser
import EventModel
import Platform
import RingmasterClient
import Terminal

/// `ringctl explain`: why a task, job or worker is as it is.
struct ExplainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Tells why a task, job or worker is as it is, back to the events that led to it.",
    discussion: """
      Prints the present state, and below it a tree for each transaction, the newest first: an action stands above what \
      led to it, down to the event from outside. What the dispatcher's transaction log does not reach back to, and what is \
      gone, is read from the archive; where that begins is said. --json prints one object: present, budgets, obstacle, \
      attempts, steps, archive; cause_step is the position of a step's cause among them, archive.first_step that of the \
      first step from the archive. Exits 1 when nothing bears the name, or more than one thing.
      """)

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var location: DatabaseLocation

  @Argument(help: "JOB/task-INDEX, a job, a worker, or the handle of one as #INDEX.GENERATION.")
  var name: String

  @Flag(help: "What the name means, when several things bear it.")
  var kind: ExplainedKind?

  @Flag(help: "Print the steps as a list, the newest first, each with its time.")
  var newestFirst = false

  func run() async throws {
    let client = try connection.attach(.observe, as: "explain")
    let (explanation, archived) = try await explanation(client)
    if connection.json {
      try StandardStream.output.writeLine(explanation.json(archived).text)
    } else {
      let text = ExplanationText(explanation, archived, paint: Paint(TerminalCapabilities()))
      for line in text.present + [""] + (newestFirst ? text.list : text.tree) {
        try StandardStream.output.writeLine(line)
      }
    }
  }

  /// The dispatcher's, and where its memory ends, what the archive has.
  private func explanation(_ client: RingmasterClient) async throws -> (EntityExplanation, ArchivedExplanation?) {
    guard let told = try await found(client) else {
      let what = kind?.rawValue ?? "task, job or worker"
      let nothing = "no \(what) \(name) is known to the dispatcher or its transaction log"
      let archived: [ArchivedExplanation]
      do {
        archived = try kinds.compactMap { $0.reference(name) }.compactMap {
          try ArchivedExplanation.ofGone($0, location)
        }
      } catch {
        throw CommandFailure("\(nothing), and \(CommandFailure(error)?.message ?? "\(error)")")
      }
      let only = try one(of: archived, \.explanation)
      guard let only else { throw CommandFailure("\(nothing), or to the archive \(location.database)") }
      return (only.explanation, only)
    }
    guard told.summary.reach == .log else { return (told, nil) }
    let archived = ArchivedExplanation.continuing(told, location)
    return (archived.explanation, archived)
  }

  private var kinds: [ExplainedKind] { kind.map { [$0] } ?? ExplainedKind.allCases }

  private func found(_ client: RingmasterClient) async throws -> EntityExplanation? {
    var found: [EntityExplanation] = []
    for kind in kinds {
      guard let target = kind.reference(name) else { continue }
      let answer = try await client.answer { try await client.explain(target, timeout: $0) }
      if let answer { found.append(answer) }
    }
    return try one(of: found, \.self)
  }

  private func one<Found>(of found: [Found], _ explanation: (Found) -> EntityExplanation) throws -> Found? {
    guard found.count > 1 else { return found.first }
    let kinds = found.map { "--\(explanation($0).summary.subject.kindName)" }.joined(separator: ", ")
    throw CommandFailure("\(name) is ambiguous: say which one is meant with one of \(kinds)")
  }
}

/// What can be explained.
enum ExplainedKind: String, EnumerableFlag {
  case task
  case job
  case worker

  /// What the text means when it is of this kind; nil when it cannot be.
  func reference(_ text: String) -> EntityReference? {
    switch self {
    case .task:
      if case .name(let name)? = Self.parse(text, as: TaskEntity.self), TaskName(name) == nil { return nil }
      return Self.parse(text, as: TaskEntity.self).map { .task($0) }
    case .job: return Self.parse(text, as: JobEntity.self).map { .job($0) }
    case .worker: return Self.parse(text, as: WorkerEntity.self).map { .worker($0) }
    }
  }

  private static func parse<Entity>(_ text: String, as type: Entity.Type) -> Reference<Entity>? {
    guard text.hasPrefix("#") else { return text.isEmpty ? nil : .name(text) }
    let parts = text.dropFirst().split(separator: ".", omittingEmptySubsequences: false).map { UInt32($0) }
    guard parts.count == 2, let index = parts[0], let generation = parts[1], generation > 0 else { return nil }
    return .handle(Handle(index: index, generation: generation))
  }
}

extension Subject {
  var kindName: String {
    switch self {
    case .worker: "worker"
    case .job: "job"
    case .task: "task"
    }
  }
}
