import ArgumentParser
import EventModel
import Platform
import RingmasterClient
import Terminal

/// What all commands that talk to a dispatcher share.
struct ConnectionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The dispatcher's control socket; else RINGMASTER_SOCKET names it.", valueName: "path"))
  var socket = AttachOptions.socketPath

  @Flag(help: "Print JSON: one object a line, without colours.")
  var json = false

  /// - Throws: `CommandFailure` that says how to start a dispatcher when there is none.
  func attach(_ role: Role, as name: String, resultCapacity: Int = 8192) throws -> RingmasterClient {
    let options = AttachOptions(role: role, name: "ringctl \(name)", resultCapacity: resultCapacity)
    do {
      return try RingmasterClient(path: socket, options: options)
    } catch let error as SystemError {
      throw CommandFailure.unreachable(error, socket: socket)
    } catch let error as ClientError {
      guard case .noAnswer = error else { throw error }
      throw CommandFailure.hanging(error.description)
    }
  }
}

extension RingmasterClient {
  private static let queryLimit = Duration.seconds(5)

  /// All rows of one kind.
  ///
  /// - Throws: `CommandFailure` when the dispatcher does not answer.
  func rows(_ entity: QueryEntity) async throws -> [Row] {
    try await answer { try await query(entity, timeout: $0) }
  }

  /// The same, page by page: `take` says whether the next one is wanted.
  func rows(_ entity: QueryEntity, take: ([Row]) throws -> Bool) async throws {
    try await answer { try await query(entity, timeout: $0, take: take) }
  }

  /// What the dispatcher answers to a question.
  ///
  /// - Throws: `CommandFailure` when it does not answer.
  func answer<Answer>(_ ask: (_ timeout: Duration) async throws -> Answer) async throws -> Answer {
    do {
      return try await ask(Self.queryLimit)
    } catch ClientError.timedOut {
      throw CommandFailure.hanging("the dispatcher gives no answer within \(Self.queryLimit): it hangs or is stopped")
    }
  }
}
