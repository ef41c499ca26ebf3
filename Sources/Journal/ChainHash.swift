import CRingmaster
import Crypto

/// A SHA-256: of a commit and thereby of all commits before it, or of a peer's secret.
public struct ChainHash: Hashable, Sendable, BitwiseCopyable, CustomStringConvertible {
  private var words: SIMD4<UInt64>

  /// What stands before the first commit.
  public static let zero = ChainHash(words: .zero)

  private init(words: SIMD4<UInt64>) {
    self.words = words
  }

  /// - Parameter bytes: 32 of them.
  public init(_ bytes: UnsafeRawBufferPointer) {
    precondition(bytes.count == Int(RM_JOURNAL_HASH_BYTES), "a hash is 32 bytes, got \(bytes.count)")
    words = .zero
    withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: bytes) }
  }

  /// The hash of the two pieces one after the other.
  public init(hashing first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer = .init(start: nil, count: 0)) {
    var hash = SHA256()
    hash.update(bufferPointer: first)
    if !second.isEmpty { hash.update(bufferPointer: second) }
    self = hash.finalize().withUnsafeBytes { ChainHash($0) }
  }

  public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try Swift.withUnsafeBytes(of: words) { try body(UnsafeRawBufferPointer(rebasing: $0[..<32])) }
  }

  /// In hexadecimal.
  public var description: String {
    withUnsafeBytes { bytes in
      bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
  }
}

/// Names one journal: 128 random bits.
public struct JournalID: Hashable, Sendable, BitwiseCopyable, CustomStringConvertible {
  public private(set) var words: SIMD2<UInt64>

  public static func random() -> JournalID {
    JournalID(words: SIMD2(.random(in: .min ... .max), .random(in: .min ... .max)))
  }

  private init(words: SIMD2<UInt64>) {
    self.words = words
  }

  init(_ bytes: UnsafeRawBufferPointer) {
    words = .zero
    withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: bytes) }
  }

  func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try Swift.withUnsafeBytes(of: words) { try body($0) }
  }

  /// In hexadecimal.
  public var description: String {
    withUnsafeBytes { bytes in
      bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
  }
}

/// Bytes of a C array that Swift sees as a tuple.
func store<Field: BitwiseCopyable>(_ bytes: UnsafeRawBufferPointer, in field: inout Field) {
  withUnsafeMutableBytes(of: &field) { $0.copyMemory(from: bytes) }
}
