import CRingmaster
import Platform

/// The snapshots in a journal's folder.
public enum SnapshotStore {
  /// What `newest` found.
  public struct Newest: Sendable {
    /// The newest one that is whole; nil when there is none.
    public var snapshot: Snapshot?
    /// Newer ones that are not, or are of another journal.
    public var damaged: [JournalDamage] = []
    /// Those of another journal.
    public var foreign: [JournalDamage] = []
  }

  /// Writes a snapshot under a name of its own, whole or not at all, and syncs it.
  ///
  /// - Returns: its size in bytes.
  public static func write(
    _ snapshot: Snapshot, folder: String, calls: JournalFileCalls = .system
  ) throws(JournalError) -> Int {
    try write(snapshot, as: JournalNames.snapshot(commit: snapshot.position.commit), folder, calls)
  }

  /// Writes the snapshot of a stop, in the place of the one before.
  static func writeStop(_ snapshot: Snapshot, folder: String, calls: JournalFileCalls) throws(JournalError) {
    _ = try write(snapshot, as: JournalNames.stopSnapshot, folder, calls)
  }

  private static func write(
    _ snapshot: Snapshot, as name: String, _ folder: String, _ calls: JournalFileCalls
  ) throws(JournalError) -> Int {
    var sink = ByteSink()
    sink.put(snapshot)
    var header = rm_journal_snapshot_header()
    header.magic = RM_JOURNAL_SNAPSHOT_MAGIC
    header.version = RM_JOURNAL_SNAPSHOT_VERSION
    header.payload_bytes = UInt64(sink.count)
    header.payload_crc = rm_crc32c(0, sink.bytes.baseAddress, sink.count)
    header.commit = snapshot.position.commit
    header.last_record = snapshot.position.lastRecord
    header.last_transaction = snapshot.position.lastTransaction
    header.state_hash = snapshot.stateHash
    header.segment = snapshot.position.segment
    header.segment_offset = snapshot.position.offset
    header.commit_offset = snapshot.position.commitOffset
    header.created_ms = snapshot.createdMs
    header.machine = snapshot.machine
    snapshot.journal?.withUnsafeBytes { store($0, in: &header.journal_id) }
    snapshot.position.hash.withUnsafeBytes { store($0, in: &header.commit_hash) }
    header.header_crc = withUnsafeBytes(of: header) { rm_crc32c(0, $0.baseAddress, $0.count) }
    let path = "\(folder)/\(JournalNames.unfinishedSnapshot)"
    do throws(SystemError) {
      var file = try JournalFile.create(path, calls: calls)
      try withUnsafeBytes(of: header) { (head) throws(SystemError) in try file.write(head, sink.bytes, at: 0) }
      try file.sync()
      try file.rename(to: "\(folder)/\(name)", in: folder)
    } catch {
      try? calls.remove(path)
      throw .system(error)
    }
    return MemoryLayout<rm_journal_snapshot_header>.size + sink.count
  }

  /// The newest whole snapshot, and the damaged ones that were passed over for it.
  ///
  /// - Parameters:
  ///   - journal: only snapshots of it; nil for any.
  ///   - limit: only snapshots from which a replay can come to it.
  ///   - bound: only snapshots of commits below it.
  /// - Throws: `JournalError.otherVersion`: the snapshot of another program's version is not passed over.
  public static func newest(
    folder: String, of journal: JournalID? = nil, before limit: JournalReplica.Limit? = nil,
    beneath bound: UInt64 = .max, calls: JournalFileCalls = .system
  ) throws(JournalError) -> Newest {
    var newest = Newest()
    for commit in try commits(folder: folder, calls: calls).reversed() where commit < bound {
      do throws(JournalError) {
        let snapshot = try read(folder: folder, commit: commit, calls: calls)
        guard snapshot.precedes(limit) else { continue }
        if let journal, let other = snapshot.journal, other != journal {
          let damage = JournalDamage(
            file: "\(folder)/\(JournalNames.snapshot(commit: commit))", offset: 0,
            expected: "a snapshot of journal \(journal)", actual: "one of \(other)")
          newest.foreign.append(damage)
          throw JournalError.damaged(damage)
        }
        newest.snapshot = snapshot
        return newest
      } catch {
        switch error {
        case .damaged(let damage): newest.damaged.append(damage)
        // It was let go meanwhile.
        case .system(let error) where error.meansNobodyThere: continue
        default: throw error
        }
      }
    }
    return newest
  }

