import ArgumentParser
import Testing

@testable import ringperf

@Suite struct ArgumentTests {
  @Test(arguments: [("0,1", [0, 1]), ("3", [3]), ("2-4", [2, 3, 4]), ("0,2-3", [0, 2, 3]), ("any", [])])
  func cpuListsAreParsed(_ text: String, _ cpus: [Int]) {
    #expect(CPUList(argument: text)?.cpus == cpus)
  }

  @Test(arguments: ["", "a", "1,", ",1", "3-1", "-1", "0,0", "0-1-2", "5000"])
  func whatIsNoCPUListIsRefused(_ text: String) {
    #expect(CPUList(argument: text) == nil)
  }

  @Test func theSidesGetTheFirstAndTheSecondProcessor() {
    #expect(CPUList([4, 7]).own == [4])
    #expect(CPUList([4, 7]).other == [7])
    #expect(CPUList([4]).other == [4])
    #expect(CPUList([]).other.isEmpty)
  }

  @Test func countListsAreParsed() {
    #expect(CountList(argument: "1000,100000")?.counts == [1000, 100_000])
    #expect(CountList(argument: "0") == nil)
    #expect(CountList(argument: "1,x") == nil)
    #expect(CountList(argument: "") == nil)
  }

  @Test(arguments: ["63", "100", "2097152", "-64", "x"])
  func aCapacityIsAPowerOfTwoWithinTheLimits(_ text: String) {
    #expect(RingCapacity(argument: text) == nil)
  }

  @Test func aStreamTakesItsOptions() throws {
    let command = try StreamCommand.parse([
      "--batch", "64", "--capacity", "1024", "--producers", "16", "--repeats", "9", "--cpus", "0", "--threads",
      "--json",
    ])
    #expect(command.batch == 64)
    #expect(command.capacity.slots == 1024)
    #expect(command.producers == 16)
    #expect(command.rounds.repeats == 9)
    #expect(command.threads)
    #expect(command.output.json)
  }

  @Test(arguments: [
    ["stream", "--repeats", "0"], ["stream", "--producers", "0"], ["stream", "--batch", "-1"],
    ["pingpong", "--records", "1"], ["dispatch", "--rate", "0"], ["heartbeat", "--workers", "0"],
    ["heartbeat", "--feeders", "0"], ["controller", "--tasks", "0"], ["controller", "--population", "1"],
    ["udp", "--per-datagram", "181"], ["idle", "--rings", "2000"], ["floor", "--warmup", "-1"], ["nonsense"],
  ])
  func whatCannotBeIsRefused(_ arguments: [String]) {
    #expect(throws: (any Error).self) { try Ringperf.parseAsRoot(arguments) }
  }

  @Test(arguments: [
    "stream", "pingpong", "floor", "idle", "dispatch", "heartbeat", "udp", "controller", "compare", "goals",
    "report",
  ])
  func everySubcommandTellsItsJSON(_ name: String) throws {
    let command = try #require(Ringperf.configuration.subcommands.first { $0._commandName == name })
    #expect(command.configuration.discussion.contains("JSON: "))
  }
}
