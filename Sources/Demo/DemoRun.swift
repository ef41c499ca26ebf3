import Ingest
import Platform
import RingmasterClient
import Synchronization
import Terminal

/// One run of the demo: real processes, the story, and the end of everything it started.
public struct DemoRun: Sendable {
  private let options: DemoOptions

  public init(_ options: DemoOptions) {
    self.options = options
  }

  /// Tells the story on standard output; what did not happen goes to standard error.
  ///
  /// SIGINT, SIGTERM and SIGHUP end it early, in order. One at a time in a process.
  ///
  /// - Returns: whether all of it happened.
  public func run() async -> Bool {
    let capabilities = TerminalCapabilities()
    let isLive = capabilities.movesCursor && !options.printsJSON
    let isPlain = !isLive && !options.printsJSON
    let board = DemoBoard(report: DemoReport(options: options)) { line in
      if isPlain { try? StandardStream.output.writeLine(line) }
    }
    let failure = await tell(board, isLive: isLive, paint: Paint(capabilities))
    board.update {
      $0.durationSeconds = board.elapsedSeconds
      $0.isComplete = failure == nil
    }
    let report = board.snapshot.report
    if options.printsJSON {
      show(report.json.text)
    } else {
      for line in report.lines(paint: Paint(capabilities)) { show(line) }
    }
    if let failure { try? StandardStream.error.writeLine("ringmaster-demo: \(failure)") }
    return failure == nil
  }

  /// The story goes on when nobody reads it any more.
  private func show(_ line: String) {
    try? StandardStream.output.writeLine(line)
  }

  /// - Returns: why it did not end well; nil when it did.
  private func tell(_ board: DemoBoard, isLive: Bool, paint: Paint) async -> String? {
    do {
      let processes = try DemoProcesses(options: options)
      let screen = isLive ? DemoScreen(options: options, board: board, processes: processes, paint: paint) : nil
      let story = DemoStory(
        options: options, processes: processes, board: board,
        pauses: isLive ? .forWatching : .none
      ) { client in screen?.connect(client) }
      let telling = Task { try await story.run() }
      try EndingSignals.handle { telling.cancel() }
      let painting = screen.map { screen in Task { await screen.paint(story.watch) } }
      let outcome = await telling.result
      painting?.cancel()
      await painting?.value
      board.failRunningStep()
      if case .failure(let error) = outcome, !(error is CancellationError) {
        let casualties = await processes.casualties()
        _ = await processes.removeAll()
        return describe(error, casualties, board)
      }
      // Also after a story that ended well: then there is nothing left to do.
      _ = await processes.removeAll()
      try outcome.get()
      return nil
    } catch is CancellationError {
      return "interrupted; everything it started has ended"
    } catch {
      return describe(error, [], board)
    }
  }

  private func describe(_ error: any Error, _ casualties: [ChildProcess], _ board: DemoBoard) -> String {
    let step = board.snapshot.progress.firstIndex(of: .failed).flatMap(DemoStep.init(rawValue:))
    let logs = options.logFolder.map { "the logs are in \($0)" } ?? "--keep-logs DIR keeps the logs"
    let ends = casualties.map { process in
      "  \(process.name) \(process.end.map(String.init(describing:)) ?? "runs")\n"
    }.joined()
    return (step.map { "\"\($0.title)\" did not happen: " } ?? "") + "\(error)\n" + ends + "  \(logs)"
  }
}
