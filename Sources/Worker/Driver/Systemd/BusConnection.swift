import CSystemd
import Glibc
import Platform

/// A connection to the system's message bus that never waits, but in `wait`.
///
/// One that broke stays broken: `isBroken`; make another.
final class BusConnection {
  typealias Reply = (Result<BusReader, BusError>) -> Void

  private let bus: OpaquePointer
  /// By the number of the message that asked.
  private var pending: [UInt64: Reply] = [:]
  /// Those among them behind which nothing is answered that was asked before.
  private var barriers: Set<UInt64> = []
  /// Calls to be sent, in order: the bus refuses more than 128 that wait for their replies.
  private var queue: [(message: OpaquePointer, timeoutUs: UInt64, isBarrier: Bool, reply: Reply)] = []
  private var queueFrom = 0
  private static let callsAtOnce = 96
  private let onSignal: (_ member: String, _ path: String, BusReader) -> Void
  private(set) var isBroken = false

  init(onSignal: @escaping (_ member: String, _ path: String, BusReader) -> Void) throws {
    var bus: OpaquePointer?
    let result = sd_bus_open_system(&bus)
    guard result >= 0, let bus else {
      throw SystemError(
        "connect to the system's message bus", code: -result, advice: "is dbus.service running? systemctl status dbus")
    }
    self.bus = bus
    self.onSignal = onSignal
  }

  deinit {
    for call in queue[queueFrom...] { sd_bus_message_unref(call.message) }
    sd_bus_close_unref(bus)
  }

  var descriptor: Int32 { sd_bus_get_fd(bus) }

  /// CLOCK_BOOTTIME at which `process` has something to do though the descriptor is not readable.
  func wakeNs(nowNs: UInt64) -> UInt64 {
    // Nothing tells of a descriptor that became writable: look again soon.
    if sd_bus_get_events(bus) & Int32(POLLOUT) != 0 { return nowNs + 1_000_000 }
    var us: UInt64 = 0
    guard sd_bus_get_timeout(bus, &us) >= 0, us != .max else { return .max }
    let monotonicUs = Clock.monotonicNs() / 1000
    return us <= monotonicUs ? nowNs : nowNs + (us - monotonicUs) * 1000
  }

  /// Takes in all that is there.
  func process() {
    while !isBroken {
      let result = sd_bus_process(bus, nil)
      if result < 0 { isBroken = true }
      if result <= 0 { return }
    }
  }

  /// Waits until there is something to take in.
  func wait(upToMs ms: UInt64) {
    if sd_bus_wait(bus, ms * 1000) < 0 { isBroken = true }
  }

  /// It works, but something does not come through it.
  func giveUp() {
    isBroken = true
  }

  func match(_ rule: String) throws {
    try check(
      sd_bus_add_match_async(
        bus, nil, rule,
        { message, context, _ in
          guard let message, let context else { return 0 }
          let connection = Unmanaged<BusConnection>.fromOpaque(context).takeUnretainedValue()
          let member = sd_bus_message_get_member(message).map { String(cString: $0) } ?? ""
          let path = sd_bus_message_get_path(message).map { String(cString: $0) } ?? ""
          connection.onSignal(member, path, BusReader(message: message))
          return 0
        },
        { message, context, _ in
          // Without its signals a connection is of no use.
          if let message, let context, sd_bus_message_is_method_error(message, nil) > 0 {
            Unmanaged<BusConnection>.fromOpaque(context).takeUnretainedValue().isBroken = true
          }
          return 0
        }, Unmanaged.passUnretained(self).toOpaque()))
  }

  /// Calls a method of systemd, and gives what it answers to `reply`, later.
  ///
  /// - Parameter isBarrier: once it is answered, whatever was called before and was not answered fails. systemd answers in
  ///   order; but while it reloads it loses calls.
  func call(
    _ method: String, path: String = "/org/freedesktop/systemd1",
    interface: String = "org.freedesktop.systemd1.Manager", timeoutMs: UInt64 = 5_000, isBarrier: Bool = false,
    body: (BusWriter) throws -> Void = { _ in }, reply: @escaping Reply
  ) throws {
    var made: OpaquePointer?
    try check(
      sd_bus_message_new_method_call(bus, &made, "org.freedesktop.systemd1", path, interface, method))
    guard let message = made else { throw BusError(code: ENOMEM, text: "make a message") }
    defer { sd_bus_message_unref(message) }
    guard !isBroken else { throw BusError(code: ENOTCONN, text: "the connection broke") }
    // While systemd is away, the bus must not try to start one.
    sd_bus_message_set_auto_start(message, 0)
    try body(BusWriter(message: message))
    sd_bus_message_ref(message)
    queue.append((message, timeoutMs * 1000, isBarrier, reply))
    sendQueued()
  }

  private func sendQueued() {
    while !isBroken, pending.count < Self.callsAtOnce, queueFrom < queue.count {
      let call = queue[queueFrom]
      queueFrom += 1
      send(call.message, timeoutUs: call.timeoutUs, isBarrier: call.isBarrier, reply: call.reply)
      sd_bus_message_unref(call.message)
    }
    if queueFrom == queue.count {
      queue.removeAll(keepingCapacity: true)
      queueFrom = 0
    }
  }

  private func send(_ message: OpaquePointer, timeoutUs: UInt64, isBarrier: Bool, reply: @escaping Reply) {
    let result = sd_bus_call_async(
      bus, nil, message,
      { message, context, _ in
        guard let message, let context else { return 0 }
        Unmanaged<BusConnection>.fromOpaque(context).takeUnretainedValue().took(message)
        return 0
      }, Unmanaged.passUnretained(self).toOpaque(), timeoutUs)
    guard result >= 0 else {
      isBroken = true
      return
    }
    var cookie: UInt64 = 0
    sd_bus_message_get_cookie(message, &cookie)
    pending[cookie] = reply
    if isBarrier { barriers.insert(cookie) }
  }

  private func took(_ message: OpaquePointer) {
    var cookie: UInt64 = 0
    guard sd_bus_message_get_reply_cookie(message, &cookie) >= 0, let reply = pending.removeValue(forKey: cookie)
    else { return }
    defer { sendQueued() }
    if barriers.remove(cookie) != nil {
      for earlier in pending.keys.sorted() where earlier < cookie {
        barriers.remove(earlier)
        pending.removeValue(forKey: earlier)?(.failure(.lost))
      }
    }
    if let error = sd_bus_message_get_error(message) {
      let name = error.pointee.name.map { String(cString: $0) } ?? ""
      reply(.failure(BusError(name: name, text: error.pointee.message.map { String(cString: $0) } ?? name)))
    } else {
      reply(.success(BusReader(message: message)))
    }
  }

  private func check(_ result: Int32) throws {
    if result < 0 { throw BusError(code: -result, text: String(cString: strerror(-result))) }
  }
}
