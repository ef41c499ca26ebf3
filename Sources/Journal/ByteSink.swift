import CRingmaster
import EventModel

/// A growing run of bytes: numbers in as few bytes as they need (LEB128, signed ones zigzag), texts as numbers of a table
/// that lists each once.
struct ByteSink: ~Copyable {
  private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
  private(set) var count = 0
  private var numbersByText: [ByteText: UInt64] = [:]
  private var lastText = ""
  private var lastNumber: UInt64 = 0

  deinit {
    buffer.deallocate()
  }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer[..<count]) }

  private mutating func makeRoom(_ wanted: Int) {
    guard buffer.count - count < wanted else { return }
    let larger = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(buffer.count * 2, count + wanted), alignment: 16)
    larger.copyMemory(from: bytes)
    buffer.deallocate()
    buffer = larger
  }

  @inline(__always)
  mutating func put(_ number: UInt64) {
    makeRoom(10)
    var left = number
    while left >= 0x80 {
      buffer[count] = UInt8(truncatingIfNeeded: left) | 0x80
      left >>= 7
      count += 1
    }
    buffer[count] = UInt8(truncatingIfNeeded: left)
    count += 1
  }

  mutating func put<Number: FixedWidthInteger & UnsignedInteger>(_ number: Number) { put(UInt64(number)) }

  mutating func put<Number: FixedWidthInteger & SignedInteger>(_ number: Number) {
    let wide = Int64(number)
    put(UInt64(bitPattern: (wide << 1) ^ (wide >> 63)))
  }

  mutating func put(_ flag: Bool) { put(flag ? 1 : 0 as UInt64) }

  mutating func put(count: Int) { put(UInt64(count)) }

  mutating func put(_ raw: UnsafeRawBufferPointer) {
    makeRoom(raw.count)
    UnsafeMutableRawBufferPointer(rebasing: buffer[count..<(count + raw.count)]).copyMemory(from: raw)
    count += raw.count
  }

  /// A text that is not expected again.
  mutating func put(plain text: String) {
    var text = text
    text.withUTF8 {
      put(count: $0.count)
      put(UnsafeRawBufferPointer($0))
    }
  }

  mutating func put(plain text: String?) {
    put(text != nil)
    if let text { put(plain: text) }
  }

  private static let frameBytes = 3

  /// Begins something that is preceded by its length, in a fixed number of bytes: less than 2 MiB.
  mutating func beginFrame() -> Int {
    makeRoom(Self.frameBytes)
    count += Self.frameBytes
    return count
  }

  /// - Parameter start: what `beginFrame` returned.
  mutating func endFrame(_ start: Int) {
    var length = count - start
    precondition(length < 1 << (7 * Self.frameBytes), "a frame is that long at most")
    for place in (start - Self.frameBytes)..<start {
      buffer[place] = UInt8(length & 0x7F) | (place < start - 1 ? 0x80 : 0)
      length >>= 7
    }
  }

  /// 0 and the text itself when it comes for the first time, else its number in the order of those, counted from 1.
  mutating func put(_ text: String) {
    if lastNumber > 0, text.isSame(as: lastText) { return put(lastNumber) }
    if let known = numbersByText[ByteText(text)] {
      put(known)
      (lastText, lastNumber) = (text, known)
      return
    }
    numbersByText[ByteText(text)] = UInt64(numbersByText.count + 1)
    (lastText, lastNumber) = (text, UInt64(numbersByText.count))
    put(0 as UInt64)
    put(plain: text)
  }

  /// Preceded by whether there is one.
  mutating func put(_ text: String?) {
    put(text != nil)
    if let text { put(text) }
  }

  mutating func put<Number: FixedWidthInteger & SignedInteger>(_ number: Number?) {
    put(number != nil)
    if let number { put(number) }
  }
}
