import ArgumentParser

/// A span of time as people type it: `100ms`, `1s`, `1.5s`, `2m`, `1h`.
public struct DurationArgument: ExpressibleByArgument, CustomStringConvertible {
  public let milliseconds: Int64

  private static let units: [(suffix: String, milliseconds: Double)] = [
    ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000),
  ]
  private static let longestMs = 1e12

  public init(milliseconds: Int64) {
    self.milliseconds = milliseconds
  }

  public init?(argument: String) {
    guard let unit = Self.units.first(where: { argument.hasSuffix($0.suffix) }) else { return nil }
    let number = argument.dropLast(unit.suffix.count)
    guard number.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }), let value = Double(number) else {
      return nil
    }
    let milliseconds = value * unit.milliseconds
    guard milliseconds == milliseconds.rounded(), milliseconds <= Self.longestMs else { return nil }
    self.milliseconds = Int64(milliseconds)
  }

  public var description: String {
    milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
  }

  public var defaultValueDescription: String { description }
}
