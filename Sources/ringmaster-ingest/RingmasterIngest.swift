import ArgumentParser
import Platform
import ServiceProgram

@main
struct RingmasterIngest: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ringmaster-ingest",
    abstract: "Brings what happens outside to the dispatcher as events.",
    discussion: """
      Each subcommand attaches to the dispatcher over its control socket and writes events to a ring of its own. Any \
      other program may do the same with the client library or the C header.
      """,
    version: ProgramVersion.text,
    subcommands: [UDPCommand.self, NDJSONCommand.self])

  static func main() {
    StandardStream.openClosedOnes()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      end(with: error)
    }
  }
}
