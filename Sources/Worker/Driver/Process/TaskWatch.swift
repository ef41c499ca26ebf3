import CTaskProcess
import Platform

/// Descriptors and files to wait for, behind one descriptor. Each has an attempt's id.
final class TaskWatch {
  enum Event {
    /// The descriptor is readable: its process has ended.
    case ended(AttemptID, descriptor: Int32)
    case changed(AttemptID)
    /// Changes were lost: any of the files may have changed.
    case overflow
  }

  private static let noticesKey: UInt64 = 0
  private let group: FileDescriptor
  private let notices: FileDescriptor
  private var lastKey = noticesKey
  private var descriptors: [UInt64: (id: AttemptID, descriptor: Int32)] = [:]
  private var keys: [Int32: UInt64] = [:]
  private var files: [Int32: AttemptID] = [:]

  init() throws {
    group = FileDescriptor(owning: try check(rm_task_set_open(), "create an epoll descriptor"))
    notices = FileDescriptor(owning: try check(rm_task_notices_open(), "create an inotify descriptor"))
    try check(rm_task_set_add(group.raw, notices.raw, Self.noticesKey), "watch for changes of files")
  }

  deinit {
    for entry in descriptors.values { File.close(entry.descriptor) }
  }

  var descriptor: Int32 { group.raw }

  /// Takes a process descriptor over.
  func add(_ descriptor: Int32, of id: AttemptID) throws {
    lastKey += 1
    do {
      try check(rm_task_set_add(group.raw, descriptor, lastKey), "watch a process")
    } catch {
      File.close(descriptor)
      throw error
    }
    descriptors[lastKey] = (id, descriptor)
    keys[descriptor] = lastKey
  }

  func close(_ descriptor: Int32) {
    guard let key = keys.removeValue(forKey: descriptor) else { return }
    descriptors[key] = nil
    rm_task_set_remove(group.raw, descriptor)
    File.close(descriptor)
  }

  /// - Returns: a number for the file.
  func add(path: String, of id: AttemptID) throws -> Int32 {
    let file = try check(rm_task_notices_add(notices.raw, path), "watch \(path)")
    files[file] = id
    return file
  }

  func remove(file: Int32) {
    if files.removeValue(forKey: file) != nil { rm_task_notices_remove(notices.raw, file) }
  }

  /// What happened since the last call, without waiting. Some may be left for the next: the descriptor stays readable.
  func next() throws -> [Event] {
    var found = [UInt64](repeating: 0, count: 64)
    let count = try check(rm_task_set_next(group.raw, &found, found.count), "look at the tasks")
    var events: [Event] = []
    for key in found.prefix(Int(count)) {
      if key == Self.noticesKey {
        try appendChanges(to: &events)
      } else if let entry = descriptors[key] {
        events.append(.ended(entry.id, descriptor: entry.descriptor))
      }
    }
    return events
  }

  private func appendChanges(to events: inout [Event]) throws {
    var found = [Int32](repeating: 0, count: 64)
    let count = try check(rm_task_notices_next(notices.raw, &found, found.count), "look at the files of tasks")
    for file in found.prefix(Int(count)) {
      if file < 0 {
        events.append(.overflow)
      } else if let id = files[file] {
        events.append(.changed(id))
      }
    }
  }
}
