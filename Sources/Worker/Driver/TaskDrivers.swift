import Platform

/// The drivers that there are.
enum TaskDrivers {
  /// - Throws: what keeps the driver from working here.
  ///
  /// - Parameter owner: of the state folder: units of other workers on this machine are not this one's.
  static func make(
    _ choice: WorkerSettings.DriverChoice, _ options: WorkerOptions, owner: String
  ) throws -> any TaskDriver {
    let usesSystemd = choice == .systemd || choice == .automatic && hasSystemd
    guard usesSystemd else {
      return try ProcessDriver(
        folder: "\(options.stateFolder)/tasks", shim: options.shim, leaseFile: options.leaseFile)
    }
    var settings = SystemdDriver.Settings()
    settings.prefix += "\(owner)-"
    return try SystemdDriver(settings)
  }

  /// Is systemd what runs this machine, and may this process start units?
  private static var hasSystemd: Bool {
    Folder.isFolder("/run/systemd/system") && Machine.effectiveUserID() == 0
  }
}
