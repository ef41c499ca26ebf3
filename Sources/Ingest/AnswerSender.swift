import EventModel
import Platform
import Telemetry

/// Sends what the ingest says to workers. Lost workers at one address share a datagram, so that an answer is never
/// longer than what it answers.
struct AnswerSender: ~Copyable {
  private let buffer: UnsafeMutableRawBufferPointer
  private let unsent: Counter
  private var unknown: [WorkerHandle] = []
  private var unknownAddress = SocketAddress.none

  /// - Parameter unsent: counts datagrams that the kernel did not take.
  init(unsent: Counter) {
    self.unsent = unsent
    buffer = .allocate(byteCount: Datagram.maxBytes, alignment: 16)
    unknown.reserveCapacity(Datagram.maxHandles)
  }

  deinit {
    buffer.deallocate()
  }

  func send(
    _ answer: Datagram.Acknowledgement, to address: SocketAddress, on socket: borrowing DatagramSocket
  ) {
    transmit(Datagram.encode(answer, into: buffer), to: address, on: socket)
  }

  /// Tells `address` that a handle names no worker any more: with the next `flush` at the latest. A worker that never
  /// spoke here (`address` is none) cannot be told.
  mutating func sendUnknown(
    _ worker: WorkerHandle, to address: SocketAddress, on socket: borrowing DatagramSocket
  ) {
    guard !address.isNone else { return }
    if address != unknownAddress || unknown.count == Datagram.maxHandles { flush(on: socket) }
    unknownAddress = address
    unknown.append(worker)
  }

  mutating func flush(on socket: borrowing DatagramSocket) {
    guard !unknown.isEmpty else { return }
    transmit(Datagram.encodeUnknown(unknown, into: buffer), to: unknownAddress, on: socket)
    unknown.removeAll(keepingCapacity: true)
  }

  private func transmit(_ bytes: Int, to address: SocketAddress, on socket: borrowing DatagramSocket) {
    if !socket.send(UnsafeRawBufferPointer(rebasing: buffer[..<bytes]), to: address) { unsent.increment() }
  }
}
