import ArgumentParser
import Ingest
import Platform
import RingmasterClient
import ServiceLog

struct NDJSONCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ndjson",
    abstract: "Publishes one event for each line of JSON, and says what came of them.",
    discussion: """
      A line is an object such as {"type":"JOB_CANCELLED","job_id":"nightly","reason":"superseded"}; blank lines are \
      left out. Entities are named by name, or by handle with a # in front. Times in the text are not used: an event \
      happened when the dispatcher took it in, and TICK, which is the dispatcher's own, is refused.

      Bad lines and events that the controller rejected are reported on standard error with their line number and do \
      not stop the rest. A summary ends the output. Exits 0 if every line was an event and has a result; that the \
      controller rejected it is a result. Exits 1 otherwise.

      While the dispatcher takes nothing, or is restarted, it waits and reads no more. SIGTERM and SIGINT end the reading: \
      what was read is published, to the end of the last line, and the results are awaited, for 8 s at the most. It exits 0 \
      then, and 1 if an event that was read could not be published.
      """)

  @Argument(help: ArgumentHelp("What to read; - is standard input.", valueName: "file"))
  var file = "-"

  @Option(help: ArgumentHelp("The dispatcher's control socket; else RINGMASTER_SOCKET names it.", valueName: "path"))
  var socket = AttachOptions.socketPath

  @Flag(help: "Print the summary as one JSON object.")
  var json = false

  func run() throws {
    var options = NDJSONIngestOptions()
    options.socketPath = socket
    let input = try InputSource.open(file)
    var stop: Int32 = -1
    let ingest = try NDJSONIngest(options) { line in
      // Who does not listen to the reports still wants the events published.
      try? StandardStream.error.writeLine("\(line)".withControlsWrittenOut, unlessStoppedBy: stop)
    }
    // Until here nothing has been read, and a signal may end it at once.
    let signals = try SignalDescriptor.ofStopSignals()
    stop = signals.descriptor.raw
    let summary = try ingest.run(input: input, stopDescriptor: stop)
    try StandardStream.output.writeLine(json ? summary.json.text : summary.text, unlessStoppedBy: stop)
    if let interruption = summary.interruption {
      try StandardStream.error.writeLine("stopped early: \(interruption)".withControlsWrittenOut, unlessStoppedBy: stop)
    }
    guard summary.isStopped ? summary.unpublished == 0 : summary.isComplete else { throw ExitCode.failure }
  }
}
