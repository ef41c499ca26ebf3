import ArgumentParser
import EventModel
import Platform
import Presentation

/// What a job says for its workers: the program and how it is stopped.
struct ProgramOptions: ParsableArguments {
  @Argument(
    parsing: .postTerminator, help: ArgumentHelp("Behind --: the program and its arguments.", valueName: "command"))
  var command: [String] = []

  @Option(help: ArgumentHelp("A script to run instead of a command.", valueName: "file"), completion: .file())
  var script: String?

  @Option(help: ArgumentHelp("A variable of its environment. As often as there are any.", valueName: "name=value"))
  var env: [AttributeArgument] = []

  @Option(help: ArgumentHelp("Where it runs.", valueName: "folder"))
  var workingDirectory: String?

  @Option(help: ArgumentHelp("As whom it runs.", valueName: "name"))
  var user: String?

  @Option(help: ArgumentHelp("From its stop signal to its kill.", valueName: "duration"))
  var stopTimeout: DurationArgument?

  @Option(help: ArgumentHelp("The signal that asks it to end: SIGTERM, SIGINT.", valueName: "signal"))
  var stopSignal: String?

  @Option(help: ArgumentHelp("What its worker does with it while it is cut off: stop or continue.", valueName: "what"))
  var whenCutOff: WhenCutOff?

  @Option(help: ArgumentHelp("Processes and threads that it may have.", valueName: "count"))
  var tasksMax: Int64?

  @Option(
    help: ArgumentHelp(
      "The name of a secret on its worker that it may read. As often as there are any.", valueName: "name")
  )
  var credential: [String] = []

  @Option(help: ArgumentHelp("How far it is kept from its machine: default or strict.", valueName: "how"))
  var sandbox: Sandbox?

  /// What a file says, with what is given here in its place.
  ///
  /// - Throws: `CommandFailure` when the script cannot be read, or it is more than may be.
  func changed(_ base: Specification) throws -> Specification {
    var fields = base.fields
    if !command.isEmpty { (fields.command, fields.script) = (command, nil) }
    if let script {
      let bytes = try TextFile.contents(script, maximumBytes: Limits.specificationBytes)
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw CommandFailure("--script: expected UTF-8, and \(script) is none")
      }
      fields.script = text
      if command.isEmpty { fields.command = [] }
    }
    // A name given twice here is a fault, one that the file has is replaced.
    fields.environment.removeAll { variable in env.contains { $0.key == variable.name } }
    fields.environment += env.map { Specification.Variable(name: $0.key, value: $0.value) }
    fields.workingDirectory = workingDirectory ?? fields.workingDirectory
    fields.user = user ?? fields.user
    fields.stopTimeoutMs = stopTimeout?.milliseconds ?? fields.stopTimeoutMs
    fields.stopSignal = stopSignal ?? fields.stopSignal
    fields.whenCutOff = whenCutOff ?? fields.whenCutOff
    fields.tasksMax = tasksMax ?? fields.tasksMax
    if !credential.isEmpty { fields.credentials = credential }
    fields.sandbox = sandbox ?? fields.sandbox
    let specification = Specification(fields)
    if let fault = specification.fault {
      throw CommandFailure("\(fault.field): expected \(fault.expected), got \(fault.actual)")
    }
    return specification
  }
}

/// `key=value`, as people type it.
struct AttributeArgument: ExpressibleByArgument {
  let key: String
  let value: String

  init?(argument: String) {
    // By bytes: a sign that combines with the one before it would be cut off with that.
    let bytes = argument.utf8
    guard let sign = bytes.firstIndex(of: UInt8(ascii: "=")), sign > bytes.startIndex else { return nil }
    key = String(Substring(bytes[..<sign]))
    value = String(Substring(bytes[bytes.index(after: sign)...]))
  }
}

extension IfExists: ExpressibleByArgument {
  public static var allValueStrings: [String] { allCases.map(\.name) }

  public init?(argument: String) { self.init(name: argument) }
}

extension WhenCutOff: ExpressibleByArgument {
  public static var allValueStrings: [String] { allCases.map(\.name) }

  public init?(argument: String) { self.init(name: argument) }
}

extension Sandbox: ExpressibleByArgument {
  public static var allValueStrings: [String] { allCases.map(\.name) }

  public init?(argument: String) { self.init(name: argument) }
}
