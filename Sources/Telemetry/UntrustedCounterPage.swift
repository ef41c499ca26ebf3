import CRingmaster
import Platform

/// A mapped page that another process can write at any time: everything in it is copied, then checked.
struct UntrustedCounterPage {
  let name: String
  let base: UnsafeRawPointer
  let size: Int

  func damaged(expected: String, found: String) -> CounterPageError {
    .damaged(page: name, expected: expected, found: found)
  }

  func snapshot(process: String) throws -> CounterSnapshot {
    guard size >= CounterPageLayout.headerBytes, size <= CounterPageLayout.maxPageBytes else {
      let range = "\(CounterPageLayout.headerBytes) to \(CounterPageLayout.maxPageBytes) bytes"
      throw damaged(expected: range, found: "\(size)")
    }
    let count = try checkedCount()
    let pid = Int32(bitPattern: rm_load_relaxed_u32(base + CounterPageLayout.pidOffset))
    guard pid > 0 else { throw damaged(expected: "a process id", found: "\(pid)") }
    let writer = try text(at: CounterPageLayout.processOffset, maxBytes: CounterPageLayout.maxProcessBytes)
    guard writer == process else { throw damaged(expected: "the process \(process)", found: writer) }
    let counters = try (0..<count).map(counter)
    return CounterSnapshot(process: process, pid: pid, isAlive: Machine.processExists(pid), counters: counters)
  }

  private func checkedCount() throws -> Int {
    // Pair with the releasing stores in `CounterPage`.
    let magic = rm_load_acquire_u64(base + CounterPageLayout.magicOffset)
    let isEarlier = magic == UInt64(RM_COUNTERS_MAGIC_1)
    guard isEarlier || magic == UInt64(RM_COUNTERS_MAGIC) else {
      throw damaged(expected: "the magic \(hex(UInt64(RM_COUNTERS_MAGIC)))", found: hex(magic))
    }
    let count = Int(rm_load_acquire_u32(base + CounterPageLayout.countOffset))
    let version = isEarlier ? 1 : rm_load_relaxed_u32(base + CounterPageLayout.abiVersionOffset)
    guard version == RM_ABI_VERSION else {
      throw CounterPageError.otherVersion(
        OtherVersion(
          "/dev/shm\(name)", found: version, supported: RM_ABI_VERSION...RM_ABI_VERSION,
          alternative: "restart the process that writes it with programs of one release"))
    }
    let room = (size - CounterPageLayout.headerBytes) / CounterPageLayout.counterBytes
    guard count >= 1, count <= room else { throw damaged(expected: "1 to \(room) counters", found: "\(count)") }
    return count
  }

  private func counter(_ index: Int) throws -> (label: String, value: UInt64) {
    let offset = CounterPageLayout.offset(ofCounter: index)
    let label = try text(at: offset + CounterPageLayout.labelOffset, maxBytes: CounterPageLayout.maxLabelBytes)
    return (label, rm_load_relaxed_u64(base + offset))
  }

  private func text(at offset: Int, maxBytes: Int) throws -> String {
    let bytes = Array(UnsafeRawBufferPointer(start: base + offset, count: maxBytes + 1))
    guard let length = bytes.firstIndex(of: 0), length > 0 else {
      throw damaged(expected: "a text of 1 to \(maxBytes) bytes at \(offset)", found: "none, or one without an end")
    }
    guard let text = String(validating: bytes[..<length], as: UTF8.self), CounterPageLayout.isPrintable(text) else {
      throw damaged(expected: "printable UTF-8 at \(offset)", found: "other bytes")
    }
    return text
  }

  private func hex(_ value: UInt64) -> String {
    "0x" + String(value, radix: 16)
  }
}
