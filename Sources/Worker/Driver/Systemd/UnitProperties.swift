/// One property of a transient unit.
struct UnitProperty: Hashable, Sendable {
  let name: String
  let value: BusValue

  init(_ name: String, _ value: BusValue) {
    self.name = name
    self.value = value
  }
}

/// What systemd has to know of an attempt.
struct UnitProperties {
  let settings: SystemdDriver.Settings
  /// The path of a credential's content.
  var credentialSource: (_ name: String) -> String = UnitProperties.stored

  func make(_ launch: TaskLaunch, unit: String) -> [UnitProperty] {
    let command = TaskCommand(launch, unit: unit)
    var all = process(launch, command)
    all += limits(launch)
    all += log(launch)
    all += access(launch)
    if launch.isStrict { all += Self.strict }
    if let script = command.script {
      all.append(.init("SetCredential", .contents([TaskCommand.scriptCredential: script])))
    }
    return all
  }

  private func process(_ launch: TaskLaunch, _ command: TaskCommand) -> [UnitProperty] {
    var all: [UnitProperty] = [
      .init("Description", .string("\(launch.job)/task-\(launch.index), attempt \(launch.id.attempt)")),
      // Says when the program runs, and tells a program that cannot be executed from one that failed.
      .init("Type", .string("exec")),
      // The unit stays after its end, with the outcome. One that failed stays by itself, as CollectMode says.
      .init("RemainAfterExit", .bool(true)),
      .init("CollectMode", .string("inactive")),
      .init("Slice", .string(settings.slice)),
      command.property,
      .init("Environment", .strings(launch.environment.map { "\($0.name)=\($0.value)" })),
      .init("KillMode", .string("control-group")),
      .init("KillSignal", .int32(launch.stopSignal)),
      .init("TimeoutStopUSec", .uint64(Self.us(launch.stopTimeoutMs))),
    ]
    if !command.searchPath.isEmpty { all.append(.init("ExecSearchPath", .strings(command.searchPath))) }
    if let folder = launch.workingDirectory { all.append(.init("WorkingDirectory", .string(folder))) }
    return all
  }

  private func limits(_ launch: TaskLaunch) -> [UnitProperty] {
    var all: [UnitProperty] = [
      .init("CPUWeight", .uint64(Self.cpuWeight(milliCPU: launch.milliCPU))),
      .init("OOMPolicy", .string("kill")),
    ]
    if launch.memoryBytes > 0 {
      all.append(.init("MemoryMax", .uint64(UInt64(launch.memoryBytes))))
      all.append(.init("MemorySwapMax", .uint64(0)))
    }
    if let tasks = launch.tasksMax ?? settings.tasksMax, tasks > 0 {
      all.append(.init("TasksMax", .uint64(UInt64(tasks))))
    }
    if let ms = launch.runTimeoutMs { all.append(.init("RuntimeMaxUSec", .uint64(Self.us(ms)))) }
    return all
  }

  /// A share of the processors in proportion to what was asked for: 1 CPU is 100, systemd's default. What asks for none gets
  /// the least. It is a weight and no limit: idle processors are there for everyone.
  static func cpuWeight(milliCPU: Int64) -> UInt64 {
    UInt64(min(max(milliCPU / 10, 1), 10_000))
  }

  private func log(_ launch: TaskLaunch) -> [UnitProperty] {
    let fields = [
      "RINGMASTER_JOB=\(launch.job)", "RINGMASTER_TASK=\(launch.job)/task-\(launch.index)",
      "RINGMASTER_ATTEMPT=\(launch.id.attempt)", "RINGMASTER_ATTEMPT_ID=\(launch.id)",
    ]
    return [
      .init("LogExtraFields", .byteStrings(fields.map { Array($0.utf8) })),
      .init("SyslogIdentifier", .string(launch.job.isEmpty ? "ringmaster-task" : launch.job)),
      // An interval of 0 means the journal's own limit, which drops lines. So: as many as there can be, each second.
      .init("LogRateLimitIntervalUSec", .uint64(1_000_000)),
      .init("LogRateLimitBurst", .uint32(1_000_000_000)),
    ]
  }

  private func access(_ launch: TaskLaunch) -> [UnitProperty] {
    var all: [UnitProperty] = [.init("NoNewPrivileges", .bool(true))]
    if let user = launch.user {
      all.append(.init("User", .string(user)))
    } else {
      // Brings a private /tmp with it, and a file system that is read-only but for it.
      all.append(.init("DynamicUser", .bool(true)))
    }
    if launch.isStrict || launch.user == nil, let folder = launch.workingDirectory, folder != "/" {
      // Who asks for a folder may write there, as far as its permissions allow.
      all.append(.init("ReadWritePaths", .strings(["-\(folder)"])))
    }
    // A user of the task's own is in no group that may look there; hiding them takes a namespace of mounts, which halves the
    // rate of starts.
    if launch.user != nil, !settings.inaccessiblePaths.isEmpty {
      all.append(.init("InaccessiblePaths", .strings(settings.inaccessiblePaths.map { "-\($0)" })))
    }
    if !launch.credentials.isEmpty {
      let sources = Dictionary(launch.credentials.map { ($0, credentialSource($0)) }) { first, _ in first }
      all.append(.init("LoadCredential", .sources(sources)))
    }
    return all
  }

  private static let strict: [UnitProperty] = [
    .init("ProtectSystem", .string("strict")),
    .init("ProtectHome", .string("yes")),
    .init("PrivateTmp", .bool(true)),
    .init("PrivateDevices", .bool(true)),
    .init("ProtectKernelTunables", .bool(true)),
    .init("ProtectKernelModules", .bool(true)),
    .init("ProtectKernelLogs", .bool(true)),
    .init("ProtectControlGroups", .bool(true)),
    .init("ProtectClock", .bool(true)),
    .init("ProtectHostname", .bool(true)),
    .init("ProtectProc", .string("invisible")),
    .init("RestrictSUIDSGID", .bool(true)),
    .init("RestrictRealtime", .bool(true)),
    // All but one that needs CAP_SYS_ADMIN: systemd 252 writes "none" down in a way that it reads as "all".
    .init("RestrictNamespaces", .uint64(0x0400_0000)),
    .init("LockPersonality", .bool(true)),
    .init("CapabilityBoundingSet", .uint64(0)),
    .init("UMask", .uint32(0o077)),
  ]

  private static func us(_ ms: Int64) -> UInt64 {
    let (us, overflow) = UInt64(max(ms, 0)).multipliedReportingOverflow(by: 1000)
    return overflow ? .max : us
  }
}
