import CRingmaster
import Dispatcher
import DispatcherSimulator
import EventCodec
import EventJSON
import EventModel
import Ingest
import Platform

/// What somebody else can send.
enum FuzzTarget: String, CaseIterable {
  case handshake
  case records
  case requests
  case datagrams
  case ndjson

  /// Inputs to begin with.
  func seeds() throws -> [[UInt8]] {
    switch self {
    case .handshake: FuzzSeeds.handshakes()
    case .records: try FuzzSeeds.records()
    case .requests: try FuzzSeeds.requests()
    case .datagrams: FuzzSeeds.datagrams()
    case .ndjson: FuzzSeeds.lines()
    }
  }

  /// - Parameter probe: makes a dispatcher.
  func take(_ bytes: [UInt8], _ probe: () throws -> DispatcherProbe) throws {
    switch self {
    case .handshake:
      let probe = try probe()
      for message in bytes.pieces(of: MemoryLayout<rm_attach_request>.size) {
        // One of zeros alone stands for the death of the dispatcher, after which its peers may come back.
        if message.allSatisfy({ $0 == 0 }) {
          try probe.restart(keepingRings: true)
        } else {
          try probe.greet(message)
        }
      }
      if probe.hasJournaled { try probe.restart() }
    case .records: try Self.publish(bytes, probe) { _ in }
    case .requests:
      try Self.publish(bytes, probe) { head in
        // What is none becomes one of those that there are, or that may be some day.
        if UInt32(head.kind) < RM_KIND_QUERY { head.kind = UInt8(RM_KIND_QUERY) + head.kind % 8 }
      }
    case .datagrams: try Self.decode(bytes, probe)
    case .ndjson: try Self.read(bytes, probe)
    }
  }

  private static func publish(
    _ bytes: [UInt8], _ probe: () throws -> DispatcherProbe, _ change: (inout rm_event_head) -> Void
  ) throws {
    guard let first = bytes.first else { return }
    let circumstances = Circumstances(first)
    var slots = bytes.dropFirst().pieces(of: MemoryLayout<rm_event_head>.size).map(head)
    var records: [Int] = []
    var next = 0
    while next < slots.count {
      change(&slots[next])
      records.append(next)
      next += max(Int(slots[next].slots), 1)
    }
    let middle = records.isEmpty ? 0 : records[records.count / 2]
    let probe = try probe()
    try probe.attach(circumstances.role)
    let before = probe.lastTransaction
    probe.peersRead = !circumstances.has(.slowReaders)
    probe.publish(slots: slots[..<middle], areRead: !circumstances.has(.death))
    if circumstances.has(.death) { try probe.restart(keepingRings: true) }
    if circumstances.has(.silence) { probe.beSilent() }
    probe.publish(slots: slots[middle...])
    probe.peersRead = true
    probe.settle()
    precondition(
      circumstances.role != .observe || circumstances.has(.silence) || probe.lastTransaction == before,
      "an observer has made a transaction")
    guard probe.hasJournaled else { return }
    if circumstances.has(.snapshot) { try probe.makeSnapshot() }
    try probe.restart()
  }

  private static func head(_ bytes: [UInt8]) -> rm_event_head {
    let whole = bytes + [UInt8](repeating: 0, count: MemoryLayout<rm_event_head>.size - bytes.count)
    return whole.withUnsafeBytes { $0.loadUnaligned(as: rm_event_head.self) }
  }

  private static func decode(_ bytes: [UInt8], _ probe: () throws -> DispatcherProbe) throws {
    let registration: Datagram.Registration? = try bytes.withUnsafeBytes { bytes -> Datagram.Registration? in
      guard let datagram = try? Datagram.decode(bytes) else { return nil }
      let again = datagram.encoded
      return try again.withUnsafeBytes { again -> Datagram.Registration? in
        let decoded = try Datagram.decode(again)
        precondition(decoded.encoded.elementsEqual(again), "encoded, it is another datagram")
        if case .register(let registration) = decoded { return registration }
        return nil
      }
    }
    guard let registration else { return }
    let probe = try probe()
    try probe.attach(.ingest)
    probe.publish(registration.event(from: try SocketAddress("127.0.0.1:7400")))
    try probe.restart()
  }

  private static func read(_ bytes: [UInt8], _ probe: () throws -> DispatcherProbe) throws {
    let decoder = EventJSONDecoder(timestamps: .optional)
    var events: [Event] = []
    func take(_ line: NDJSONReader<Event>.Line) throws {
      guard case .success(let event) = line.result else { return }
      let again = try decoder.event(from: [UInt8](event.json.text.utf8))
      precondition(again == event, "written, \(event) is another event: \(again)")
      events.append(event)
    }
    var reader = NDJSONReader<Event> { line throws(EventJSONError) in
      _ = try? ScriptStep(from: line)
      return try decoder.event(from: line)
    }
    let middle = bytes.count / 2
    try reader.read([UInt8](bytes[..<middle]), take)
    try reader.read([UInt8](bytes[middle...]), take)
    try reader.finish(take)
    guard !events.isEmpty else { return }
    let probe = try probe()
    for event in events { probe.publish(event) }
    try probe.restart()
  }
}

extension Collection<UInt8> where Index == Int {
  fileprivate func pieces(of size: Int) -> [[UInt8]] {
    stride(from: startIndex, to: endIndex, by: size).map { [UInt8](self[$0..<Swift.min($0 + size, endIndex)]) }
  }
}
