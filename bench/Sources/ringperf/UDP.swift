import ArgumentParser
import CPlatform
import CRingmaster
import CRingperf
import EventJSON
import EventModel
import Foundation
import Ingest
import Platform
import SeededRandom

struct UDPCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "udp",
    abstract: "Heartbeats in datagrams over loopback, through the real ingest to applied state.",
    discussion: """
      Starts ringmasterd and ringmaster-ingest, sends datagrams as fast as sendmmsg takes them, and counts the heartbeats \
      that the dispatcher applied. In turn with it, the same sender sends to a bare recvmmsg loop that drops what it gets.

      The sender has the first processor of --cpus; the ingest and the dispatcher share the others, as the bare loop does.

      JSON: heartbeats_per_s, bare_heartbeats_per_s, ratio_to_bare.
      """)

  @Option(help: "Heartbeats in a datagram: 1 to 152.")
  var perDatagram = 1

  @Option(help: ArgumentHelp("Length of a round.", valueName: "ms"))
  var duration = 500

  @OptionGroup var rounds: RoundOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    try expect("--per-datagram", perDatagram, in: 1...152)
    try expect("--duration", duration, in: 10...600_000)
  }

  func run() throws {
    try CPUList.pin(rounds.cpus.own)
    let benchmark = try UDPBenchmark(
      perDatagram: perDatagram, cpus: rounds.cpus, ingestCPUs: Array(rounds.cpus.cpus.dropFirst()))
    let durationNs = UInt64(duration) * 1_000_000
    let rates = try Rounds.figures(rounds, arms: [true, false]) { isIngest in
      try isIngest ? benchmark.ingestRound(durationNs: durationNs) : benchmark.bareRound(durationNs: durationNs)
    }
    var report = Report(
      "udp", rounds, [.init("per_datagram", .integer(perDatagram)), .init("duration_ms", .integer(duration))])
    report.rows = [
      Row("through the ingest, applied", "heartbeats_per_s", rates[0], .perSecond),
      Row("bare recvmmsg loop", "bare_heartbeats_per_s", rates[1], .perSecond),
      Row("the ingest to the bare loop", "ratio_to_bare", Summary.ratios(rates[0], rates[1]), .ratio),
    ]
    try report.publish(output)
  }
}

/// Heartbeats in datagrams over loopback: through the real ingest to applied state, beside a bare receive loop that
/// looks at nothing. One sender for both, as fast as it can; what the kernel drops for either is not counted.
final class UDPBenchmark {
  private let dispatcher: DispatcherUnderTest
  private let ingest: ChildProcess
  private let ingestAddress: SocketAddress
  private let sink: Partner
  private let sinkAddress: SocketAddress
  private let perDatagram: Int
  private let buffers: UnsafeMutableRawBufferPointer
  private let lengths: [UInt32]
  private let datagramBytes: Int

  private static let stride = Int(RM_DATAGRAM_MAX_BYTES)
  private static let datagrams = 1024
  private static let datagramsPerCall: UInt32 = 64
  private static let settleNs: UInt64 = 100_000_000
  private static let workerCount = 100_000

