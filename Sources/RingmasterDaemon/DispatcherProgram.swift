import ArgumentParser
import Configuration
import ControlPlane
import Dispatcher
import Journal
import LogMessages
import Platform
import ServiceProgram

/// The program `ringmasterd`, with whatever parts an executable registers.
///
/// A deployment's own dispatcher is an executable of a few lines:
///
/// ```swift
/// @main enum Main {
///   static func main() {
///     DispatcherProgram.main { registry in
///       registry.register(middleware: "owner-required") { _ in OwnerRequired() }
///     }
///   }
/// }
/// ```
///
/// The parts do nothing until a configuration file names them.
public enum DispatcherProgram {
  /// As `sysexits.h` has it. The service manager does not start a dispatcher again that ended with it.
  static let configurationErrorCode = ExitCode(78)

  /// As `sysexits.h` has it: the journal is damaged, or another version's. Nor after this one: starting again does not mend it.
  static let journalErrorCode = ExitCode(65)

  /// Parses the command line, runs the dispatcher, and returns when it has been asked to stop. Exits the process on an
  /// error: 64 for wrong usage, 65 for a journal that is damaged or of another version, 78 for a configuration that cannot be used, 1 for
  /// anything else.
  public static func main(registering register: (inout PluginRegistry) -> Void = { _ in }) {
    StandardStream.openClosedOnes()
    var registry = PluginRegistry()
    register(&registry)
    var refusal = LogMessage.configurationUnusable
    do {
      var command = try RingmasterdCommand.parseAsRoot()
      guard let ringmasterd = command as? RingmasterdCommand else { return try command.run() }
      // The unit checks the file so before a reload, and the dispatcher goes on without it.
      if ringmasterd.checkConfig { refusal = .configurationRefused }
      try ringmasterd.run(with: registry)
    } catch let error as ConfigurationError {
      RingmasterdCommand.end(as: refusal, error, code: configurationErrorCode)
    } catch JournalError.otherVersion(let other) {
      RingmasterdCommand.end(as: .otherVersion, other, code: journalErrorCode)
    } catch let error as JournalError where error.needsAnOperator {
      RingmasterdCommand.end(as: .journalDamaged, error, code: journalErrorCode)
    } catch let error as JournalFailure {
      RingmasterdCommand.end(as: .journalFailed, error, code: error.needsAnOperator ? journalErrorCode : .failure)
    } catch {
      RingmasterdCommand.end(with: error)
    }
  }
}
