import EventBus
import EventModel

/// Changes, drops and fails, by what the event is.
struct MeddlingMiddleware: Middleware {
  let name = "meddling"
  /// Most of what is no report of a task.
  let dropsMost: Bool

  struct Refusal: Error {}

  private static let operations: Set<EventKind> = [
    .jobCancelled, .workerHeartbeatFailed, .endpointRegistered, .brakeOverridden,
  ]

  func process(_ event: Event) throws -> Event? {
    guard case .jobSubmitted(let name, var request) = event.body else {
      return dropsMost && Self.operations.contains(event.kind) ? nil : event
    }
    if name.hasSuffix("7") || dropsMost && name.utf8.last.map({ $0 < UInt8(ascii: "6") }) ?? false { return nil }
    if name.hasSuffix("8") { throw Refusal() }
    if name.hasSuffix("6") {
      // What no record holds.
      request.reason = String(repeating: "x", count: Int(UInt16.max) + 1)
      return Event(id: event.id, timestampMs: event.timestampMs, body: .jobSubmitted(name: name, request: request))
    }
    guard name.hasSuffix("9") else { return event }
    request.reason = "changed"
    return Event(id: event.id, timestampMs: event.timestampMs, body: .jobSubmitted(name: name, request: request))
  }
}
