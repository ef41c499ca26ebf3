/// Datagrams byte by byte: little-endian, a header of 16 bytes and then `count` entries.
enum DatagramBytes {
  static let magic: UInt32 = 0x4842_4d52
  static let heartbeatsKind: UInt8 = 1
  static let registerKind: UInt8 = 2
  static let registeredKind: UInt8 = 3
  static let unknownKind: UInt8 = 4
  static let mostHeartbeats = 152

  static func header(
    kind: UInt8, count: Int, magic: UInt32 = magic, version: UInt8 = 2
  ) -> [UInt8] {
    little(magic) + [version, kind] + little(UInt16(count)) + little(UInt64(0))
  }

  static func heartbeats(_ handles: [UInt64]) -> [UInt8] {
    header(kind: heartbeatsKind, count: handles.count) + handles.flatMap { little($0) }
  }

  static func registration(
    request: UInt64, name: String, address: String = "", incarnation: String = "", milliCPU: Int64 = 8000
  ) -> [UInt8] {
    header(kind: registerKind, count: 1) + little(request) + little(UInt64(bitPattern: milliCPU)) + little(UInt64(0))
      + little(UInt64(0)) + text(name)
      + text(address) + text(incarnation)
  }

  /// What the ingest answers to a registration.
  struct Registered: Equatable {
    let request: UInt64
    /// 0 = refused.
    let worker: UInt64
    let reason: UInt32

    init(_ bytes: [UInt8]) throws {
      guard bytes.count == 16 + 24, Array(bytes[..<16]) == header(kind: registeredKind, count: 1) else {
        throw UnexpectedDatagram(description: "expected REGISTERED, got \(bytes.prefix(40))")
      }
      request = number(bytes, at: 16)
      worker = number(bytes, at: 24)
      reason = UInt32(truncatingIfNeeded: number(bytes, at: 32))
    }

    /// As `ringctl workers` shows it.
    var workerText: String { "\(UInt32(truncatingIfNeeded: worker)).\(worker >> 32)" }
  }

  /// The handles of an UNKNOWN datagram.
  static func unknownHandles(_ bytes: [UInt8]) throws -> [UInt64] {
    guard bytes.count > 16, bytes.count % 8 == 0,
      Array(bytes[..<16]) == header(kind: unknownKind, count: (bytes.count - 16) / 8)
    else { throw UnexpectedDatagram(description: "expected UNKNOWN, got \(bytes.prefix(40))") }
    return stride(from: 16, to: bytes.count, by: 8).map { number(bytes, at: $0) }
  }

  /// A field of 256 bytes, ended by a NUL.
  private static func text(_ text: String) -> [UInt8] {
    Array(text.utf8) + [UInt8](repeating: 0, count: 256 - text.utf8.count)
  }

  private static func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  private static func number(_ bytes: [UInt8], at offset: Int) -> UInt64 {
    bytes[offset..<(offset + 8)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}

/// The ingest sent something else than it should.
struct UnexpectedDatagram: Error, CustomStringConvertible {
  let description: String
}
