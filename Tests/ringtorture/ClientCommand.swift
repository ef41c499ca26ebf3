import ArgumentParser
import CPlatform
import Foundation
import Glibc
import Platform
import RingmasterClient
import Synchronization

/// What a client of the torture is told.
struct ClientOptions: ParsableArguments {
  @Option var socket: String
  @Option var ledger: String
  @Option var owner: String
  @Option var seed: UInt64
  @Option var events: Int
  @Option var attachTimeoutMs: Int
  @Option var longEvents = 0
  @Option var largeJob: Int?
  @Flag var concurrent = false
  @Flag var subscribes = false
  @Option var sabotage: Sabotage?

  var script: EventScript { EventScript(owner: owner, seed: seed, longEvents: longEvents, largeJob: largeJob) }

  var attachOptions: AttachOptions {
    var options = AttachOptions(role: .control, name: owner, submissionCapacity: 4096, resultCapacity: 1 << 14)
    options.timeoutMs = attachTimeoutMs
    return options
  }
}

/// A client, as a process of its own.
struct ClientCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "client", shouldDisplay: false)

  private static let orderCheckUs: Int64 = 2000

  @OptionGroup var options: ClientOptions

  func run() throws {
    _ = rm_set_parent_death_signal(SIGKILL)
    let ledger = try Ledger.open(options.ledger)
    do {
      if options.concurrent {
        try runConcurrently(ledger)
      } else {
        var client = ScriptedClient(options, ledger, try ScriptedClient.attach(options))
        if options.subscribes { try client.subscribe() }
        try client.run()
      }
    } catch {
      ledger.fail("\(error)")
      throw error
    }
  }

  /// The dispatcher's role needs the process's first thread to be its only one, so that tasks run here alone.
  private func runConcurrently(_ ledger: Ledger) throws {
    let client = try ConcurrentClient(options, ledger)
    let done = DispatchSemaphore(value: 0)
    let failure = Mutex<(any Error)?>(nil)
    Task {
      do {
        try await client.run()
      } catch {
        failure.withLock { $0 = error }
      }
      done.signal()
    }
    done.wait()
    if let error = failure.withLock({ $0 }) { throw error }
    while ledger.order != .leave { _ = Poll.readable(-1, timeoutUs: Self.orderCheckUs) }
    client.leave()
  }
}
