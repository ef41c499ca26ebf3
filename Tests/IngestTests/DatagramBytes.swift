import EventModel
import Ingest

/// Datagrams as arrays of bytes, and what decoding them gives in a form that can be compared.
enum DatagramBytes {
  enum Decoded: Equatable {
    case heartbeats([WorkerHandle])
    case register(Datagram.Registration)
    case registered(Datagram.Acknowledgement)
    case unknown([WorkerHandle])
    case fault(Datagram.Fault)
  }

  static func make(_ encode: (UnsafeMutableRawBufferPointer) -> Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0xAA, count: Datagram.maxBytes)
    let count = bytes.withUnsafeMutableBytes { encode($0) }
    return Array(bytes[..<count])
  }

  static func heartbeats(_ workers: [WorkerHandle]) -> [UInt8] {
    make { Datagram.encodeHeartbeats(workers, into: $0) }
  }

  static func registration(
    request: UInt64 = 7, name: String = "w1", address: String = "", incarnation: String? = nil,
    capacity: Resources = Resources(milliCPU: 4000)
  ) -> [UInt8] {
    let registration = Datagram.Registration(
      request: request, name: name, address: address, incarnation: incarnation, capacity: capacity)
    return make { Datagram.encode(registration, into: $0) }
  }

  static func decode(_ bytes: [UInt8], isTruncated: Bool = false) -> Decoded {
    bytes.withUnsafeBytes { bytes in
      do throws(Datagram.Fault) {
        switch try Datagram.decode(bytes, isTruncated: isTruncated) {
        case .heartbeats(let workers): return .heartbeats(Array(workers))
        case .register(let registration): return .register(registration)
        case .registered(let answer): return .registered(answer)
        case .unknown(let workers): return .unknown(Array(workers))
        }
      } catch {
        return .fault(error)
      }
    }
  }

  /// One datagram for each kind of fault that a sender can cause, and its counter.
  static let faulty: [(fault: Datagram.Fault, label: String, bytes: [UInt8])] = {
    let handle = WorkerHandle(index: 1, generation: 1)
    let good = heartbeats([handle])
    func changed(_ offset: Int, _ value: UInt8) -> [UInt8] {
      var bytes = good
      bytes[offset] = value
      return bytes
    }
    return [
      (.truncated, "datagrams_truncated", [UInt8](repeating: 0, count: Datagram.maxBytes + 1)),
      (.badSize, "datagrams_bad_size", Array(good.dropLast())),
      (.badMagic, "datagrams_bad_magic", changed(0, 0)),
      (.badVersion, "datagrams_bad_version", changed(4, 1)),
      (.badKind, "datagrams_bad_kind", changed(5, 9)),
      (.badCount, "datagrams_bad_count", changed(6, 0)),
      (.badRegistration, "datagrams_bad_registration", registration(name: "#1.1")),
    ]
  }()
}
