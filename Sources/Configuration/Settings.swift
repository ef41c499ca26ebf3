import DispatcherSettings
import EventModel
import EventRing
import Journal
import Logging
import Telemetry

/// Every setting there is, in the order of the file.
public enum Settings {
  /// A table of the file.
  public struct Table: Sendable {
    public let name: String
    public let meaning: String
  }

  public static let tables = [
    Table(name: "dispatcher", meaning: "The process and how it divides its time."),
    Table(name: "journal", meaning: "What makes every event survive a crash, and results durable."),
    Table(
      name: "archive",
      meaning:
        "What ringmaster-archive keeps of the journal: all history in a database, and of the journal itself what a "
        + "recovery needs and some more."),
    Table(
      name: "access",
      meaning:
        "Who may attach in which role, beside root and the dispatcher's own user: the kernel says which user asks. "
        + "A user who is not named here is refused. A peer that loses its role at a reload is disconnected."),
    Table(
      name: "plugins",
      meaning: "The parts that are switched on, by the names under which this ringmasterd has registered them."),
    Table(
      name: "dead_letters",
      meaning:
        "How much is kept of events that could not be handled. The newest stay; a peer that sends nothing else pushes out its "
        + "own."),
    Table(name: "controller", meaning: "What the state machine's decisions depend on."),
    Table(name: "liveness", meaning: "When silence means that a worker is lost."),
    Table(
      name: "brake",
      meaning:
        "Slows expiries while so much of a zone is silent at once that a fault of the network is more likely than "
        + "the death of all."),
  ]

  public static let all =
    dispatcher + journal.map { $0.atStartOnly() } + archive.map { $0.atStartOnly() } + access
    + plugins.map { $0.atStartOnly() } + deadLetters + controller + liveness + brake

  /// Of `ringmasterd`: what has changed from `old` to `new` and cannot be changed while it runs.
  public static func needingRestart(from old: RingmasterConfiguration, to new: RingmasterConfiguration) -> [Setting] {
    changed(from: old, to: new).filter { $0.isReadAtStartOnly && $0.table != "archive" }
  }

  /// What has changed of `ringmaster-archive`, which reads all of it at its start only.
  public static func needingRestartOfArchive(
    from old: RingmasterConfiguration, to new: RingmasterConfiguration
  ) -> [Setting] {
    changed(from: old, to: new).filter { $0.table == "archive" }
  }

  private static func changed(from old: RingmasterConfiguration, to new: RingmasterConfiguration) -> [Setting] {
    all.filter { $0.value(in: old) != $0.value(in: new) }
  }

  /// Of the path of a Unix socket.
  private static let socketPathBytes = 1...107
  private static let dayMs: Int64 = 86_400_000

  private static let dispatcher: [Setting] = [
    .text(
      "dispatcher", "socket_path", "a path of \(socketPathBytes.lowerBound) to \(socketPathBytes.upperBound) bytes",
      \.dispatcher.socketPath,
      check: { socketPathBytes.contains($0.utf8.count) ? nil : "a path of 1 to \(socketPathBytes.upperBound) bytes" },
      "Where to listen when the service manager passes no socket."
    ).atStartOnly(),
    .text(
      "dispatcher", "instance", "1 to 64 letters, digits, '-', '_' or '@'", \.dispatcher.instance,
      check: { instance in
        do {
          try CounterPage.checkInstance(instance)
          return nil
        } catch { return "1 to 64 letters, digits, '-', '_' or '@'" }
      },
      "Sets this dispatcher's shared memory apart from that of others on this machine."
    ).atStartOnly(),
    .number(
      "dispatcher", "maximum_peers", in: 1...Int64(AttentionBoard.lanes), "peers", \.dispatcher.maximumPeers,
      "Ingests and clients attached at the same time; one place in 32 is kept for root and the dispatcher's own user."),
    .number(
      "dispatcher", "peers_per_user", in: 1...Int64(AttentionBoard.lanes), "peers", \.dispatcher.userLimits.peers,
      "The same of one user. These three are no limits for root and the dispatcher's own user."),
    .number(
      "dispatcher", "ring_memory_per_user_bytes", in: 1_048_576...1_099_511_627_776, "bytes",
      \.dispatcher.userLimits.ringBytes, "Shared memory of the rings of one user's peers."),
    .number(
      "dispatcher", "attaches_per_user_per_minute", in: 1...1_000_000, "attaches",
      \.dispatcher.userLimits.attachesPerMinute,
      "How often one user may attach: each leaves records in the journal and lines in the log."),
    .number(
      "dispatcher", "records_per_peer_per_turn", in: 1...65_536, "records", \.dispatcher.recordsPerPeerPerTurn,
      "Records taken from one peer's ring before the next has its turn."),
    .number(
      "dispatcher", "placements_per_turn", in: 1...100_000, "placements", \.dispatcher.placementsPerTurn,
      "Tasks given to workers in one turn; bounds how long a scheduling policy can hold up everything else."),
    .number(
      "dispatcher", "result_log_capacity", in: 1...1_048_576, "results", \.dispatcher.resultLogCapacity,
      "Results kept for clients that reconnect after a restart. A client further behind gets the range it missed."
    ).atStartOnly(),
    .number(
      "dispatcher", "result_backlog_bytes", in: 65_536...1_073_741_824, "bytes", \.dispatcher.resultBacklogBytes,
      "Answers that may wait for one client before its events wait too, and results of others before it loses the oldest."
    ),
    Setting(
      table: "dispatcher", key: "waiting",
      meaning: "What the dispatch thread does while idle: busy-spin and yield keep a processor busy, park sleeps.",
      unit: nil, expected: "one of " + WaitingStrategy.allCases.map(\.rawValue).joined(separator: ", "),
      form: .oneOf(WaitingStrategy.allCases.map(\.rawValue)), load: { .text($0.dispatcher.waiting.rawValue) },
      store: { configuration, value in
        if case .text(let text) = value, let waiting = WaitingStrategy(rawValue: text) {
          configuration.dispatcher.waiting = waiting
        }
      }),
    .number(
      "dispatcher", "idle_spins", in: 0...1_000_000, "turns", \.dispatcher.idleSpins,
      "With park: turns without work after which the dispatch thread yields: more answer faster and burn more."),
    .number(
      "dispatcher", "idle_yields", in: 0...1_000_000, "turns", \.dispatcher.idleYields,
      "With park: turns without work that end in a yield, before the dispatch thread sleeps until somebody rings."),
    Setting(
      table: "dispatcher", key: "log_level",
      meaning:
        "The least severe level that is logged: to the systemd journal when it is connected to standard error, as it is for a "
        + "service, else as lines on standard error.",
      unit: nil, expected: "one of " + Logger.Level.allCases.map(\.rawValue).joined(separator: ", "),
      form: .oneOf(Logger.Level.allCases.map(\.rawValue)), load: { .text($0.logLevel.rawValue) },
      store: { configuration, value in
        if case .text(let text) = value, let level = Logger.Level(rawValue: text) { configuration.logLevel = level }
      }),
  ]

