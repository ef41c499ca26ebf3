import CTaskProcess
import Platform

/// Why a task cannot run as the user that it names.
struct TaskUser: Error, CustomStringConvertible {
  let description: String

  /// - Returns: nil when the task runs as the worker's own user.
  static func find(_ name: String) throws -> LaunchFile.User? {
    var user = LaunchFile.User(uid: 0, gid: 0, groups: [UInt32](repeating: 0, count: 1024))
    let count = rm_task_user(name, &user.uid, &user.gid, &user.groups, user.groups.count)
    guard count >= 0 else {
      let error = SystemError("cannot look up the user \(name)", code: -count)
      if error.meansNobodyThere { throw TaskUser(description: "there is no user \(name)") }
      if error.meansForbidden {
        throw TaskUser(description: "cannot run as the user \(name): the worker does not run as root")
      }
      throw error
    }
    user.groups.removeSubrange(Int(count)...)
    return rm_task_is_root() != 0 ? user : nil
  }
}
