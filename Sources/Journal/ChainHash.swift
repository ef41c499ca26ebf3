import CCrypto
import CRingmaster

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
    guard let context = EVP_MD_CTX_new() else { preconditionFailure("no memory for a hash") }
    defer { EVP_MD_CTX_free(context) }
    words = .zero
    let isHashed = withUnsafeMutableBytes(of: &words) { bytes in
      EVP_DigestInit_ex2(context, SHA256.algorithm, nil) == 1
        && EVP_DigestUpdate(context, first.baseAddress, first.count) == 1
        && EVP_DigestUpdate(context, second.baseAddress, second.count) == 1
        && EVP_DigestFinal_ex(context, bytes.baseAddress, nil) == 1
    }
    precondition(isHashed, "libcrypto refuses to hash")
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

private enum SHA256 {
  /// Fetched once: by name it is looked up each time.
  nonisolated(unsafe) static let algorithm: OpaquePointer = {
    // The machine's configuration of TLS is no concern of a hash, and takes time to read.
    OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_LOAD_CONFIG), nil)
    guard let algorithm = EVP_MD_fetch(nil, "SHA2-256", nil) else { preconditionFailure("libcrypto has no SHA-256") }
    return algorithm
  }()
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
