import Logging

/// The kinds of log entry that deserve an explanation. The raw value is the entry's MESSAGE_ID in the systemd journal, under
/// which the message catalog, `systemd/catalog/ringmaster.catalog`, says what to do about it. An id is never used again for
/// something else.
public enum LogMessage: String, CaseIterable, Sendable {
  case attachRefused = "6c83496ecccb4f7eb23e168a8ea50e02"
  case moreRefused = "f591a39557bc4259a1383e0edf5ce1f9"
  case peerDisconnected = "b04fbca452fe4864aaf845028f49a575"
  case peerLostRole = "67616ec4237e47c4b58ca18838e5f25f"
  case peerMissing = "38553080f9e14f95b79df2c29a530bc1"
  case operatorActed = "60be7f97fe8049ddb46d2648d1310e4d"
  case fewDescriptors = "e0a4c9d27b184f3c8f51a6d93b7240ce"
  case foreignObject = "5d1f0a7c3be84c42a6b92e0f7718c4d3"
  case journalOutOfSpace = "ceee0afe627640d983348fa8dbb89f60"
  case journalHasSpace = "d49e9b3f80d14486878ffcbf325a028f"
  case journalFailed = "c83cd3010e1f49c8aa2c7eab1d48a46f"
  case journalDamaged = "1aa8f80627754bc9aecfdd4985385d64"
  case otherVersion = "3b9d5f6c0e8a4712a4c1f07de92b6853"
  case journalPartLost = "9729fd899b4041e89e6486919df176c9"
  case journalTailLost = "a53ad4a0e7cd4fe9a9f4d6d8b5c5bb0e"
  case peerKnowsMore = "4f6e1b80c2d94a7593be07d5a81c36f2"
  case snapshotDamaged = "75f40d35836e416092b4d1eeee8ebdba"
  case snapshotDelayed = "c07a172eb6704ad7bb8928750807b211"
  case configurationUnusable = "659feb3658c042f29350177bb46ce91e"
  case configurationReloaded = "d3228974eb0e461b80440a87172fd3fa"
  case settingWaits = "8b2fbd78e3464a07bd8aff776eff842f"
  case configurationRefused = "84d36b8407a149a5a8538d1615ec59c4"
  case commandLineWrong = "4919a562225a45bda98d9071c5e2984d"
  case programFailed = "fc5f9d80fd9b49ba9e33a6a0a0d50989"
  case workerFailed = "aceba2f8fd024a269b607dc792466449"
  case taskFailed = "af620c364a194fe7bf8e089cfaae6831"
  case jobInvalid = "94a8f5a8c7c147cab76d7252fee14f90"
  case eventRefused = "6d569ef6dd52400b91951325de262f48"
  case deadLetter = "714eb47289704f23b22ceb0193941f48"
  case observerFailed = "2b91f3d4c06e4a57b8e1c97d50a3f648"
  case dispatcherStalled = "b17dd26726f544a0b528e8376dd99b1a"
  case clockCorrected = "7e20d9b4c6f1483ab05f9c3d8e1a6247"
  case ingestSilent = "5d0c8e6a1b7f4d2c9a43f1e67b28c590"
  case ingestHeard = "e3a96f05c7d14b8e8f62d0b4179ac3e5"
  case ingestOpen = "91c7d40a5e3b4f86b2d8a6130fe9475c"
  case brakeEngaged = "d51dbdee95d24c4e8b9b203880ce94dd"
  case brakeReleased = "0fa0fa44a79d4f74b78b6f613509f434"
  case databaseUnavailable = "936ba25086da43f39be6ed8c89f1e456"
  case databaseAvailable = "5c150c33cb394b78be33e1db960cef91"
  case historySuperseded = "2c2f1e6fd0e24a6b8a0c7d94f7f30b51"
  case journalAdopted = "b8f3d6a1c5714c0e9d27e80a4476fa02"
  case databaseLogGrows = "e41b7a90c2d84f6bb3a95d1f60c8274d"
  case historyLimitExceeded = "0d6c4f1b7e5a4b0e9c38d2f5a1637be4"
  case dispatcherGone = "43c63b51357e44a68d0598a58c1004d0"
  case entriesDropped = "b2333e21a1c44e4c90e6f1cef0eeba47"

  /// The metadata key under which an entry carries its id.
  public static let metadataKey = "message_id"

  /// 32 hexadecimal digits.
  public var id: String { rawValue }
  public var level: Logger.Level { definition.level }
  public var text: String { definition.text }
  /// What every entry of the kind carries, so that the catalog can speak of it.
  public var fields: [LogField] { definition.fields }

  private struct Definition {
    let level: Logger.Level
    let text: String
    let fields: [LogField]

