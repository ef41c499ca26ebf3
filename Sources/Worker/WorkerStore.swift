import EventModel
import Platform

/// What of a worker outlives its process.
package protocol WorkerStore: AnyObject {
  /// All notes that are whole.
  func notes() throws -> [AttemptID: AttemptNote]
  /// - Returns: nil when there is none that is whole.
  func note(of id: AttemptID) -> AttemptNote?
  func write(_ note: AttemptNote, of id: AttemptID) throws
  func removeNote(of id: AttemptID) throws
  /// Ends that the controller may not have.
  var outcomes: [AttemptID: TaskOutcome] { get }
  /// Writes ends down; durable when this returns.
  func append(_ ends: [(id: AttemptID, outcome: TaskOutcome)]) throws
  /// The controller has it. That may be lost: it is reported once more then.
  func removeOutcome(of id: AttemptID) throws
  /// For the fence and the shims of tasks, which act when this process cannot.
  func write(_ lease: Lease) throws
}

/// In the worker's folders.
final class WorkerFolders: WorkerStore {
  private let attempts: AttemptNotes
  private var log: OutcomeLog
  private let lease: LeaseFile

  init(_ options: WorkerOptions, _ lease: LeaseFile) throws {
    attempts = try AttemptNotes(folder: "\(options.stateFolder)/attempts")
    log = try OutcomeLog(path: "\(options.stateFolder)/outcomes")
    self.lease = lease
  }

  func notes() throws -> [AttemptID: AttemptNote] { try attempts.readAll(cleans: true) }
  func note(of id: AttemptID) -> AttemptNote? { attempts.read(id) }
  func write(_ note: AttemptNote, of id: AttemptID) throws { try attempts.write(note, of: id) }
  func removeNote(of id: AttemptID) throws { try attempts.remove(id) }
  var outcomes: [AttemptID: TaskOutcome] { log.pending }
  func append(_ ends: [(id: AttemptID, outcome: TaskOutcome)]) throws { try log.append(ends) }
  func removeOutcome(of id: AttemptID) throws { try log.remove(id) }
  func write(_ lease: Lease) throws { try self.lease.write(lease) }
}
