import EventModel
import Glibc
import Ingest
import Platform

/// `ringmaster-ingest udp` and the workers behind it, which say that they are alive by datagrams, and nothing else.
final class UDPSeat {
  private let program: String
  private let folder: String
  private let instance: String
  private var process: RoleProcess?
  private var socket: DatagramSocket?
  private var starts = 0
  private var handles: [Int: WorkerHandle] = [:]
  private var nextBeatNs: UInt64 = 0
  private let silence: Int

  static let workers = 6
  /// This one falls silent in the middle of the round.
  static let mortal = 0
  private static let intervalNs: UInt64 = 40_000_000
  private static let startsAtMost = 20

  static func name(_ worker: Int) -> String { "udp-w\(worker)" }

  /// - Parameter silence: the mortal worker falls silent when the clients have begun so many events.
  init(program: String, folder: String, instance: String, silence: Int) {
    self.program = program
    self.folder = folder
    self.instance = instance
    self.silence = silence
  }

  func start() throws {
    starts += 1
    unlink(outputPath)
    process = try RoleProcess(
      "udp", RoleProcess.torture,
      [
        "launch", program, "udp", "--listen", "127.0.0.1:0", "--socket", "\(folder)/control.sock", "--instance",
        instance, "--name", "udp-\(starts)",
      ], log: "\(folder)/udp.log", output: outputPath)
    socket = nil
  }

  /// Starts it again when it has ended, and lets the workers say what is due.
  ///
  /// - Parameter begun: events of the clients.
  /// - Returns: how it failed; nil when it did not.
  func look(begun: Int) throws -> String? {
    process?.look()
    if let end = process?.end {
      guard end == .code(1) || process?.wasKilled == true, starts < Self.startsAtMost else {
        return "the UDP ingest \(end)"
      }
      try start()
    }
    try connect()
    try hear()
    guard Clock.monotonicNs() >= nextBeatNs else { return nil }
    nextBeatNs = Clock.monotonicNs() + Self.intervalNs
    for worker in 0..<Self.workers where worker != Self.mortal || begun < silence { say(worker) }
    return nil
  }

  func kill() -> Bool {
    guard let process, process.end == nil else { return false }
    process.kill()
    return process.waitForEnd() == .signal(SIGKILL)
  }

  func end() {
    process?.kill()
    _ = process?.waitForEnd()
  }

  /// - Returns: how it did not stop; nil when it did.
  func finish() -> String? {
    guard let process else { return nil }
    try? connect()
    let isUp =
      switch socket {
      case .some: true
      case .none: false
      }
    process.terminate()
    let end = process.waitForEnd()
    // One that has not begun yet does not know the signal.
    return end == .code(0) || !isUp && end == .signal(SIGTERM)
      ? nil : "the UDP ingest \(end.map { "\($0)" } ?? "does not stop")"
  }

  private var outputPath: String { "\(folder)/udp.out" }

  private func connect() throws {
    switch socket {
    case .some: return
    case .none: break
    }
    let text = TextFile.head(outputPath)
    guard text.hasSuffix("\n"), let word = text.split(separator: "\n").first?.split(separator: " ").last,
      let address = try? SocketAddress(String(word))
    else { return }
    socket = .some(try DatagramSocket.connected(to: address, receiveBufferBytes: 1 << 20))
  }

  private func say(_ worker: Int) {
    var buffer = [UInt8](repeating: 0, count: Datagram.maxBytes)
    let count = buffer.withUnsafeMutableBytes { room in
      if let handle = handles[worker] { return Datagram.encodeHeartbeats([handle], into: room) }
      return Datagram.encode(
        Datagram.Registration(
          request: UInt64(worker), name: Self.name(worker), address: "udp", incarnation: "1", capacity: Resources()),
        into: room)
    }
    switch socket {
    // What the kernel does not take, or nobody hears, comes again.
    case .some(let socket): _ = Glibc.send(socket.descriptor.raw, buffer, count, Int32(MSG_DONTWAIT))
    case .none: break
    }
  }

  private func hear() throws {
    var buffer = [UInt8](repeating: 0, count: Datagram.maxBytes)
    while true {
      let count: Int
      switch socket {
      case .some(let socket): count = recv(socket.descriptor.raw, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      case .none: return
      }
      guard count > 0 else { return }
      buffer.withUnsafeBytes { bytes in
        switch try? Datagram.decode(UnsafeRawBufferPointer(rebasing: bytes[..<count])) {
        case .registered(let answer) where answer.reason == nil: handles[Int(answer.request)] = answer.worker
        case .unknown(let unknown):
          for worker in unknown { handles = handles.filter { $0.value != worker } }
        default: break
        }
      }
    }
  }
}