  /// The commits of which there are snapshots, whole or not, rising.
  public static func commits(
    folder: String, calls: JournalFileCalls = .system
  ) throws(JournalError) -> [UInt64] {
    try calls.list(folder).compactMap { JournalNames.commit(ofSnapshot: $0) }
  }

  /// Reads the snapshot of a commit.
  public static func read(
    folder: String, commit: UInt64, calls: JournalFileCalls = .system
  ) throws(JournalError) -> Snapshot {
    try read("\(folder)/\(JournalNames.snapshot(commit: commit))", commit: commit, calls)
  }

  /// The snapshot of the last stop; nil when there is none that is whole and of this journal. No other file depends on it.
  static func stop(folder: String, of journal: JournalID?, calls: JournalFileCalls) -> Snapshot? {
    guard let stop = try? read("\(folder)/\(JournalNames.stopSnapshot)", commit: nil, calls) else { return nil }
    return stop.journal == journal ? stop : nil
  }

  private static func read(
    _ path: String, commit: UInt64?, _ calls: JournalFileCalls
  ) throws(JournalError) -> Snapshot {
    let bytes = try contents(path, calls)
    defer { bytes.deallocate() }
    let header = try checked(bytes, path: path, commit: commit)
    let headerBytes = MemoryLayout<rm_journal_snapshot_header>.size
    var source = ByteSource(UnsafeRawBufferPointer(rebasing: bytes[headerBytes...]))
    let parts: ByteSource.Parts
    do { parts = try source.snapshotParts(version: header.version) } catch {
      throw .damaged(
        JournalDamage(
          file: path, offset: UInt64(headerBytes + error.offset), expected: error.expected, actual: error.actual))
    }
    if let contradiction = parts.state.contradiction {
      throw .damaged(
        JournalDamage(file: path, offset: UInt64(headerBytes), expected: "a state", actual: contradiction))
    }
    return Snapshot(
      journal: withUnsafeBytes(of: header.journal_id) { $0.allSatisfy { $0 == 0 } ? nil : JournalID($0) },
      position: header.position,
      stateHash: header.state_hash, createdMs: header.created_ms, machine: header.machine,
      configuration: parts.configuration, ledger: parts.ledger, letters: parts.letters, state: parts.state)
  }

  /// What the header of a snapshot tells.
  struct Summary {
    let position: JournalPosition
    let createdMs: Int64
    /// Of the file.
    let bytes: Int
  }

  /// Of the newest snapshot whose header is whole: what it costs to know is a page.
  static func newestSummary(folder: String, calls: JournalFileCalls) throws(JournalError) -> Summary? {
    for commit in try commits(folder: folder, calls: calls).reversed() {
      let path = "\(folder)/\(JournalNames.snapshot(commit: commit))"
      let bytes = UnsafeMutableRawBufferPointer.allocate(
        byteCount: MemoryLayout<rm_journal_snapshot_header>.size, alignment: 16)
      defer { bytes.deallocate() }
      let size: Int
      do throws(SystemError) {
        let file = try JournalFile.open(path, calls: calls)
        size = try file.size()
        try file.read(into: bytes, at: 0)
      } catch {
        // It may have been let go meanwhile.
        if error.meansNobodyThere { continue }
        throw .system(error)
      }
      do throws(JournalError) {
        let header = try checkedHeader(bytes, path: path, commit: commit)
        return Summary(position: header.position, createdMs: header.created_ms, bytes: size)
      } catch {
        guard case .damaged = error else { throw error }
      }
    }
    return nil
  }

  /// Gives what is no snapshot of its journal another name, so that nobody counts on it.
  public static func setAside(_ damage: JournalDamage, calls: JournalFileCalls = .system) throws(JournalError) {
    do { try calls.rename(damage.file, damage.file + ".damaged") } catch { throw .system(error.about(damage.file)) }
  }

  /// Is the snapshot of a commit there, with the checksums it was written with? Cheaper than reading it.
  static func isWhole(folder: String, commit: UInt64, calls: JournalFileCalls) -> Bool {
    let path = "\(folder)/\(JournalNames.snapshot(commit: commit))"
    guard let bytes = try? contents(path, calls) else { return false }
    defer { bytes.deallocate() }
    return (try? checked(bytes, path: path, commit: commit)) != nil
  }

