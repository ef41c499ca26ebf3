import Platform

extension UnitProperties {
  /// In /etc/credstore or /run/credstore.
  ///
  /// systemd searches these by itself when it gets a bare name. But then it does not mind one that is missing, and prefers
  /// what the machine itself got at boot, such as the password of root. A path that is missing fails the start.
  static func stored(_ name: String) -> String {
    let volatile = "/run/credstore/\(name)"
    let kept = "/etc/credstore/\(name)"
    return !Folder.fileExists(kept) && Folder.fileExists(volatile) ? volatile : kept
  }
}