  private static let journal: [Setting] = [
    .text(
      "journal", "directory", "a folder, \"auto\" or \"none\"", \.journal.directory, check: isName,
      "The folder of its segments and snapshots. \"none\" keeps no journal: all state ends with the process, and "
        + "results say \"volatile\". \"auto\" is \"journal\" in the state directory that systemd gives (StateDirectory=), "
        + "and none where it gives none."),
    Setting(
      table: "journal", key: "durability",
      meaning: "sync tells a result once it survives a loss of power, and says \"durable\"; relaxed tells it at once, "
        + "and says \"accepted\": what it tells survives the end of any process.",
      unit: nil, expected: "one of " + JournalSettings.Durability.allCases.map(\.rawValue).joined(separator: ", "),
      form: .oneOf(JournalSettings.Durability.allCases.map(\.rawValue)),
      load: { .text($0.journal.durability.rawValue) },
      store: { configuration, value in
        if case .text(let text) = value, let durability = JournalSettings.Durability(rawValue: text) {
          configuration.journal.durability = durability
        }
      }),
    .number(
      "journal", "reattach_timeout_ms", in: 0...dayMs, "ms", \.journal.reattachTimeoutMs,
      "How long the peers of the dispatcher before may take to attach again, before their rings are drained and "
        + "removed."),
    .number(
      "journal", "segment_bytes", in: Int64(segmentBytes.lowerBound)...Int64(segmentBytes.upperBound), "bytes",
      \.journal.segmentBytes, check: { $0 % segmentGranule == 0 ? nil : "a multiple of \(segmentGranule)" },
      "Size of a segment file, which is allocated whole."),
    .number(
      "journal", "snapshot_bytes", in: 4096...1 << 40, "bytes", \.journal.snapshotBytes,
      "While no archive writes snapshots, the dispatcher does when the journal has grown by so much, and by four times "
        + "the newest snapshot."),
    .number(
      "journal", "keep_bytes", in: 0...1 << 60, "bytes", \.journal.keepBytes,
      "When it has written one and segments take more than this, the oldest go that the two newest snapshots do not "
        + "need. An archive that comes later does not have what was in them. 0 keeps them all."),
  ]

  /// A commit is at most as large as the journal's queue, and must fit.
  private static let segmentBytes = 2 * JournalConfiguration().queueBytes...(1 << 30)
  private static let segmentGranule: Int64 = 4096

