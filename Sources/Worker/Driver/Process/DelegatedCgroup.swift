import CTaskProcess
import Platform

/// A control group (version 2) below which this process may make others.
public struct DelegatedCgroup: Sendable {
  public let path: String
  /// The controllers for memory and the number of processes are there.
  public let limitsMemory: Bool

  public init(path: String) {
    self.path = path
    let controllers = TextFile.head("\(path)/cgroup.subtree_control").split { $0 == " " || $0 == "\n" }
    limitsMemory = controllers.contains("memory") && controllers.contains("pids")
  }

  /// That of this process, when it was given to it: by a service manager (Delegate=yes) or as the root of a container's own
  /// hierarchy. Processes and controllers do not go together in one group, so this process moves to a leaf of it.
  public static func find() -> DelegatedCgroup? {
    guard let mount = mountPoint, let own = ownPath else { return nil }
    var path = mount + (own == "/" ? "" : own)
    // An earlier driver of this service was here.
    if path.hasSuffix("/\(leaf)") { path.removeLast(leaf.utf8.count + 1) }
    let isContainersRoot = own == "/" && Folder.fileExists("\(path)/cgroup.type")
    guard isContainersRoot || rm_task_is_delegated(path) != 0, rm_task_is_writable("\(path)/cgroup.procs") == 0 else {
      return nil
    }
    _ = rm_task_make_folder("\(path)/\(leaf)")
    guard write("0", to: "\(path)/\(leaf)/cgroup.procs") else { return nil }
    let tasks = "\(path)/tasks"
    _ = rm_task_make_folder(tasks)
    for folder in [path, tasks] {
      for controller in ["memory", "pids", "cpu"] {
        _ = write("+\(controller)", to: "\(folder)/cgroup.subtree_control")
      }
    }
    return rm_task_is_writable("\(tasks)/cgroup.procs") == 0 ? DelegatedCgroup(path: tasks) : nil
  }

  private static let leaf = "worker"

  private static func write(_ text: String, to path: String) -> Bool {
    rm_task_write_file(path, text, text.utf8.count) == 0
  }

  private static var ownPath: String? {
    lines("/proc/self/cgroup").first { $0.hasPrefix("0::") }.map { String($0.dropFirst(3)) }
  }

  private static var mountPoint: String? {
    for line in lines("/proc/self/mounts") {
      let words = line.split(separator: " ")
      if words.count > 2, words[2] == "cgroup2" { return String(words[1]) }
    }
    return nil
  }

  private static func lines(_ path: String) -> [Substring] {
    let bytes = (try? TextFile.contents(path, maximumBytes: 1 << 20)) ?? []
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
  }
}
