import CRingmaster
import EventModel

/// Lets workers with the same attributes share one array of them, as most of a fleet's do.
struct SharedAttributes {
  private struct Entry {
    /// Where they stand in the payload.
    var bytes = 0..<0
    var attributes: [WorkerMetadata.Attribute] = []
  }

  private static let capacity = 256

  private var entries = [Entry](repeating: Entry(), count: capacity)

  /// Reads a list of attributes. Texts that were told before are numbers, so what was read before stands there in the
  /// same bytes.
  mutating func read(_ source: inout ByteSource) throws(ByteSource.Fault) -> [WorkerMetadata.Attribute] {
    let start = source.offset
    var place: UInt64 = 0
    var isKnown = true
    for _ in 0..<(try source.count()) {
      let key = try source.number()
      let value = key == 0 ? 0 : try source.number()
      guard key > 0, value > 0 else {
        isKnown = false
        break
      }
      place = (place &+ key) &* 31 &+ value
    }
    let bytes = start..<source.offset
    let index = Int(place % UInt64(Self.capacity))
    if isKnown, Self.isSame(entries[index].bytes, bytes, source.bytes) { return entries[index].attributes }
    source.offset = start
    let attributes = try source.array { source throws(ByteSource.Fault) in
      WorkerMetadata.Attribute(key: try source.text(), value: try source.text())
    }
    if isKnown { entries[index] = Entry(bytes: bytes, attributes: attributes) }
    return attributes
  }

  private static func isSame(_ some: Range<Int>, _ others: Range<Int>, _ bytes: UnsafeRawBufferPointer) -> Bool {
    guard some.count == others.count else { return false }
    for index in 0..<some.count where bytes[some.lowerBound + index] != bytes[others.lowerBound + index] {
      return false
    }
    return true
  }
}
