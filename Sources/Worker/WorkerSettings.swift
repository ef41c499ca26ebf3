import Configuration
import EventModel
import Glibc
import Platform
import Presentation

/// What a worker is and has, as its file says it; without one, what its machine has.
public struct WorkerSettings: Sendable {
  public enum DriverChoice: String, CaseIterable, Sendable {
    case automatic = "auto"
    case systemd
    case process
  }

  public var name = Machine.hostName()
  public var address = Machine.hostName()
  public var capacity = Resources()
  public var attributes: [WorkerMetadata.Attribute] = []
  public var driver = DriverChoice.automatic
  public var policy = WorkerPolicy()
  /// Attempts that run here at once.
  public var maximumTasks = 500

  public init() {
    capacity.milliCPU = Int64(Machine.processors()) * 1000
    capacity.memoryBytes = Machine.memoryBytes()
    let gpus = Machine.graphicsProcessors()
    if gpus > 0 { capacity.devices["gpu"] = Int64(gpus) }
  }

  private static let keys = [
    "name", "address", "cpu", "memory", "devices", "attributes", "driver", "users", "allow_root",
    "credentials", "max_tasks",
  ]
  /// Behind it a peer's name ends.
  static let longestName = 63

  /// - Parameter source: names the file in errors.
  /// - Throws: `ConfigurationError` with all that is wrong, each with its line.
  public init(toml text: String, source: String) throws(ConfigurationError) {
    self.init()
    let document = try ConfigurationDocument(text, source: source)
    var problems: [ConfigurationProblem] = []
    for member in document.root {
      do throws(ConfigurationProblem) {
        try take(member)
      } catch {
        problems.append(document.located(error))
      }
    }
    guard problems.isEmpty else {
      throw ConfigurationError(source: source, problems: problems.sorted { ($0.line ?? 0) < ($1.line ?? 0) })
    }
  }

  private mutating func take(_ member: DocumentNode.Member) throws(ConfigurationProblem) {
    func wrong(_ expected: String) -> ConfigurationProblem {
      ConfigurationProblem(key: member.key, expected: expected, came: member.node.summary)
    }
    switch (member.key, member.node) {
    case ("name", .text(let name)):
      guard !name.isEmpty, name.utf8.count <= Self.longestName, !name.utf8.contains(where: { $0 < 32 || $0 == 127 })
      else { throw wrong("1 to \(Self.longestName) bytes without control characters") }
      self.name = name
    case ("address", .text(let address)): self.address = address
    case ("cpu", .integer(let cpus)) where (0...1_000_000).contains(cpus): capacity.milliCPU = cpus * 1000
    case ("cpu", .text(let text)):
      guard let cpu = CPUArgument(argument: text) else { throw wrong("a number of processors: 2, \"0.5\"") }
      capacity.milliCPU = cpu.resources.milliCPU
    case ("memory", .text(let text)):
      guard let size = MemoryArgument(argument: text) else { throw wrong("a size: \"4G\"") }
      capacity.memoryBytes = size.bytes
    case ("devices", .table(let members)):
      for device in members {
        guard case .integer(let count) = device.node, Limits.deviceCount.contains(count) else {
          throw wrong("counts by name: { gpu = 2 }")
        }
        capacity.devices[device.key] = count
      }
    case ("attributes", .table(let members)):
      for attribute in members {
        guard case .text(let value) = attribute.node, attributes.mayHave(attribute.key),
          attribute.key.utf8.count <= Limits.metadataBytes, value.utf8.count <= Limits.metadataBytes
        else {
          throw wrong("texts by name: { zone = \"a\" }, none of them cpu, memory_bytes, devices or confirms_stops")
        }
        attributes.append(WorkerMetadata.Attribute(key: attribute.key, value: value))
      }
    case ("driver", .text(let text)):
      guard let choice = DriverChoice(rawValue: text) else { throw wrong("auto, systemd or process") }
      driver = choice
    case ("users", .array(let elements)):
      var users: [String] = []
      for element in elements {
        guard case .text(let user) = element else { throw wrong("a list of users") }
        users.append(user)
      }
      policy.users = users
    case ("credentials", .array(let elements)):
      for element in elements {
        guard case .text(let name) = element else { throw wrong("a list of names") }
        policy.credentials.insert(name)
      }
    case ("allow_root", .boolean(let isSet)): policy.allowsRoot = isSet
    case ("max_tasks", .integer(let count)) where (1...10_000).contains(count): maximumTasks = Int(count)
    default:
      guard Self.keys.contains(member.key) else {
        throw ConfigurationProblem(
          key: member.key, expected: "only \(Self.keys.joined(separator: ", "))", came: "a key of another name")
      }
      throw wrong(Self.expected[member.key] ?? "a value of another type")
    }
  }

  private static let expected = [
    "name": "a text", "address": "a text", "cpu": "a number of processors: 2, \"0.5\"", "memory": "a size: \"4G\"",
    "devices": "a table of integers: { gpu = 2 }", "attributes": "a table of texts: { zone = \"a\" }",
    "driver": "auto, systemd or process", "users": "a list of users", "allow_root": "true or false",
    "credentials": "a list of names",
    "max_tasks": "1 to 10000",
  ]

  /// - Parameter stateFolder: where the output of tasks is, if the driver has it in files.
  func metadata(driver: String, stateFolder: String?) -> WorkerMetadata {
    var attributes = attributes
    for (key, value) in [("driver", driver), ("state_folder", stateFolder ?? "")] where !value.isEmpty {
      if attributes.mayHave(key) { attributes.append(WorkerMetadata.Attribute(key: key, value: value)) }
    }
    return WorkerMetadata(capacity: capacity, confirmsStops: true, attributes: attributes)
  }
}

extension Machine {
  static func hostName() -> String {
    let text = TextFile.head("/proc/sys/kernel/hostname")
    let name = text.split(separator: "\n").first.map(String.init) ?? ""
    return name.isEmpty ? "worker" : String(name.prefix(WorkerSettings.longestName))
  }

  static func processors() -> Int { max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1) }

  /// Of this boot of the machine, 36 characters.
  static func bootID() -> String {
    String(TextFile.head("/proc/sys/kernel/random/boot_id").prefix { $0 != "\n" })
  }

  /// In bytes.
  static func memoryBytes() -> Int64 {
    let line = TextFile.head("/proc/meminfo").split(separator: "\n").first { $0.hasPrefix("MemTotal:") }
    return (line?.split(separator: " ").dropFirst().first.flatMap { Int64($0) } ?? 0) * 1024
  }

  static func graphicsProcessors() -> Int {
    let names = (try? Folder.names(in: "/dev")) ?? []
    return names.count { $0.hasPrefix("nvidia") && Int($0.dropFirst("nvidia".count)) != nil }
  }
}
