import CPlatform
import CRingmaster
import Testing

@Suite struct ChecksumTests {
  /// Of any length: whether a sector is zeros decides what is torn.
  @Test func usedBytesEndWithTheLastThatIsNotZero() {
    for count in 0...80 {
      for used in 0...count {
        var bytes = [UInt8](repeating: 0, count: count)
        if used > 0 { bytes[used - 1] = 1 }
        #expect(bytes.withUnsafeBytes { rm_used_bytes($0.baseAddress, $0.count) } == used)
      }
    }
  }

  private static func crc(_ bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBytes { rm_crc32c(0, $0.baseAddress, $0.count) }
  }

  /// RFC 3720, B.4.
  @Test func theStandardsExamplesComeOut() {
    #expect(Self.crc(Array("123456789".utf8)) == 0xE306_9283)
    #expect(Self.crc([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(Self.crc([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(Self.crc(Array(0..<32)) == 0x46DD_794E)
  }

  @Test func tableAndInstructionAgreeInPiecesToo() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 131 &+ $0 >> 3) }
    bytes.withUnsafeBytes { all in
      for split in 0...64 {
        let first = rm_crc32c(0, all.baseAddress, split)
        let whole = rm_crc32c(first, all.baseAddress! + split, all.count - split)
        #expect(whole == rm_crc32c_by_table(0, all.baseAddress, all.count))
      }
    }
  }
}
