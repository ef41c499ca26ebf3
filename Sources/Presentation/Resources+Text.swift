import ArgumentParser
import EventJSON
import EventModel
import Terminal

extension Resource {
  /// So much of it, for people: `2.5 cpus`, `72 GiB of memory`, `2 of gpu`.
  public func text(_ amount: Int64) -> String {
    switch self {
    case .cpu: "\(number(amount)) cpus"
    case .memory: "\(number(amount)) of memory"
    case .device(let name): "\(number(amount)) of \(name)"
    }
  }

  /// The amount alone.
  public func number(_ amount: Int64) -> String {
    switch self {
    case .cpu: JSONValue.cpus(milliCPU: amount).text
    case .memory: HumanNumber.bytes(UInt64(max(amount, 0)))
    case .device: "\(amount)"
    }
  }
}

extension Shortage {
  public var text: String { "\(resource.text(missing)) are missing" }
}

extension Resources {
  /// `2 of 8 cpus, 1 GiB of 4 GiB of memory, 1 of 2 of gpu`.
  public func text(of total: Resources) -> String {
    var parts = ["\(cpuText) of \(Resource.cpu.text(total.milliCPU))"]
    if total.memoryBytes > 0 || memoryBytes > 0 {
      parts.append("\(memoryText) of \(Resource.memory.text(total.memoryBytes))")
    }
    parts += names(with: total).map { "\(devices[$0]) of \(Resource.device($0).text(total.devices[$0]))" }
    return parts.joined(separator: ", ")
  }

  public var cpuText: String { Resource.cpu.number(milliCPU) }
  var memoryText: String { Resource.memory.number(memoryBytes) }

  /// `gpu 1 of 2`, for a cell of a table.
  func devicesText(of total: Resources) -> String {
    let texts = names(with: total).map { "\($0) \(devices[$0]) of \(total.devices[$0])" }
    return texts.isEmpty ? "-" : texts.joined(separator: ", ")
  }

  /// `2 cpus, 1 GiB, gpu 1`, for a cell of a table.
  var shortText: String {
    let memory = memoryBytes > 0 ? [memoryText] : []
    return (["\(cpuText) cpus"] + memory + devices.all.map { "\($0.name) \($0.count)" }).joined(separator: ", ")
  }

  private func names(with total: Resources) -> [String] {
    total.devices.all.map(\.name) + devices.all.map(\.name).filter { total.devices[$0] == 0 }
  }
}

/// Processors as people type them: `1`, `0.5`, `0.001`.
public struct CPUArgument: ExpressibleByArgument {
  /// In thousandths.
  private let amount: Int64

  public var resources: Resources { Resources(milliCPU: amount) }

  public init(amount: Int64) {
    self.amount = amount
  }

  public init?(argument: String) {
    guard argument.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }), let cpus = Double(argument) else {
      return nil
    }
    let amount = cpus * 1000
    // Decimal fractions are not exact in binary: what is within a millionth of a thousandth is meant.
    guard amount <= Double(Limits.milliCPU.upperBound), (amount - amount.rounded()).magnitude < 1e-6 else { return nil }
    self.amount = Int64(amount.rounded())
  }

  public var defaultValueDescription: String { Resource.cpu.number(amount) }
}

/// Memory as people type it: `4096`, `512M`, `1.5G`, in powers of 1024.
public struct MemoryArgument: ExpressibleByArgument {
  public let bytes: Int64

  public init(bytes: Int64) {
    self.bytes = bytes
  }

  public init?(argument: String) {
    let units = ["K", "M", "G", "T", "P"]
    var number = argument.hasSuffix("iB") ? argument.dropLast(2) : argument[...]
    var unit = 1.0
    if let power = units.firstIndex(where: { number.hasSuffix($0) }) {
      number = number.dropLast()
      for _ in 0...power { unit *= 1024 }
    }
    guard number.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }), let value = Double(number) else {
      return nil
    }
    let bytes = value * unit
    guard bytes == bytes.rounded(), bytes <= Double(Limits.memoryBytes.upperBound) else { return nil }
    self.bytes = Int64(bytes)
  }

  public var defaultValueDescription: String { bytes == 0 ? "0" : Resource.memory.number(bytes) }
}

/// Devices as people type them: `gpu=2`.
public struct DeviceArgument: ExpressibleByArgument {
  public let name: String
  public let count: Int64

  public init?(argument: String) {
    guard let sign = argument.lastIndex(of: "="), let count = Int64(argument[argument.index(after: sign)...]),
      Limits.deviceCount.contains(count), sign > argument.startIndex
    else { return nil }
    name = String(argument[..<sign])
    self.count = count
  }
}
