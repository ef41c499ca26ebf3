/// What a unit executes for an attempt.
///
/// Over the bus systemd expands no %-specifiers, and no variables either in arguments without a `$` or with the flag
/// "no-env-expand": they arrive byte for byte. A script that names its interpreter must be a file. It is given to the unit as
/// a credential: a file in memory that only the task's user can read, and that goes away with the unit. %d would be expanded
/// in unit files alone, so the path is written out.
struct TaskCommand: Hashable {
  static let scriptCredential = "ringmaster-script"

  /// Absolute, or a name to be searched for.
  var path: String
  var arguments: [String]
  /// Where to search for it; empty: systemd's own default.
  var searchPath: [String] = []
  var script: [UInt8]?

  init(_ launch: TaskLaunch, unit: String) {
    if let script = launch.script {
      if let interpreter = Self.interpreter(script) {
        self.script = Array(script.utf8)
        arguments = interpreter + ["/run/credentials/\(unit)/\(Self.scriptCredential)"]
      } else {
        arguments = ["/bin/sh", "-c", script]
      }
    } else {
      arguments = launch.command
    }
    path = arguments.first ?? ""
    if path.hasPrefix("/") { return }
    if path.contains("/") {
      path = "\(launch.workingDirectory ?? "")/\(path)"
    } else if let value = launch.environment.last(where: { $0.name == "PATH" })?.value {
      searchPath = value.split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
    }
  }

  /// When systemd reloads, it reads again what it wrote down of each unit, and executes that where it has not executed it
  /// yet. systemd 252 writes `$` and `;` in a way that it does not read as the same. So commands with these go in
  /// ExecStartEx, which it cannot read at all: such a unit is refused instead of run with other arguments, and is started
  /// anew. One that runs already is a "bad-setting" after a reload, and runs like any other.
  var property: UnitProperty {
    let first = path.utf8.first ?? 0
    let isPlain =
      (first == UInt8(ascii: "/") || first == UInt8(ascii: "_") || Unicode.Scalar(first).properties.isAlphabetic)
      && !arguments.contains { $0.utf8.contains { $0 == UInt8(ascii: "$") || $0 == UInt8(ascii: ";") } }
    return isPlain
      ? UnitProperty("ExecStart", .command(path: path, arguments: arguments))
      : UnitProperty(
        "ExecStartEx", .flaggedCommand(path: path, arguments: arguments, flags: ["no-env-expand"]))
  }

  /// The first line of a script as Linux reads it: an interpreter and at most one argument.
  static func interpreter(_ script: String) -> [String]? {
    guard script.hasPrefix("#!") else { return nil }
    let line = script.utf8.dropFirst(2).prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    let words = line.split(maxSplits: 1) { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    guard let program = words.first else { return nil }
    var rest = words.dropFirst().first ?? line.suffix(0)
    let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    rest = rest.drop(while: isBlank)
    while let last = rest.last, isBlank(last) { rest.removeLast() }
    let argument = String(decoding: rest, as: UTF8.self)
    return [String(decoding: program, as: UTF8.self)] + (argument.isEmpty ? [] : [argument])
  }
}
