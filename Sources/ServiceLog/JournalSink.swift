import CSystemd
import Logging

/// Sends entries to the systemd journal. A journal that stands still makes it wait.
struct JournalSink: LogSink {
  let identifier: String

  func write(_ event: LogEvent) -> Bool {
    var bytes: [UInt8] = []
    var ends: [Int] = []
    for field in JournalEntry(event, identifier: identifier).fields {
      bytes.append(contentsOf: field.name.utf8)
      bytes.append(UInt8(ascii: "="))
      bytes.append(contentsOf: field.value.utf8)
      ends.append(bytes.count)
    }
    return bytes.withUnsafeMutableBytes { bytes in
      var start = 0
      let pieces = ends.map { end in
        defer { start = end }
        return iovec(iov_base: bytes.baseAddress! + start, iov_len: end - start)
      }
      return sd_journal_sendv(pieces, Int32(pieces.count)) == 0
    }
  }
}
