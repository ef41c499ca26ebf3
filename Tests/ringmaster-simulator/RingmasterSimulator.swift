import ArgumentParser
import Foundation
import Platform

@main
struct RingmasterSimulator: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ringmaster-simulator",
    abstract: "Hunts for faults: of a whole dispatcher, or of the state machine.",
    version: ProgramVersion.text,
    subcommands: [DispatcherCommand.self, ControllerCommand.self],
    defaultSubcommand: DispatcherCommand.self)
}

extension StandardStream {
  /// On standard error, in the place of what was shown before.
  static func showProgress(_ text: String) throws {
    try FileHandle.standardError.write(contentsOf: Data("\r\u{1B}[K\(text)".utf8))
  }
}
