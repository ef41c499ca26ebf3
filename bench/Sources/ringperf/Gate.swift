import CRingmaster
import Platform

/// A page that the two sides of a benchmark share beside the rings: they begin a round at the same moment and tell each
/// other when they are done.
///
/// Each word stands on a line pair of its own; the partner waits here only before a round, never in it.
struct Gate: ~Copyable {
  private let memory: SharedMemory

  /// Words of results that the partner can hand back; the last counts its interruptions.
  static let resultWords = 8
  private static let readyOffset = 0
  private static let goOffset = Int(RM_LINE_PAIR)
  private static let doneOffset = 2 * Int(RM_LINE_PAIR)
  private static let stopOffset = 3 * Int(RM_LINE_PAIR)
  private static let resultsOffset = 4 * Int(RM_LINE_PAIR)
  /// Two lines for the bare ping-pong between processors.
  private static let bounceOffset = 16 * Int(RM_LINE_PAIR)
  private static let interruptionsOffset = Int(RM_PAGE_SIZE)
  private static let bytes = interruptionsOffset + Interruption.capacity * MemoryLayout<Interruption>.stride

  static func create(name: String) throws -> Gate {
    Gate(memory: try SharedMemory.create(name: name, size: bytes, guarded: false))
  }

  static func open(name: String) throws -> Gate {
    Gate(memory: try SharedMemory.open(name: name, writable: true, guarded: false))
  }

  private func wait(_ offset: Int, for value: UInt64) {
    var idle = 0
    while rm_load_acquire_u64(memory.base + offset) < value {
      idle += 1
      // Spins at first, so that both begin together; yields later, for machines with one processor.
      if idle < 10_000 { rm_pause() } else { Machine.yield() }
    }
  }

  // The measuring side.

  func waitUntilReady(round: UInt64) {
    wait(Self.readyOffset, for: round)
  }

  func begin(round: UInt64) {
    rm_store_relaxed_u64(memory.base + Self.stopOffset, 0)
    rm_store_release_u64(memory.base + Self.goOffset, round)
  }

  func waitUntilDone(round: UInt64) {
    wait(Self.doneOffset, for: round)
  }

  /// Asks a partner that works until told to end.
  func stop() {
    rm_store_release_u64(memory.base + Self.stopOffset, 1)
  }

  func result(_ index: Int) -> UInt64 {
    rm_load_acquire_u64(memory.base + Self.resultsOffset + index * 8)
  }

  // The partner.

  func ready(round: UInt64) {
    rm_store_release_u64(memory.base + Self.readyOffset, round)
  }

  func waitForBeginning(round: UInt64) {
    wait(Self.goOffset, for: round)
  }

  func done(round: UInt64) {
    rm_store_release_u64(memory.base + Self.doneOffset, round)
  }

  var isStopped: Bool {
    rm_load_relaxed_u64(memory.base + Self.stopOffset) != 0
  }

  func setResult(_ index: Int, _ value: UInt64) {
    precondition(index < Self.resultWords, "result \(index) of \(Self.resultWords)")
    rm_store_release_u64(memory.base + Self.resultsOffset + index * 8, value)
  }

  /// Where the partner notes its interruptions.
  var interruptions: UnsafeMutableBufferPointer<Interruption> {
    let start = (memory.base + Self.interruptionsOffset).assumingMemoryBound(to: Interruption.self)
    return UnsafeMutableBufferPointer(start: start, count: Interruption.capacity)
  }

  func setInterruptions(_ count: Int) { setResult(Self.resultWords - 1, UInt64(count)) }

  var notedInterruptions: [Interruption] {
    Array(interruptions.prefix(min(Int(result(Self.resultWords - 1)), Interruption.capacity)))
  }

  /// The word that the measuring side (0) or the partner (1) writes in the bare ping-pong; `shared` puts both on one line.
  func bounceWord(_ side: Int, shared: Bool) -> UnsafeMutableRawPointer {
    memory.base + Self.bounceOffset + (shared ? 0 : side * Int(RM_LINE_PAIR)) + (shared ? side * 8 : 0)
  }

  func clearBounceWords() {
    for side in 0..<2 {
      rm_store_release_u64(bounceWord(side, shared: true), 0)
      rm_store_release_u64(bounceWord(side, shared: false), 0)
    }
  }
}