    init(_ level: Logger.Level, _ text: String, _ fields: LogField...) {
      self.level = level
      self.text = text
      self.fields = fields
    }
  }

  private var definition: Definition {
    switch self {
    case .attachRefused: Definition(.warning, "attach refused", .cause, .pid, .uid)
    case .moreRefused: Definition(.warning, "more were refused or disconnected", .cause, .count, .uid)
    case .peerDisconnected: Definition(.warning, "peer disconnected", .cause, .peer, .pid, .uid)
    case .peerLostRole:
      Definition(.notice, "peer disconnected: its role was taken away", .cause, .peer, .pid, .uid)
    case .peerMissing: Definition(.notice, "peer did not come back", .peer)
    case .operatorActed: Definition(.notice, "operator acted", .action, .cause, .peer)
    case .fewDescriptors: Definition(.warning, "too few open files are allowed", .cause, .count)
    case .foreignObject: Definition(.warning, "something of another user has a name of ours", .cause, .file, .uid)
    case .journalOutOfSpace:
      Definition(.error, "no space for the journal: results wait until there is, heartbeats continue", .folder)
    case .journalHasSpace: Definition(.notice, "the journal has space again: results continue", .folder)
    case .journalFailed: Definition(.critical, "the journal could not be written", .cause)
    case .journalDamaged: Definition(.critical, "the journal cannot be continued", .cause)
    case .otherVersion: Definition(.critical, "written by another version of Ringmaster", .cause)
    case .journalPartLost: Definition(.critical, "a part of the journal is lost", .cause)
    case .journalTailLost: Definition(.critical, "the journal has lost its end", .cause, .folder)
    case .peerKnowsMore:
      Definition(.error, "a peer says that it knows of more than the journal has", .cause, .folder, .peer, .uid)
    case .snapshotDamaged: Definition(.error, "a snapshot is damaged", .cause)
    case .snapshotDelayed: Definition(.error, "no space for a snapshot: trying again", .cause)
    case .configurationUnusable: Definition(.critical, "the configuration cannot be used", .cause)
    case .configurationReloaded: Definition(.notice, "configuration reloaded")
    case .settingWaits: Definition(.warning, "a changed setting waits for a restart", .setting, .inForce)
    case .configurationRefused: Definition(.error, "configuration refused, the old one stays", .cause)
    case .commandLineWrong: Definition(.critical, "the command line is wrong", .cause)
    case .programFailed: Definition(.critical, "the program failed", .cause)
    case .workerFailed: Definition(.warning, "worker failed", .txn, .event, .cause, .worker)
    case .taskFailed: Definition(.warning, "task failed", .txn, .event, .cause, .job, .task)
    case .jobInvalid: Definition(.warning, "job cannot be run", .txn, .event, .cause, .job)
    case .eventRefused: Definition(.notice, "event refused", .txn, .event, .cause, .reason)
    case .deadLetter: Definition(.notice, "dead letter", .cause, .origin, .reason)
    case .observerFailed: Definition(.warning, "observer failed", .cause, .origin)
    case .dispatcherStalled: Definition(.warning, "the dispatcher stood still", .txn, .event, .cause)
    case .clockCorrected: Definition(.warning, "the controller's clock is set back", .txn, .event, .cause)
    case .ingestSilent:
      Definition(.warning, "an ingest is silent: its workers are not lost for a while", .cause, .peer)
    case .ingestHeard: Definition(.notice, "an ingest is back: the silence of its workers counts again", .cause, .peer)
    case .ingestOpen: Definition(.warning, "an ingest listens to other machines", .cause)
    case .brakeEngaged:
      Definition(.error, "many workers fell silent at once: the brake is engaged", .txn, .event, .cause, .zone)
    case .brakeReleased: Definition(.notice, "the brake is released", .txn, .event, .cause, .zone)
    case .databaseUnavailable: Definition(.error, "waiting for the database", .cause, .database)
    case .databaseAvailable: Definition(.notice, "the database can be written to again", .database)
    case .historySuperseded:
      Definition(.critical, "the journal lost what is archived: going on in another epoch", .cause, .txn)
    case .journalAdopted: Definition(.warning, "the archive continues with another journal", .cause, .folder)
    case .databaseLogGrows: Definition(.warning, "a reader holds up the database's log", .cause, .database)
    case .historyLimitExceeded:
      Definition(.warning, "the archive holds more than keep_history_bytes", .cause, .database)
    case .dispatcherGone: Definition(.error, "the dispatcher is gone", .cause)
    case .entriesDropped: Definition(.warning, "log entries were dropped", .dropped)
    }
  }
}
