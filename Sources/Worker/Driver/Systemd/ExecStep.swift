import Glibc
import Platform

/// A step that systemd takes between a fork and the program, by the exit status that says it failed.
///
/// A program may exit with the same statuses. So they count only where the program was not seen to run.
struct ExecStep {
  let status: UInt64

  init?(status: UInt64) {
    guard 200...243 ~= status else { return nil }
    self.status = status
  }

  private static let names: [UInt64: String] = [
    201: "set its nice value", 202: "pass it descriptors", 204: "allocate memory",
    205: "set its resource limits", 206: "adjust its OOM score", 207: "set its signal mask", 208: "open its input",
    209: "open its output", 210: "change its root", 211: "set its I/O priority", 212: "set its timer slack",
    213: "set its security bits", 214: "set its scheduling", 215: "set its CPU affinity", 216: "become its group",
    218: "set its capabilities", 219: "join its control group", 220: "start a session",
    221: "confirm", 222: "open its error output", 224: "open a PAM session", 225: "set up its network",
    226: "set up its mount namespace: is a path of its missing?", 227: "set no_new_privileges",
    228: "set up its system call filter", 229: "set its SELinux context", 230: "set its personality",
    231: "set its AppArmor profile", 232: "restrict its address families", 233: "make its runtime folder",
    235: "change the owner of its files", 236: "set its SMACK label", 237: "set up its keyring",
    238: "make its state folder", 239: "make its cache folder", 240: "make its log folder",
    241: "make its configuration folder", 242: "set up its NUMA policy", 243: "load its credentials",
  ]

  func failure(of unit: UnitState) -> String {
    let what =
      switch status {
      case 200:
        "no working directory \(unit.folder): \(Self.fault(unit.folder, R_OK | X_OK) ?? "its user may not enter it")"
      case 203: Self.fault(unit.program, X_OK) ?? "it cannot be executed, or its interpreter is missing"
      case 217: "no user \(unit.user)"
      default: "systemd could not \(Self.names[status] ?? "do step \(status)")"
      }
    return "cannot run \(unit.program): \(what)"
  }

  /// systemd does not pass on why: what is wrong with the file now is as near as it gets.
  private static func fault(_ path: String, _ mode: Int32) -> String? {
    guard path.hasPrefix("/") else { return String(cString: strerror(ENOENT)) }
    if access(path, mode) != 0 { return String(cString: strerror(errno)) }
    return mode == X_OK && Folder.isFolder(path) ? String(cString: strerror(EACCES)) : nil
  }
}
