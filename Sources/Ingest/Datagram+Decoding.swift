import CRingmaster
import EventModel

extension Datagram {
  /// Makes sense of received bytes, which may be anything.
  ///
  /// - Parameters:
  ///   - bytes: a copy that nobody else writes. Lists of handles refer to it.
  ///   - isTruncated: the kernel cut the datagram to the room there was.
  public static func decode(_ bytes: UnsafeRawBufferPointer, isTruncated: Bool = false) throws(Fault) -> Datagram {
    guard !isTruncated, bytes.count <= maxBytes else { throw .truncated }
    guard bytes.count >= headerBytes else { throw .badSize }
    let header = bytes.loadUnaligned(as: rm_datagram_header.self)
    guard UInt32(littleEndian: header.magic) == UInt32(RM_DATAGRAM_MAGIC) else { throw .badMagic }
    guard header.version == UInt8(RM_DATAGRAM_VERSION) else { throw .badVersion }
    let count = Int(UInt16(littleEndian: header.count))
    let entries = UnsafeRawBufferPointer(rebasing: bytes[headerBytes...])
    switch header.kind {
    case Kind.heartbeats: return .heartbeats(try handles(entries, count))
    case Kind.unknown: return .unknown(try handles(entries, count))
    case Kind.register:
      return .register(try registration(entries, count))
    case Kind.registered:
      return .registered(acknowledgement(try single(entries, count, as: rm_datagram_registered.self)))
    default: throw .badKind
    }
  }

  private static func handles(_ entries: UnsafeRawBufferPointer, _ count: Int) throws(Fault) -> WorkerHandleList {
    guard (1...maxHandles).contains(count) else { throw .badCount }
    guard entries.count == count * MemoryLayout<UInt64>.size else { throw .badSize }
    return WorkerHandleList(entries)
  }

  /// The bytes of a datagram's only entry.
  private static func single<Entry: BitwiseCopyable>(
    _ entries: UnsafeRawBufferPointer, _ count: Int, as type: Entry.Type
  ) throws(Fault) -> UnsafeRawBufferPointer {
    guard count == 1 else { throw .badCount }
    guard entries.count == MemoryLayout<Entry>.size else { throw .badSize }
    return entries
  }

  private static func registration(_ entries: UnsafeRawBufferPointer, _ count: Int) throws(Fault) -> Registration {
    guard count == 1 else { throw .badCount }
    let size = MemoryLayout<rm_datagram_register>.size
    guard entries.count >= size else { throw .badSize }
    let entry = UnsafeRawBufferPointer(rebasing: entries[..<size])
    var rest = UnsafeRawBufferPointer(rebasing: entries[size...])
    let request = entry.loadUnaligned(fromByteOffset: offset(\rm_datagram_register.request), as: UInt64.self)
    let milliCPU = entry.loadUnaligned(fromByteOffset: offset(\rm_datagram_register.milli_cpu), as: Int64.self)
    let memory = entry.loadUnaligned(fromByteOffset: offset(\rm_datagram_register.memory_bytes), as: Int64.self)
    let kinds = entry.loadUnaligned(fromByteOffset: offset(\rm_datagram_register.devices), as: UInt32.self)
    let capacity = Resources(
      milliCPU: Int64(littleEndian: milliCPU), memoryBytes: Int64(littleEndian: memory),
      devices: try devices(&rest, UInt32(littleEndian: kinds)))
    let attributes = try attributes(rest)
    let name = try text(entry, at: offset(\rm_datagram_register.name))
    let address = try text(entry, at: offset(\rm_datagram_register.address))
    let incarnation = try text(entry, at: offset(\rm_datagram_register.incarnation))
    guard !name.isEmpty, !NameRule.looksLikeHandle(name.utf8) else { throw .badRegistration }
    guard capacity.isWithinLimits else { throw .badRegistration }
    return Registration(
      request: UInt64(littleEndian: request), name: name, address: address,
      incarnation: incarnation.isEmpty ? nil : incarnation, capacity: capacity, attributes: attributes)
  }

  /// Takes the devices from the front of what follows a registration.
  private static func devices(_ rest: inout UnsafeRawBufferPointer, _ kinds: UInt32) throws(Fault) -> DeviceCounts {
    var devices = DeviceCounts()
    guard kinds <= UInt32(Limits.deviceKinds) else { throw .badRegistration }
    let head = 1 + MemoryLayout<UInt32>.size
    for _ in 0..<kinds {
      guard rest.count >= head, rest.count - head >= Int(rest[0]), (1...Limits.deviceBytes).contains(Int(rest[0]))
      else {
        throw .badRegistration
      }
      let end = head + Int(rest[0])
      let name = try label(rest[head..<end])
      guard devices[name] == 0 else { throw .badRegistration }
      devices[name] = Int64(UInt32(littleEndian: rest.loadUnaligned(fromByteOffset: 1, as: UInt32.self)))
      rest = UnsafeRawBufferPointer(rebasing: rest[end...])
    }
    return devices
  }

  private static func attributes(_ bytes: UnsafeRawBufferPointer) throws(Fault) -> [WorkerMetadata.Attribute] {
    var attributes: [WorkerMetadata.Attribute] = []
    var offset = 0
    while offset < bytes.count {
      guard attributes.count < Limits.metadataEntries, bytes.count - offset >= 2 else { throw .badRegistration }
      let keyEnd = offset + 2 + Int(bytes[offset])
      let end = keyEnd + Int(bytes[offset + 1])
      guard end <= bytes.count else { throw .badRegistration }
      let key = try label(bytes[(offset + 2)..<keyEnd])
      guard attributes.mayHave(key) else { throw .badRegistration }
      attributes.append(.init(key: key, value: try label(bytes[keyEnd..<end])))
      offset = end
    }
    return attributes
  }

  private static func acknowledgement(_ entry: UnsafeRawBufferPointer) -> Acknowledgement {
    let answer = entry.loadUnaligned(as: rm_datagram_registered.self)
    let request = UInt64(littleEndian: answer.request)
    let worker = WorkerHandle(rawValue: UInt64(littleEndian: answer.worker))
    guard worker.isNone else { return Acknowledgement(request: request, worker: worker) }
    let code = UInt8(truncatingIfNeeded: UInt32(littleEndian: answer.reason))
    return Acknowledgement(request: request, refused: RejectionReason(rawValue: code) ?? .malformed)
  }

  /// A text field: UTF-8 up to its NUL, which is a name or a label.
  private static func text(_ entry: UnsafeRawBufferPointer, at offset: Int) throws(Fault) -> String {
    let field = entry[offset..<(offset + textFieldBytes)]
    guard let end = field.firstIndex(of: 0) else { throw .badRegistration }
    return try label(field[..<end])
  }

  private static func label(_ used: Slice<UnsafeRawBufferPointer>) throws(Fault) -> String {
    guard !NameRule.hasControlCharacter(used), let text = String(validating: used, as: UTF8.self) else {
      throw .badRegistration
    }
    return text
  }

  /// Of each text of a registration, its NUL included.
  static let textFieldBytes = Limits.nameBytes + 1

  static func offset<Value>(_ field: PartialKeyPath<Value>) -> Int {
    MemoryLayout<Value>.offset(of: field)!
  }
}
