import CPlatform

extension UnsafeRawBufferPointer {
  /// Bytes up to the last one that is not zero. It begins at a multiple of 8 and is a multiple of 8 long.
  public var usedBytes: Int { rm_used_bytes(baseAddress, count) }
}
