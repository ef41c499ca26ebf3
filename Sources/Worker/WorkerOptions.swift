import Glibc
import Platform
import RingmasterClient

/// Where a worker finds the dispatcher, and keeps what it has to remember.
public struct WorkerOptions: Sendable {
  public var socketPath = AttachOptions.socketPath
  public var stateFolder = "/var/lib/ringmaster-worker"
  /// Gone after a reboot, as the tasks are.
  public var runtimeFolder = "/run/ringmaster-worker"
  /// The program that runs beside each task of the driver `process`.
  public var shim = Machine.sibling("ringmaster-task")

  public init() {}

  var leaseFile: String { "\(runtimeFolder)/lease" }
  static let submissionSlots = 4096
  static let resultSlots = 8192
}

/// Which boot of the machine this worker's tasks are of.
struct BootRecord {
  /// One life of what runs here: the same after this process was started anew, another one after a reboot or with another state
  /// folder.
  let incarnation: String
  /// Of the state folder, 16 hexadecimal digits.
  let owner: String

  static func open(_ folder: String) throws -> BootRecord {
    let path = "\(folder)/id"
    if !Folder.fileExists(path) {
      let id = try Machine.randomBytes(8).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
      let temporary = "\(folder)/.id"
      let file = try File.create(temporary)
      try file.append(id)
      try File.syncData(file.rawDescriptor)
      try Folder.rename(temporary, to: path)
      try Folder.sync(folder)
    }
    let id = String(decoding: try TextFile.contents(path, maximumBytes: 64), as: UTF8.self)
    guard id.utf8.count == 16,
      id.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0 })
    else { throw SystemError("read \(path)", code: EINVAL, advice: "remove it while no task runs") }
    return BootRecord(incarnation: "\(Machine.bootID())/\(id)", owner: id)
  }
}