  /// - Parameter ingestCPUs: of the ingest and the dispatcher; empty leaves them to the scheduler.
  init(perDatagram: Int, cpus: CPUList, ingestCPUs: [Int]) throws {
    self.perDatagram = perDatagram
    dispatcher = try DispatcherUnderTest(cpus: ingestCPUs)
    let handles = try dispatcher.registerWorkers(Self.workerCount)
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw SystemError.last("create a pipe") }
    _ = fcntl(ends[0], F_SETFD, FD_CLOEXEC)
    ingest = try ChildProcess.start(
      [
        try Executable.sibling("ringmaster-ingest"), "udp", "--listen", "127.0.0.1:0", "--socket",
        dispatcher.socketPath, "--instance", dispatcher.instance, "--log-level", "error",
      ], output: ends[1], cpus: ingestCPUs)
    close(ends[1])
    let greeting = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true).availableData
    let words = String(decoding: greeting, as: UTF8.self).split { $0 == " " || $0 == "\n" }
    guard let address = words.last, let ingestAddress = try? SocketAddress(String(address)) else {
      throw BenchmarkError("ringmaster-ingest did not say where it listens")
    }
    self.ingestAddress = ingestAddress
    sink = try Partner.start(cpus: ingestCPUs, asThread: false)
    sinkAddress = try Self.freeAddress()
    buffers = .allocate(byteCount: Self.datagrams * Self.stride, alignment: 64)
    var generator = SeededGenerator(seed: 2)
    var bytes = 0
    for index in 0..<Self.datagrams {
      let room = UnsafeMutableRawBufferPointer(rebasing: buffers[(index * Self.stride)..<((index + 1) * Self.stride)])
      let workers = (0..<perDatagram).map { _ in handles[Int(generator.next() % UInt64(handles.count))] }
      bytes = Datagram.encodeHeartbeats(workers, into: room)
    }
    datagramBytes = bytes
    lengths = Array(repeating: UInt32(bytes), count: Self.datagrams)
  }

  deinit {
    buffers.deallocate()
    ingest.terminate()
  }

  /// An address that nobody uses now.
  private static func freeAddress() throws -> SocketAddress {
    try DatagramSocket.bound(to: SocketAddress("127.0.0.1:0"), receiveBufferBytes: 1 << 16).localAddress
  }

  /// - Returns: heartbeats a second that the bare loop received.
  func bareRound(durationNs: UInt64) throws -> Double {
    try sink.prepare(PartnerTask(work: .receiveDatagrams, path: sinkAddress.description))
    let socket = try DatagramSocket.connected(to: sinkAddress, receiveBufferBytes: 1 << 16)
    sink.begin()
    let startNs = Clock.monotonicNs()
    try send(socket, untilNs: startNs + durationNs)
    let endNs = Clock.monotonicNs()
    sink.gate.stop()
    sink.waitUntilDone()
    let heartbeats = sink.gate.result(0) / UInt64(datagramBytes) * UInt64(perDatagram)
    return Double(heartbeats) / (Double(endNs - startNs) / 1e9)
  }

  /// - Returns: heartbeats a second that the dispatcher applied.
  func ingestRound(durationNs: UInt64) throws -> Double {
    let socket = try DatagramSocket.connected(to: ingestAddress, receiveBufferBytes: 1 << 16)
    try send(socket, untilNs: Clock.monotonicNs() + Self.settleNs)
    let before = try dispatcher.counter("heartbeats_applied")
    let startNs = Clock.monotonicNs()
    try send(socket, untilNs: startNs + durationNs)
    let endNs = Clock.monotonicNs()
    let after = try dispatcher.counter("heartbeats_applied")
    return Double(after - before) / (Double(endNs - startNs) / 1e9)
  }

  private func send(_ socket: borrowing DatagramSocket, untilNs deadlineNs: UInt64) throws {
    var first = 0
    while Clock.monotonicNs() < deadlineNs {
      let sent = lengths.withUnsafeBufferPointer {
        rm_send_datagrams(
          socket.descriptor.raw, buffers.baseAddress! + first * Self.stride, Self.stride, $0.baseAddress,
          Self.datagramsPerCall)
      }
      // A full buffer is what a sender without a pause will meet.
      guard sent >= 0 || sent == -EAGAIN || sent == -ENOBUFS || sent == -ECONNREFUSED else {
        throw SystemError("send datagrams", code: -sent)
      }
      first = (first + Int(Self.datagramsPerCall)) % Self.datagrams
    }
  }
}

/// The bare loop that a UDP ingest is measured against: recvmmsg into the same buffers, and nothing else.
struct DatagramSink: ~Copyable {
  private let socket: DatagramSocket
  private let buffers: UnsafeMutableRawBufferPointer

  static let messagesPerCall: UInt32 = 64
  /// Empty looks at the socket between two looks at the gate.
  private static let waitUs: Int64 = 1000

  /// - Parameter path: the address to listen on.
  init(path: String) throws {
    socket = try DatagramSocket.bound(
      to: SocketAddress(path), receiveBufferBytes: UDPIngestOptions.defaultReceiveBufferBytes)
    buffers = .allocate(byteCount: Int(Self.messagesPerCall) * Int(RM_DATAGRAM_MAX_BYTES), alignment: 64)
  }

  deinit {
    buffers.deallocate()
  }

  /// - Returns: bytes received.
  func receive(until isStopped: () -> Bool) throws -> UInt64 {
    var bytes: UInt64 = 0
    while !isStopped() {
      let received = rp_receive_discarding(
        socket.descriptor.raw, buffers.baseAddress, Int(RM_DATAGRAM_MAX_BYTES), Self.messagesPerCall)
      guard received >= 0 else { throw SystemError("receive datagrams", code: Int32(-received)) }
      bytes += UInt64(received)
      if received == 0 { _ = Poll.readable(socket.descriptor.raw, timeoutUs: Self.waitUs) }
    }
    return bytes
  }
}
