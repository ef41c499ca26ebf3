import ArgumentParser
import CPlatform
import EventRing
import Foundation
import Platform

/// Runs the partner's side in a process of its own.
struct PartnerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "partner", shouldDisplay: false)

  @Option var gate: String
  @Option var cpus: CPUList

  func run() {
    PartnerLoop.runOrExit(gateName: gate, cpus: cpus.cpus, input: STDIN_FILENO)
  }
}

/// Takes one task after another from its input and does it.
struct PartnerLoop: ~Copyable {
  private let gate: Gate
  private var rings = OpenRings()
  private var peerEnds = PeerEnds()

  /// A partner that fails ends the benchmark: the other side would wait for ever.
  static func runOrExit(gateName: String, cpus: [Int], input: Int32) {
    do {
      try CPUList.pin(cpus)
      var loop = PartnerLoop(gate: try Gate.open(name: gateName))
      try loop.run(input: input)
    } catch {
      FileHandle.standardError.write(Data("ringperf: the other side failed: \(error)\n".utf8))
      exit(EXIT_FAILURE)
    }
  }

  private init(gate: consuming Gate) {
    self.gate = gate
  }

  private mutating func run(input: Int32) throws {
    var buffer: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      while let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        let task = try JSONDecoder().decode(PartnerTask.self, from: Data(buffer[..<end]))
        buffer.removeSubrange(...end)
        try perform(task)
      }
      let count = read(input, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      buffer += chunk[..<count]
    }
  }

  private mutating func perform(_ task: PartnerTask) throws {
    switch task.work {
    case .produce:
      for name in task.rings { try rings.openProducer(name) }
      let producers = rings.producers(task.rings)
      defer { producers.deallocate() }
      start(task)
      StreamWork.produce(producers, records: task.records, batch: task.batch)
    case .answer:
      try rings.openConsumer(task.rings[0])
      try rings.openProducer(task.rings[1])
      let (consumer, producer) = (rings.consumer(task.rings[0]), rings.producer(task.rings[1]))
      start(task)
      PingPongWork.answer(
        consumer, producer, rounds: task.records, threshold: task.interruptionTicks, gate: gate)
    case .bounce:
      start(task)
      FloorWork.bounceBack(
        gate, rounds: task.records, threshold: task.interruptionTicks, sharedLine: task.batch == 1)
    case .peerSend, .peerAnswer:
      try peerEnds.prepare(task)
      start(task)
      try peerEnds.perform(task)
    case .receiveDatagrams:
      let socket = try DatagramSink(path: task.path)
      start(task)
      gate.setResult(0, try socket.receive(until: { gate.isStopped }))
    }
    gate.done(round: task.round)
  }

  private func start(_ task: PartnerTask) {
    gate.ready(round: task.round)
    gate.waitForBeginning(round: task.round)
  }
}

/// Rings that a side has mapped, and its ends of them. They stay open from round to round, because an end knows where it
/// stands.
struct OpenRings: ~Copyable {
  private var mapped: [String: MappedRing] = [:]
  private var producers: [String: UnsafeMutablePointer<RingProducer>] = [:]
  private var consumers: [String: UnsafeMutablePointer<RingConsumer>] = [:]

  deinit {
    for producer in producers.values { producer.deallocate() }
    for consumer in consumers.values { consumer.deallocate() }
  }

  mutating func openProducer(_ name: String) throws {
    guard producers[name] == nil else { return }
    let ring = try map(name)
    let end = UnsafeMutablePointer<RingProducer>.allocate(capacity: 1)
    end.initialize(to: ring.ring.producer())
    producers[name] = end
  }

  mutating func openConsumer(_ name: String) throws {
    guard consumers[name] == nil else { return }
    let ring = try map(name)
    let end = UnsafeMutablePointer<RingConsumer>.allocate(capacity: 1)
    end.initialize(to: ring.ring.consumer())
    consumers[name] = end
  }

  private mutating func map(_ name: String) throws -> MappedRing {
    if let ring = mapped[name] { return ring }
    let ring = MappedRing(try SharedRing.attach(named: name))
    mapped[name] = ring
    return ring
  }

  func producer(_ name: String) -> UnsafeMutablePointer<RingProducer> {
    guard let end = producers[name] else { preconditionFailure("ring \(name) has been opened") }
    return end
  }

  func consumer(_ name: String) -> UnsafeMutablePointer<RingConsumer> {
    guard let end = consumers[name] else { preconditionFailure("ring \(name) has been opened") }
    return end
  }

  /// To be deallocated by the caller.
  func producers(_ names: [String]) -> UnsafeMutableBufferPointer<UnsafeMutablePointer<RingProducer>> {
    let all = UnsafeMutableBufferPointer<UnsafeMutablePointer<RingProducer>>.allocate(capacity: names.count)
    for (index, name) in names.enumerated() { all.initializeElement(at: index, to: producer(name)) }
    return all
  }

  private final class MappedRing {
    let ring: SharedRing

    init(_ ring: consuming SharedRing) {
      self.ring = ring
    }
  }
}

extension SharedRing {
  /// Maps a ring that another process of this benchmark created.
  static func attach(named name: String) throws -> SharedRing {
    let raw = rm_shm_open(name, 1)
    guard raw >= 0 else { throw SystemError("open the ring \(name)", code: -raw) }
    return try attach(FileDescriptor(owning: raw))
  }
}
