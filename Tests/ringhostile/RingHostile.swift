import ArgumentParser
import CRingmaster
import CTestSystem
import EventJSON
import Glibc
import Platform
import RawPeers

/// Does to a real dispatcher what a hostile peer could do.
@main
struct RingHostile: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ringhostile",
    abstract: "Does to a running dispatcher what a hostile peer could do, and tells what came of it.",
    discussion: """
      Acts: \(Act.allCases.map(\.rawValue).joined(separator: ", ")).

      Exits 0 when the dispatcher refused it or put it out with a reason, 3 when it is still attached after the time, \
      4 when the connection was closed without a word, and 1 when the act itself failed. Prints one object of JSON.
      """,
    subcommands: [ActCommand.self, DatagramsCommand.self, HoldThreadCommand.self],
    defaultSubcommand: ActCommand.self)
}

struct ActCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "act", abstract: "One act.")

  @Argument var act: Act
  @Option var socket = "/run/ringmaster/control.sock"
  @Option(help: "ingest, control or observe.") var role = HostileRole.control
  @Option(help: "Connections or peers at once, or how often.") var count = 300
  @Option(help: "How long to go on, or to wait for an answer.") var seconds = 8

  func run() throws {
    signal(SIGPIPE, SIG_IGN)
    let peer = HostilePeer(path: socket, role: role.code, count: count, seconds: seconds)
    let outcome = try peer.perform(act)
    let line: JSONValue = .object([
      JSONValue.Member("act", .string(act.rawValue)),
      JSONValue.Member("pid", .integer(Int64(getpid()))),
      JSONValue.Member("answer", .string(outcome.answer.word.rawValue)),
      JSONValue.Member("code", .integer(Int64(outcome.answer.code))),
      JSONValue.Member("reason", .string(outcome.answer.reason)),
      JSONValue.Member("peer", .integer(Int64(outcome.peer))),
      JSONValue.Member("times", .integer(Int64(outcome.times))),
    ])
    try StandardStream.output.writeLine(line.text)
    switch outcome.answer.word {
    case .refused, .closed: return
    case .attached, .nothing: throw ExitCode(3)
    case .hungUp: throw ExitCode(4)
    }
  }
}

struct HoldThreadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hold-thread",
    abstract: "Stops one thread of a process, as a debugger does, until the process is gone. Needs root.")

  @Argument var pid: Int32
  @Argument var thread: String

  func run() throws {
    let held = test_hold_thread(pid, thread)
    guard held >= 0 else { throw SystemError("stop the thread \(thread) of process \(pid)", code: -held) }
    try StandardStream.output.writeLine("thread \(held) is held")
    let code = test_await_end_of_thread(held)
    guard code == 0 else { throw SystemError("wait for the end of thread \(held)", code: -code) }
  }
}

extension Act: ExpressibleByArgument {}

/// As a peer asks to be attached.
enum HostileRole: String, ExpressibleByArgument {
  case ingest, control, observe

  var code: UInt32 {
    switch self {
    case .ingest: RM_ROLE_INGEST
    case .control: RM_ROLE_CONTROL
    case .observe: RM_ROLE_OBSERVE
    }
  }
}