  private static let archive: [Setting] = [
    .text(
      "archive", "database", "a file or \"auto\"", \.archive.database, check: isName,
      "The SQLite database. \"auto\" is \"archive.sqlite\" in the state directory that systemd gives."),
    .number(
      "archive", "snapshot_interval_ms", in: 100...dayMs, "ms", \.archive.snapshotIntervalMs,
      "A snapshot of the state is taken when the newest one is older than this and something is new. It is written once "
        + "dispatcher.result_log_capacity transactions came behind it: a start has the results of these to give again."),
    .number(
      "archive", "snapshot_bytes", in: 4096...1 << 40, "bytes", \.archive.snapshotBytes,
      "It is written earlier when so much of the journal came since, and more than the newest snapshot takes: a recovery "
        + "has to replay that."),
    .number(
      "archive", "keep_days", in: 0...36_500, "days", \.archive.keepDays,
      "Segments of the journal that are older than this go, if the two newest snapshots do not need them."),
    .number(
      "archive", "keep_bytes", in: 0...1 << 60, "bytes", \.archive.keepBytes,
      "When segments take more than this together, the oldest go, in the same way."),
    .number(
      "archive", "keep_history_days", in: 0...36_500, "days", \.archive.keepHistoryDays,
      "Transactions in the database that are older than this go, with all that tells of them. 0 keeps them for ever."),
    .number(
      "archive", "keep_history_bytes", in: 0...1 << 60, "bytes", \.archive.keepHistoryBytes,
      "When all that the database holds takes more than this, the oldest transactions go, in the same way. The newest 10000 "
        + "stay, and jobs and tasks that are not gone: where these take more, that is logged. 0 sets no limit."
    ),
  ]

  private static let access: [Setting] = Role.allCases.flatMap { role in
    let name = role.name
    return [
      Setting(
        table: "access", key: "\(name)_users", meaning: "Users that may attach to \(name): \(role.meaning).", unit: nil,
        expected: "an array of users, by name or number", form: .texts, load: { .texts($0.access[role].users) },
        store: { configuration, value in
          if case .texts(let users) = value { configuration.access[role].users = users }
        }),
      Setting(
        table: "access", key: "\(name)_groups",
        meaning: "Groups, primary or supplementary, whose members may attach to \(name).", unit: nil,
        expected: "an array of groups, by name or number", form: .texts, load: { .texts($0.access[role].groups) },
        store: { configuration, value in
          if case .texts(let groups) = value { configuration.access[role].groups = groups }
        }),
    ]
  }

  private static let plugins: [Setting] = [
    .text(
      "plugins", "policy", "the name of a policy", \.plugins.policy, check: isName,
      "Chooses workers for tasks. Always there: \"first-fit\" takes the first worker with room, \"least-loaded\" the one "
        + "with the most cpu free, \"best-fit\" the one that it fills best, so that devices stay free together."),
    .texts(
      "plugins", "middleware", "an array of names", \.plugins.middleware,
      "What every event but heartbeats passes before the state machine, in this order; each may drop it."),
    Setting(
      table: "plugins", key: "observers",
      meaning: "What learns of every handled event. A name, or { name = \"…\", priority = n }: higher priorities run "
        + "first. Always there: \"losses\" logs lost workers, stalls and brakes, \"log\" also each task or job that failed "
        + "and each event that was refused.",
      unit: nil, expected: "an array of names, or of tables with a name and a priority", form: .observers,
      load: { .observers($0.plugins.observers) },
      store: { configuration, value in
        if case .observers(let observers) = value { configuration.plugins.observers = observers }
      }),
    .text(
      "plugins", "dead_letter_sink", "the name of a sink", \.plugins.deadLetterSink, check: isName,
      "Takes events that could not be handled, beside the letters that the dispatcher keeps for \"ringctl dead-letters\". Always "
        + "there: \"none\" takes nothing, \"log\" logs them."),
  ]

  private static let isName: Setting.TextCheck = { name in
    (1...Setting.maximumTextBytes).contains(name.utf8.count) ? nil : "a name of 1 to \(Setting.maximumTextBytes) bytes"
  }

  private static let deadLetters: [Setting] = [
    .number(
      "dead_letters", "letters", in: 1...1_000_000, "letters", \.dispatcher.deadLetters.letters,
      "Letters kept of all peers together."),
    .number(
      "dead_letters", "bytes", in: 1024...(1 << 32), "bytes", \.dispatcher.deadLetters.bytes,
      "Memory for the letters of all peers together."),
    .number(
      "dead_letters", "letters_per_peer", in: 1...1_000_000, "letters", \.dispatcher.deadLetters.lettersPerPeer,
      "Letters kept of one peer."),
    .number(
      "dead_letters", "bytes_per_peer", in: 1024...(1 << 32), "bytes", \.dispatcher.deadLetters.bytesPerPeer,
      "Memory for the letters of one peer."),
  ]

  private static let controller = ofController("controller")
  private static let brake = ofController("brake")

  private static let liveness: [Setting] =
    ofController("liveness") + [
      .number(
        "liveness", "sweep_interval_ms", in: 1...60_000, "ms", \.dispatcher.sweepIntervalMs,
        "Between two looks at the workers' deadlines; also the longest sleep of the dispatch thread."),
      .number(
        "liveness", "ingest_grace_ms", in: 0...dayMs, "ms", \.dispatcher.ingestGraceMs,
        "How much longer than worker_timeout_ms a worker may be silent while the ingest that it was last heard of through is "
          + "silent or gone. The ingest's watchdog, its restart and a worker's next heartbeat should fit in. 0 gives no grace."
      ),
    ]

  private static func ofController(_ table: String) -> [Setting] {
    ControllerSetting.allCases.filter { $0.table == table }.map(Setting.controller)
  }
}
