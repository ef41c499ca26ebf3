import CRingmaster

/// Writes a segment's header anew with the checksum of what it says.
func sealHeader(_ file: inout [UInt8]) {
  for index in 12..<16 { file[index] = 0 }
  let crc = file.withUnsafeBytes { rm_crc32c(0, $0.baseAddress, 4096) }
  withUnsafeBytes(of: crc) { for index in 0..<4 { file[12 + index] = $0[index] } }
}

/// Gives the commit at `offset` checksums that agree with what it holds.
func sealCommit(_ file: inout [UInt8], at offset: Int) {
  file.withUnsafeMutableBytes { bytes in
    var header = bytes.load(fromByteOffset: offset, as: rm_journal_commit_header.self)
    let headerBytes = MemoryLayout<rm_journal_commit_header>.size
    header.body_crc = rm_crc32c(0, bytes.baseAddress! + offset + headerBytes, Int(header.body_bytes))
    header.header_crc = withUnsafeBytes(of: header) { rm_crc32c(0, $0.baseAddress, headerBytes - 4) }
    bytes.storeBytes(of: header, toByteOffset: offset, as: rm_journal_commit_header.self)
  }
}

/// The same for the header of a snapshot.
func sealSnapshot(_ file: inout [UInt8]) {
  for index in 12..<16 { file[index] = 0 }
  let bytes = MemoryLayout<rm_journal_snapshot_header>.size
  let crc = file.withUnsafeBytes { rm_crc32c(0, $0.baseAddress, bytes) }
  withUnsafeBytes(of: crc) { for index in 0..<4 { file[12 + index] = $0[index] } }
}
