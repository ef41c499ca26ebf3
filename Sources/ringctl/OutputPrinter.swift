import EventJSON
import EventModel
import Platform
import RingmasterClient
import Terminal

/// Prints what tasks write: bare where it is one task's, else with the task before each line.
struct OutputPrinter {
  private var sources: [any TaskOutput]
  private let isJSON: Bool
  private let isPrefixed: Bool
  private let paint = Paint(TerminalCapabilities())
  private var colours: [String: Style] = [:]
  private static let palette: [Style] = [.cyan, .green, .yellow, .red]

  /// - Parameter filter: of a job that the dispatcher knows.
  /// - Throws: `CommandFailure` when this machine has no output of it.
  static func make(_ filter: OutputFilter, job: JobView, _ client: RingmasterClient, isJSON: Bool) async throws
    -> OutputPrinter
  {
    var tasks: [TaskView] = []
    for case .task(let task) in try await client.answer({ try await client.tasks(of: .handle(job.handle), timeout: $0) }
    )
    where filter.index == nil || filter.index == task.name.index { tasks.append(task) }
    var sources: [any TaskOutput] = []
    let wanted = WantedAttempts(cluster: client.cluster, tasks: tasks, attempt: filter.attempt)
    if JournaledOutput.isThere { sources.append(JournaledOutput(job: job.name, sinceMs: filter.sinceMs, wanted)) }
    var folders = Set<String>()
    for case .worker(let worker) in try await client.rows(.workers) {
      for attribute in worker.metadata.attributes where attribute.key == "state_folder" {
        folders.insert(attribute.value)
      }
    }
    for folder in folders.sorted() {
      sources.append(FiledOutput(folder: folder, wanted))
    }
    return OutputPrinter(sources: sources, isJSON: isJSON, isPrefixed: job.taskCount > 1 && filter.index == nil)
  }

  private init(sources: [any TaskOutput], isJSON: Bool, isPrefixed: Bool) {
    self.sources = sources
    self.isJSON = isJSON
    self.isPrefixed = isPrefixed
  }

  /// Prints what is left of tasks that have ended.
  mutating func printRest() async throws {
    _ = try printNew()
    var areSettled = true
    for index in sources.indices where try !sources[index].settle() { areSettled = false }
    // Where the journal may not be asked to hurry, its silence has to do.
    repeat { if !areSettled { try await Task.sleep(for: Self.silence) } } while try printNew() > 0
  }

  private static let silence = Duration.seconds(1)

  /// - Returns: how many lines came since the last look.
  mutating func printNew() throws -> Int {
    var lines: [OutputLine] = []
    for index in sources.indices { lines += try sources[index].lines() }
    guard !lines.isEmpty else { return 0 }
    let texts = lines.map { text(of: $0) }
    try StandardStream.output.writeLine(texts.joined(separator: "\n"))
    return lines.count
  }

  private mutating func text(of line: OutputLine) -> String {
    if isJSON {
      return JSONValue.object([
        .init("task_id", .string(line.task)), .init("attempt", .integer(Int64(line.attempt))),
        .init("line", .string(line.text)),
      ]).text
    }
    guard isPrefixed else { return line.text }
    let colour = colours[line.task] ?? Self.palette[colours.count % Self.palette.count]
    colours[line.task] = colour
    let index = line.task.split(separator: "/").last ?? ""
    return paint("\(index) | ", colour) + line.text
  }
}
