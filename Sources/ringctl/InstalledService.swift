import Platform

/// Ringmaster as this machine's systemd has it: what an operator does about a dispatcher that cannot be reached.
enum InstalledService {
  private static let unitFolders = ["/etc/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system"]

  /// Of the journal and the archive.
  static let stateFolder = "/var/lib/ringmaster"

  /// The socket's unit is installed, and systemd runs.
  static var isThere: Bool {
    Folder.fileExists("/run/systemd/system")
      && unitFolders.contains { Folder.fileExists("\($0)/ringmaster.socket") }
  }

  /// How `user` gets a role.
  static func joining(_ user: String) -> String {
    "it is in no group with a role: \"usermod -aG ringmaster-operator \(user)\", or ringmaster-observer to look only, and log "
      + "in again"
  }
}
