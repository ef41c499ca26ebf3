import ArgumentParser
import EventJSON
import EventModel
import Ingest
import Platform

/// Sends what a worker or a stranger sends, from an address of its own choice, and counts the answers.
struct DatagramsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "datagrams", abstract: "Sends datagrams to an ingest, and tells what was answered.")

  @Option var to = "127.0.0.1:7400"
  @Option var from = "127.0.0.1:0"
  @Option(help: "Registers a worker of this name.") var register: String?
  @Flag(help: "Each registration is of another worker, with a number behind the name.") var numbered = false
  @Option(help: "Sends heartbeats of this worker: INDEX.GENERATION.") var heartbeat: String?
  @Option(help: "Of each registered worker.") var zone: String?
  @Option(help: "Datagrams.") var count = 1
  @Option(help: "Between two datagrams.") var pauseUs: Int64 = 0
  @Option(help: "How long to wait for the last answer.") var waitMs: Int64 = 1000

  func run() throws {
    let socket = try DatagramSocket.bound(to: try SocketAddress(from), receiveBufferBytes: 4 << 20)
    let target = try SocketAddress(to)
    var batch = DatagramBatch()
    var answers = (registered: 0, refused: 0, unknown: 0)
    func read(forUs waitUs: Int64) throws {
      guard Poll.readable(socket.descriptor.raw, timeoutUs: waitUs) else { return }
      for index in 0..<(try batch.receive(from: socket)) {
        switch try Datagram.decode(batch.bytes(index)) {
        case .registered(let answer): if answer.reason == nil { answers.registered += 1 } else { answers.refused += 1 }
        case .unknown: answers.unknown += 1
        case .heartbeats, .register: break
        }
      }
    }
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: Datagram.maxBytes, alignment: 8)
    defer { bytes.deallocate() }
    var sent = 0
    for number in 0..<count {
      let length = try encode(number, into: bytes)
      if socket.send(UnsafeRawBufferPointer(rebasing: bytes[..<length]), to: target) { sent += 1 }
      try read(forUs: pauseUs)
    }
    let endNs = Clock.monotonicNs() + UInt64(waitMs) * 1_000_000
    while answers.registered + answers.refused + answers.unknown < sent, Clock.monotonicNs() < endNs {
      try read(forUs: 10_000)
    }
    let line: JSONValue = .object([
      JSONValue.Member("sent", .integer(Int64(sent))),
      JSONValue.Member("registered", .integer(Int64(answers.registered))),
      JSONValue.Member("refused", .integer(Int64(answers.refused))),
      JSONValue.Member("unknown", .integer(Int64(answers.unknown))),
    ])
    try StandardStream.output.writeLine(line.text)
  }

  private func encode(_ number: Int, into bytes: UnsafeMutableRawBufferPointer) throws -> Int {
    if let register {
      let attributes = zone.map { [WorkerMetadata.Attribute(key: "zone", value: $0)] } ?? []
      return Datagram.encode(
        Datagram.Registration(
          request: UInt64(number), name: numbered ? "\(register)-\(number)" : register, address: "", incarnation: nil,
          capacity: Resources(milliCPU: 1000), attributes: attributes),
        into: bytes)
    }
    if let heartbeat {
      let parts = heartbeat.split(separator: ".").compactMap { UInt32($0) }
      guard parts.count == 2 else { throw ValidationError("--heartbeat: expected INDEX.GENERATION") }
      return Datagram.encodeHeartbeats([WorkerHandle(index: parts[0], generation: parts[1])], into: bytes)
    }
    bytes.copyBytes(from: (0..<bytes.count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ number) })
    return bytes.count
  }
}
