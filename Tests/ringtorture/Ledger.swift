import CRingmaster
import EventModel

/// What one life of a client notes down: which events it gave away, and which results it was told. It lies in a file that
/// survives the client, and is how the torture gives it orders.
///
/// One thread of the client writes; the torture reads the counts while it does, and the rest when it has ended.
final class Ledger: @unchecked Sendable {
  enum Phase: UInt64 {
    case starting = 0
    case running = 1
    /// Everything it published has been answered, and nothing more is coming.
    case drained = 2
    case failed = 3
  }

  enum Order: UInt64 {
    case publish = 0
    /// Detach and end.
    case leave = 1
  }

  /// The result of one event, its own or another peer's.
  struct ToldResult: BitwiseCopyable {
    var peer: UInt32
    /// `Promise.rawValue`.
    var promise: UInt8
    /// `OutcomeCode.rawValue`.
    var outcome: UInt8
    var position: UInt64
    /// 0 when it has none.
    var transaction: UInt64
  }

  static let eventCapacity = 1 << 16
  private static let resultCapacity = 1 << 19
  private static let notAccepted = UInt64.max

  private enum Field: Int {
    case peer = 0
    case begun = 8
    case accepted = 16
    case results = 24
    case order = 32
    case phase = 40
    case failure = 256
  }

  private static let failureBytes = 512
  private static let eventsOffset = 4096
  private static let resultsOffset = eventsOffset + eventCapacity * MemoryLayout<UInt64>.stride
  private static let fileBytes = resultsOffset + resultCapacity * MemoryLayout<ToldResult>.stride

  private let file: MappedFile

  static func create(_ path: String) throws -> Ledger {
    Ledger(try MappedFile.create(path, bytes: fileBytes))
  }

  static func open(_ path: String) throws -> Ledger {
    Ledger(try MappedFile.open(path))
  }

  private init(_ file: MappedFile) {
    self.file = file
  }

  private subscript(field: Field) -> UInt64 {
    get { rm_load_acquire_u64(file.base + field.rawValue) }
    set { rm_store_release_u64(file.base + field.rawValue, newValue) }
  }

  // MARK: written by the client

  /// Its number as a peer; 0 until it is attached.
  var peer: UInt32 {
    get { UInt32(self[.peer]) }
    set { self[.peer] = UInt64(newValue) }
  }

  var phase: Phase {
    get { Phase(rawValue: self[.phase]) ?? .failed }
    set { self[.phase] = newValue.rawValue }
  }

  /// Notes that the next event is about to be published.
  ///
  /// - Returns: its number; they count from 0.
  func begin() -> Int {
    let number = begun
    precondition(number < Self.eventCapacity, "a ledger holds \(Self.eventCapacity) events")
    place(ofEvent: number).storeBytes(of: Self.notAccepted, as: UInt64.self)
    self[.begun] = UInt64(number + 1)
    return number
  }

  /// Notes that an event is in the ring.
  func accept(_ number: Int, position: UInt64) {
    place(ofEvent: number).storeBytes(of: position, as: UInt64.self)
    self[.accepted] += 1
  }

  func note(_ result: DispatchResult) {
    let count = self[.results]
    precondition(count < Self.resultCapacity, "a ledger holds \(Self.resultCapacity) results")
    let told = ToldResult(
      peer: result.event.id.peer, promise: result.promise.rawValue,
      outcome: OutcomeCode(result.disposition).rawValue, position: result.event.id.position,
      transaction: result.transaction?.number ?? 0)
    place(ofResult: Int(count)).storeBytes(of: told, as: ToldResult.self)
    self[.results] = count + 1
  }

  func fail(_ reason: String) {
    let room = UnsafeMutableRawBufferPointer(start: file.base + Field.failure.rawValue, count: Self.failureBytes)
    room.copyBytes(from: reason.utf8.prefix(Self.failureBytes))
    phase = .failed
  }

  // MARK: written by the torture

  var order: Order {
    get { Order(rawValue: self[.order]) ?? .leave }
    set { self[.order] = newValue.rawValue }
  }

  // MARK: read by the torture

  var begun: Int { Int(self[.begun]) }
  var accepted: Int { Int(self[.accepted]) }
  var resultCount: Int { Int(self[.results]) }

  var failure: String {
    let room = UnsafeRawBufferPointer(start: file.base + Field.failure.rawValue, count: Self.failureBytes)
    return String(decoding: room.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// Where in the ring an event lies; nil when it is not known to have got there.
  func position(of number: Int) -> UInt64? {
    let position = place(ofEvent: number).load(as: UInt64.self)
    return position == Self.notAccepted ? nil : position
  }

  /// That it was told of; 0 when there is none.
  var newestTransaction: UInt64 {
    let count = resultCount
    return count > 0 ? result(count - 1).transaction : 0
  }

  func result(_ index: Int) -> ToldResult {
    place(ofResult: index).load(as: ToldResult.self)
  }

  private func place(ofEvent number: Int) -> UnsafeMutableRawPointer {
    file.base + Self.eventsOffset + number * MemoryLayout<UInt64>.stride
  }

  private func place(ofResult index: Int) -> UnsafeMutableRawPointer {
    file.base + Self.resultsOffset + index * MemoryLayout<ToldResult>.stride
  }
}

/// What became of an event, in one byte.
enum OutcomeCode: UInt8 {
  case applied = 1
  case ignored = 2
  case rejected = 3
  case unhandled = 4

  init(_ disposition: DispatchResult.Disposition) {
    guard case .handled(let transaction) = disposition else {
      self = .unhandled
      return
    }
    self.init(transaction.outcome)
  }

  /// As the archive has it.
  var name: String {
    switch self {
    case .applied: "applied"
    case .ignored: "ignored"
    case .rejected: "rejected"
    case .unhandled: "unhandled"
    }
  }

  init(_ outcome: Outcome) {
    switch outcome {
    case .applied: self = .applied
    case .ignored: self = .ignored
    case .rejected: self = .rejected
    }
  }
}
