import ArgumentParser
import CRingmaster
import Foundation
import Platform

/// Runs in a child before its program does: ties its life to the benchmark's, takes its processors, becomes the program.
struct LaunchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "launch", shouldDisplay: false)

  @Option var parent: Int32
  @Option var cpus: CPUList
  @Argument(parsing: .postTerminator) var program: [String]

  func run() throws {
    let code = rm_set_parent_death_signal(SIGTERM)
    guard code == 0 else { throw SystemError("ask to end with the parent process", code: -code) }
    // The parent may have ended before it was asked for.
    guard getppid() == parent else { throw ExitCode.failure }
    try CPUList.pin(cpus.cpus)
    var none = sigset_t()
    sigemptyset(&none)
    sigprocmask(SIG_SETMASK, &none, nil)
    var words: [UnsafeMutablePointer<CChar>?] = program.map { strdup($0) } + [nil]
    execv(program[0], &words)
    throw SystemError.last("start \(program[0])")
  }
}