  private static func contents(
    _ path: String, _ calls: JournalFileCalls
  ) throws(JournalError) -> UnsafeMutableRawBufferPointer {
    do throws(SystemError) {
      let file = try JournalFile.open(path, calls: calls)
      let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: try file.size(), alignment: 16)
      do throws(SystemError) {
        // When it is shorter than it was a moment ago, the checksum tells.
        try file.read(into: bytes, at: 0)
        return bytes
      } catch {
        bytes.deallocate()
        throw error
      }
    } catch {
      throw .system(error)
    }
  }

  /// - Parameter commit: that it is named after; nil when it has another name.
  private static func checkedHeader(
    _ bytes: UnsafeMutableRawBufferPointer, path: String, commit: UInt64?
  ) throws(JournalError) -> rm_journal_snapshot_header {
    func damage(_ offset: Int, _ expected: String, _ actual: String) -> JournalError {
      .damaged(JournalDamage(file: path, offset: UInt64(offset), expected: expected, actual: actual))
    }
    let headerBytes = MemoryLayout<rm_journal_snapshot_header>.size
    guard bytes.count >= headerBytes else {
      throw damage(0, "a header of \(headerBytes) bytes", "\(bytes.count)")
    }
    var header = bytes.load(as: rm_journal_snapshot_header.self)
    guard let version = JournalFormat.version(header.version, magic: header.magic, of: RM_JOURNAL_SNAPSHOT_MAGIC)
    else {
      throw damage(0, "a snapshot", "magic \(String(header.magic, radix: 16))")
    }
    let claimed = header.header_crc
    header.header_crc = 0
    let computed = withUnsafeBytes(of: header) { rm_crc32c(0, $0.baseAddress, $0.count) }
    guard claimed == computed else { throw damage(0, "a header with checksum \(claimed)", "one with \(computed)") }
    guard JournalFormat.snapshotVersions.contains(version) else {
      throw .otherVersion(path, found: version, supported: JournalFormat.snapshotVersions)
    }
    if let commit, header.commit != commit {
      throw damage(0, "the snapshot of commit \(commit)", "of \(header.commit)")
    }
    guard header.isPlausible else { throw damage(0, "a place in a journal", "\(header.position)") }
    return header
  }

  /// Checks a whole file.
  private static func checked(
    _ bytes: UnsafeMutableRawBufferPointer, path: String, commit: UInt64?
  ) throws(JournalError) -> rm_journal_snapshot_header {
    let headerBytes = MemoryLayout<rm_journal_snapshot_header>.size
    func damage(_ expected: String, _ actual: String) -> JournalError {
      .damaged(JournalDamage(file: path, offset: UInt64(headerBytes), expected: expected, actual: actual))
    }
    let header = try checkedHeader(bytes, path: path, commit: commit)
    guard header.payload_bytes == UInt64(bytes.count - headerBytes) else {
      throw damage("a payload of \(header.payload_bytes) bytes", "\(bytes.count - headerBytes)")
    }
    let crc = rm_crc32c(0, bytes.baseAddress! + headerBytes, bytes.count - headerBytes)
    guard crc == header.payload_crc else {
      throw damage("a payload with checksum \(header.payload_crc)", "one with \(crc)")
    }
    return header
  }
}

extension rm_journal_snapshot_header {
  /// Can a journal have such a place? Arithmetic on it relies on that.
  fileprivate var isPlausible: Bool {
    let most = UInt64(1) << 62
    let first = UInt64(JournalFormat.firstCommitOffset)
    return commit < most && last_record < most && last_record >= commit && last_transaction < most
      && (1...(commit + 1)).contains(segment) && (first..<most).contains(segment_offset)
      && (commit_offset == 0 || (first..<segment_offset).contains(commit_offset))
      && created_ms > -Int64(most) && created_ms < Int64(most)
  }

  fileprivate var position: JournalPosition {
    JournalPosition(
      commit: commit, lastRecord: last_record, lastTransaction: last_transaction,
      hash: withUnsafeBytes(of: commit_hash) { ChainHash($0) }, segment: segment, offset: segment_offset,
      commitOffset: commit_offset)
  }
}
