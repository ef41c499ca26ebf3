import EventModel
import Ingest
import SeededRandom
import Testing

@Suite struct DatagramTests {
  private static let handles = (0..<Datagram.maxHandles).map {
    WorkerHandle(index: UInt32($0) &* 77, generation: UInt32($0 + 1))
  }

  @Test(arguments: [1, 2, 32, Datagram.maxHandles])
  func handlesComeBack(count: Int) {
    let workers = Array(Self.handles.prefix(count))
    let heartbeats = DatagramBytes.heartbeats(workers)
    #expect(heartbeats.count == 16 + 8 * count)
    #expect(DatagramBytes.decode(heartbeats) == .heartbeats(workers))
    let unknown = DatagramBytes.make { Datagram.encodeUnknown(workers, into: $0) }
    #expect(DatagramBytes.decode(unknown) == .unknown(workers))
  }

  @Test func theLayoutIsTheOneWrittenDown() {
    let handle = WorkerHandle(rawValue: 0x0102_0304_0506_0708)
    #expect(
      DatagramBytes.heartbeats([handle])
        == [0x52, 0x4D, 0x42, 0x48, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1])
    let capacity = Resources(milliCPU: 258, memoryBytes: 259, devices: ["gpu": 260])
    let registration = DatagramBytes.registration(
      request: 9, name: "n", address: "a", incarnation: "i", capacity: capacity)
    #expect(registration.count == 824)
    #expect(Array(registration[16..<32]) == [9, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0])
    #expect(Array(registration[32..<52]) == [3, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0x6E, 0, 0, 0])
    #expect(Array(registration[304..<306]) == [0x61, 0])
    #expect(Array(registration[816...]) == [3, 4, 1, 0, 0, 0x67, 0x70, 0x75])
    #expect(Array(registration[560..<562]) == [0x69, 0])
  }

  @Test func everyPathOfIPv6CarriesADatagram() {
    #expect(Datagram.maxBytes == 1280 - 40 - 8)
    #expect(DatagramBytes.heartbeats(Self.handles).count <= Datagram.maxBytes)
    #expect(DatagramBytes.heartbeats(Self.handles).count + 8 > Datagram.maxBytes)
  }

  @Test func attributesComeBack() {
    let attributes = [("zone", "berlin-1"), ("image", ""), ("k", String(repeating: "v", count: 255))]
    let registration = Datagram.Registration(
      request: 1, name: "w", address: "", incarnation: nil, capacity: Resources(milliCPU: 1),
      attributes: attributes.map { .init(key: $0.0, value: $0.1) })
    let bytes = DatagramBytes.make { Datagram.encode(registration, into: $0) }
    #expect(DatagramBytes.decode(bytes) == .register(registration))
    for cut in [1, 255, 256] {
      #expect(DatagramBytes.decode(Array(bytes.dropLast(cut))) == .fault(.badRegistration))
    }
    #expect(DatagramBytes.decode(DatagramBytes.registration() + [1]) == .fault(.badRegistration))
    #expect(DatagramBytes.decode(DatagramBytes.registration() + [1, 1, 0x1B, 0x61]) == .fault(.badRegistration))
    let many = [UInt8](repeating: 0, count: 2 * (Limits.metadataEntries + 1))
    #expect(DatagramBytes.decode(DatagramBytes.registration() + many) == .fault(.badRegistration))
  }

  @Test(arguments: [nil, "boot-17", String(repeating: "i", count: 255)])
  func registrationsComeBack(incarnation: String?) {
    let registration = Datagram.Registration(
      request: .max, name: String(repeating: "ä", count: 127), address: "[2001:db8::1]:80", incarnation: incarnation,
      capacity: Resources(
        milliCPU: Limits.milliCPU.upperBound, memoryBytes: Limits.memoryBytes.upperBound, devices: ["gpu": 8, "nic": 1])
    )
    let bytes = DatagramBytes.make { Datagram.encode(registration, into: $0) }
    #expect(DatagramBytes.decode(bytes) == .register(registration))
  }

  @Test(
    arguments: [Datagram.Acknowledgement(request: 5, worker: WorkerHandle(index: 3, generation: 4))]
      + RejectionReason.allCases.map { Datagram.Acknowledgement(request: 6, refused: $0) })
  func answersComeBack(answer: Datagram.Acknowledgement) {
    let bytes = DatagramBytes.make { Datagram.encode(answer, into: $0) }
    #expect(bytes.count == 40)
    #expect(DatagramBytes.decode(bytes) == .registered(answer))
  }

  @Test(arguments: DatagramBytes.faulty.indices)
  func eachFaultIsNamed(index: Int) {
    let (fault, label, bytes) = DatagramBytes.faulty[index]
    #expect(DatagramBytes.decode(bytes) == .fault(fault))
    #expect(UDPIngestCounter(fault).rawValue == label)
  }

  @Test func allFaultsHaveACase() {
    #expect(Set(DatagramBytes.faulty.map(\.fault)) == Set(Datagram.Fault.allCases))
  }

  @Test func aCutDatagramIsNotLookedAt() {
    let whole = DatagramBytes.heartbeats([Self.handles[0]])
    #expect(DatagramBytes.decode(whole, isTruncated: true) == .fault(.truncated))
  }

  @Test(arguments: [0, 1, 15, 16, 23, 25])
  func sizesMustFitTheCount(size: Int) {
    let bytes = DatagramBytes.heartbeats([Self.handles[0]]) + [0]
    #expect(DatagramBytes.decode(Array(bytes.prefix(size))) == .fault(.badSize))
  }

  @Test func moreHandlesThanADatagramHoldsAreRefused() {
    var bytes = DatagramBytes.heartbeats(Self.handles)
    bytes[6] = UInt8(Datagram.maxHandles + 1)
    #expect(DatagramBytes.decode(bytes) == .fault(.badCount))
  }

  @Test(arguments: [0, 2])
  func aRegistrationStandsAlone(count: UInt8) {
    var bytes = DatagramBytes.registration()
    bytes[6] = count
    #expect(DatagramBytes.decode(bytes) == .fault(.badCount))
  }

  /// The fields of a registration begin at 48 (name), 304 (address) and 560 (incarnation).
  @Test(arguments: [48, 304, 560])
  func textsMustEndAndBeText(offset: Int) {
    var endless = DatagramBytes.registration()
    for index in offset..<(offset + 256) { endless[index] = UInt8(ascii: "x") }
    #expect(DatagramBytes.decode(endless) == .fault(.badRegistration))
    for bad in [[0x1B, 0x5B, 0x41], [0x0A], [0x7F], [0xC3], [0xFF, 0xFE]] as [[UInt8]] {
      var bytes = DatagramBytes.registration()
      bytes.replaceSubrange(offset..<(offset + bad.count), with: bad)
      #expect(DatagramBytes.decode(bytes) == .fault(.badRegistration), "\(bad)")
    }
  }

  @Test(arguments: ["", "#1.1"])
  func someNamesAreNone(name: String) {
    #expect(DatagramBytes.decode(DatagramBytes.registration(name: name)) == .fault(.badRegistration))
  }

  @Test(arguments: [-1, Int64.min, Limits.milliCPU.upperBound + 1, Int64.max])
  func capacityHasLimits(milliCPU: Int64) {
    let capacity = Resources(milliCPU: milliCPU)
    #expect(DatagramBytes.decode(DatagramBytes.registration(capacity: capacity)) == .fault(.badRegistration))
  }

  @Test(arguments: [-1, Int64.min, Limits.memoryBytes.upperBound + 1, Int64.max])
  func memoryHasLimits(memoryBytes: Int64) {
    let capacity = Resources(memoryBytes: memoryBytes)
    #expect(DatagramBytes.decode(DatagramBytes.registration(capacity: capacity)) == .fault(.badRegistration))
  }

  @Test func devicesHaveLimits() {
    func decode(_ devices: DeviceCounts) -> DatagramBytes.Decoded {
      DatagramBytes.decode(DatagramBytes.registration(capacity: Resources(devices: devices)))
    }
    #expect(decode(["gpu": Limits.deviceCount.upperBound + 1]) == .fault(.badRegistration))
    #expect(decode(["": 1]) == .fault(.badRegistration))
    #expect(decode([String(repeating: "g", count: Limits.deviceBytes + 1): 1]) == .fault(.badRegistration))
    var kinds = DeviceCounts()
    for kind in 0...Limits.deviceKinds { kinds["kind-\(kind)"] = 1 }
    #expect(decode(kinds) == .fault(.badRegistration))
    var bytes = DatagramBytes.registration(capacity: Resources(devices: ["gpu": 1, "nic": 1]))
    #expect(DatagramBytes.decode(Array(bytes.dropLast())) == .fault(.badRegistration))
    bytes.replaceSubrange(bytes.count - 3..<bytes.count, with: "gpu".utf8)
    #expect(DatagramBytes.decode(bytes) == .fault(.badRegistration))
  }

  @Test func anythingCanBeDecoded() {
    let seed = UInt64.random(in: .min ... .max)
    var generator = SeededGenerator(seed: seed)
    let models =
      DatagramBytes.faulty.map(\.bytes) + [
        DatagramBytes.heartbeats(Self.handles), DatagramBytes.registration(address: "a", incarnation: "b"),
      ]
    for round in 0..<20_000 {
      var bytes: [UInt8]
      if round % 2 == 0 {
        bytes = (0..<Int.random(in: 0...900, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator)
        }
      } else {
        bytes = models.randomElement(using: &generator)!
        for _ in 0..<Int.random(in: 0...3, using: &generator) {
          bytes[Int.random(in: 0..<min(bytes.count, 800), using: &generator)] = .random(in: 0...255, using: &generator)
        }
        bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &generator)))
      }
      expectSound(bytes, "seed \(seed), round \(round)")
    }
  }

  /// What was understood is within its limits and is what its own encoding says.
  private func expectSound(_ bytes: [UInt8], _ comment: Comment) {
    switch DatagramBytes.decode(bytes) {
    case .fault: break
    case .heartbeats(let workers), .unknown(let workers):
      #expect((1...Datagram.maxHandles).contains(workers.count), comment)
      #expect(bytes.count == Datagram.headerBytes + 8 * workers.count, comment)
    case .registered: #expect(bytes.count == 40, comment)
    case .register(let registration):
      #expect((1...Limits.nameBytes).contains(registration.name.utf8.count), comment)
      #expect(registration.capacity.isWithinLimits, comment)
      let again = DatagramBytes.make { Datagram.encode(registration, into: $0) }
      #expect(DatagramBytes.decode(again) == .register(registration), comment)
    }
  }
}
