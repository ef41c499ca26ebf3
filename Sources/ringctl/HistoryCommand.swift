import Archive
import ArgumentParser
import EventJSON
import EventModel
import Platform
import Presentation
import Terminal

/// `ringctl history`: what happened, from the archive.
struct HistoryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "Prints transactions of the past from the archive, each action under what caused it.",
    discussion: """
      Reads the database of ringmaster-archive, and needs no dispatcher. The oldest is printed first; --job, --task and \
      --worker keep what tells of one thing, also of what is gone, by its name or as #INDEX.GENERATION.

      A client whose result ring overflowed gets overrun(from, to) in the place of results: "ringctl history --since FROM \
      --until TO", with the two numbers, prints what it missed. --json prints one object a line, as "ringctl watch --json" does, with epoch, and superseded \
      where the journal lost a transaction after it was archived. --follow goes on \
      with what is archived from now on, until SIGINT, SIGTERM, or nobody reads its output any more.
      """)

  @OptionGroup var options: DatabaseOptions

  @Option(help: ArgumentHelp("Only what tells of this job or one of its tasks.", valueName: "name"))
  var job: String?

  @Option(help: ArgumentHelp("Only what tells of this task.", valueName: "JOB/task-INDEX"))
  var task: String?

  @Option(help: ArgumentHelp("Only what tells of this worker.", valueName: "name"))
  var worker: String?

  @Option(
    help: ArgumentHelp("Only what one event did: NAME/INCARNATION/SEQUENCE of its source, or NAME.", valueName: "id"))
  var event: EventSource?

  @Option(help: ArgumentHelp("Begin with this: \(MomentArgument.forms).", valueName: MomentArgument.valueName))
  var since: MomentArgument?

  @Option(help: ArgumentHelp("End with this; the same forms.", valueName: MomentArgument.valueName))
  var until: MomentArgument?

  @Option(
    help: ArgumentHelp(
      "Only what happened in this epoch: a dispatcher begins one at each start.", valueName: "epoch"))
  var epoch: UInt64?

  @Option(
    help: ArgumentHelp(
      "The newest of them, so many. (default: \(Self.usualLimit), or all with --since)", valueName: "count"))
  var limit: Int?

  @Flag(help: "Go on with what comes.")
  var follow = false

  private static let usualLimit = 100
  private static let followPeriod = Duration.milliseconds(100)

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit: expected 1 or more") }
    guard [job, task, worker, event?.description].compactMap({ $0 }).count <= 1 else {
      throw ValidationError("only one of --job, --task, --worker and --event can be asked for")
    }
    if follow, until != nil { throw ValidationError("--follow has no end: leave out --until") }
  }

  func run() async throws {
    var filter = ArchiveHistory.Filter()
    filter.entity = try entity()
    filter.source = event
    switch since?.limit {
    case .transaction(let number): filter.after = max(number, 1) - 1
    case .timeMs(let timeMs): filter.sinceMs = timeMs
    case nil: break
    }
    switch until?.limit {
    case .transaction(let number): filter.upTo = number
    case .timeMs(let timeMs): filter.untilMs = timeMs
    case nil: break
    }
    filter.epoch = epoch
    filter.limit = limit ?? (since == nil ? Self.usualLimit : nil)
    let showing = Task { [filter] in try await show(filter) }
    if follow { try EndingSignals.handle { showing.cancel() } }
    do {
      try await showing.value
    } catch let error as SystemError where error.meansNoReader {
      // Nobody reads it any more, as with "ringctl history | head".
    }
  }

  private func show(_ filter: ArchiveHistory.Filter) async throws {
    var history = try options.open { try ArchiveHistory.open($0) }
    if let entity = filter.entity, try !history.knows(entity) {
      throw CommandFailure("the archive knows nothing of that name: \(job ?? task ?? worker ?? "")")
    }
    let paint = Paint(TerminalCapabilities())
    var filter = filter
    var epoch: ArchiveEpoch?
    repeat {
      let isAmbiguous = history.isAmbiguous
      // What is archived while the rows are printed comes next time.
      let newest = try history.forEach(filter) { entry in
        if options.json {
          try StandardStream.output.writeLine(entry.json.text)
        } else {
          if entry.epoch.index != epoch?.index, isAmbiguous || entry.epoch.generationBase > 0 {
            try StandardStream.output.writeLine(paint(entry.epoch.title, .bold))
          }
          try StandardStream.output.writeLine(text(entry, paint))
        }
        epoch = entry.epoch
      }
      guard follow else { return }
      filter.afterID = newest
      filter.limit = nil
      try? await Task.sleep(for: Self.followPeriod)
    } while !Task.isCancelled
  }

  private func text(_ entry: ArchiveHistory.Entry, _ paint: Paint) -> String {
    let lines = TransactionText(entry.transaction, paint: paint, timeFormat: .dateAndTime).lines
    let mark = entry.isSuperseded ? " " + paint("superseded", .yellow) : ""
    return ([(lines.first ?? "") + mark] + lines.dropFirst()).joined(separator: "\n")
  }

  private func entity() throws -> EntityReference? {
    for (kind, name) in [(ExplainedKind.job, job), (.task, task), (.worker, worker)] {
      guard let name else { continue }
      guard let reference = kind.reference(name) else {
        throw ValidationError("--\(kind.rawValue): expected a name or #INDEX.GENERATION, got \(name)")
      }
      return reference
    }
    return nil
  }
}

extension ArchiveHistory.Entry {
  /// As that of the transaction, and where in history it stands.
  var json: JSONValue {
    var members = [JSONValue.Member("epoch", .integer(epoch.epoch))]
    if isSuperseded { members.append(JSONValue.Member("superseded", .boolean(true))) }
    guard case .object(let fields) = transaction.json else { return .object(members) }
    return .object(fields + members)
  }
}

extension ArchiveEpoch {
  /// Where numbers may mean more than one transaction.
  fileprivate var title: String {
    let lost = supersededAfter.map { ", what follows #\($0) was lost from the journal" } ?? ""
    return "epoch \(epoch) of journal \(journal)\(lost)"
  }
}
