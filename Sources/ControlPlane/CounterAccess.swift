import DispatcherSettings
import Logging
import Telemetry

/// The dispatcher's counter pages, and who may read them beside its own user.
package enum CounterAccess {
  package static let dispatchPage = "ringmasterd"
  package static let controlPage = "ringmasterd-control"
  package static let journalPage = "ringmasterd-journal"

  /// Lets those who may ask the dispatcher read its counters, in the place of those who could before.
  package static func grant(_ configuration: DispatcherConfiguration, _ log: Logger) {
    let pages = [dispatchPage, controlPage] + (configuration.journal == nil ? [] : [journalPage])
    do {
      for page in pages {
        try CounterPage.letRead(
          configuration.access.counterReaders, instance: configuration.instance, process: page)
      }
    } catch {
      log.warning("only this user can read the counters", metadata: ["cause": "\(error)"])
    }
  }
}
