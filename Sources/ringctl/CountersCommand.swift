import ArgumentParser
import EventJSON
import Platform
import RingmasterClient
import Telemetry
import Terminal

/// `ringctl counters`: what the processes of an instance have counted, read from shared memory.
struct CountersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "counters",
    abstract: "Shows the counters of all processes of an instance, straight from shared memory.",
    discussion: """
      Asks nobody, so it works when the dispatcher hangs or was killed. --json prints one object a line, one for each \
      process: process, pid, alive, counters. Anybody can put a file under such a name: what belongs to a user that runs \
      no process of Ringmaster is named on standard error and left out. Exits 2 when no process of the instance has counters.
      """)

  @Option(help: "The instance that the processes were started with.")
  var instance = "default"

  @Flag(help: "Print JSON: one object a line, without colours.")
  var json = false

  func run() throws {
    var complaints: [String] = []
    var isAllReadable = true
    var pages: [CounterSnapshot] = []
    for process in try CounterPageReader.processes(instance: instance) {
      do {
        pages.append(try CounterPageReader.read(instance: instance, process: process, owners: owners(of: process)))
      } catch {
        complaints.append(CommandFailure.complaint(error, counters: process))
        if !(error is ForeignObject) { isAllReadable = false }
      }
    }
    for page in pages { try json ? show(page.json) : show(page) }
    for complaint in complaints { try? StandardStream.error.writeLine("ringctl: \(complaint)".withoutControls) }
    guard isAllReadable else { throw ExitCode.failure }
    guard !pages.isEmpty else {
      throw CommandFailure.noDispatcher(
        "no process of instance \"\(instance)\" has counters: start one, or say with --instance which one is meant")
    }
  }

  /// Who may have made the page of a process, beside this user and root: the account that an installation runs it as, and
  /// whoever the control socket belongs to.
  private func owners(of process: String) -> Set<UInt32> {
    let accounts = ["ringmaster", "ringmaster-\(process)"].compactMap { Machine.userID($0) }
    return Set(accounts + [File.owner(AttachOptions.socketPath)].compactMap(\.self))
  }

  private func show(_ json: JSONValue) throws {
    try StandardStream.output.writeLine(json.text)
  }

  private func show(_ page: CounterSnapshot) throws {
    let paint = Paint(TerminalCapabilities())
    let life = page.isAlive ? paint("alive", .green) : paint("dead", .bold, .red)
    try StandardStream.output.writeLine("\(paint(page.process, .bold))  pid \(page.pid)  \(life)")
    var table = TextTable("COUNTER", "VALUE")
    for counter in page.counters { table.add(TextTable.Cell(counter.label), TextTable.Cell("\(counter.value)")) }
    for line in table.lines(maxColumns: TerminalSize()?.columns, paint: paint) {
      try StandardStream.output.writeLine("  " + line)
    }
  }
}

extension CounterSnapshot {
  fileprivate var json: JSONValue {
    .object([
      JSONValue.Member("process", .string(process)),
      JSONValue.Member("pid", .integer(pid)),
      JSONValue.Member("alive", .boolean(isAlive)),
      JSONValue.Member("counters", .object(counters.map { JSONValue.Member($0.label, .integer($0.value)) })),
    ])
  }
}
