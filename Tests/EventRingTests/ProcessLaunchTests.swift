import Glibc
import Platform
import Testing

@Suite struct ProcessLaunchTests {
  @Test func bothStreamsAndTheEndOfAProgramAreKept() throws {
    // More than a pipe holds, on both at once.
    let text = String(repeating: "a line of text\n", count: 20_000)
    let outcome = try ProcessLaunch.run(["/bin/sh", "-c", "tee /dev/stderr; exit 3"], input: text)
    #expect(outcome.end == .code(3))
    #expect(outcome.output == text && outcome.errors == text)
  }

  @Test func anEndBySignalIsTold() throws {
    #expect(try ProcessLaunch.run(["/bin/sh", "-c", "kill -9 $$"]).end == .signal(SIGKILL))
  }

  @Test func aProgramThatIsNotThereIsNamed() {
    #expect(throws: SystemError.self) { try ProcessLaunch.run(["/no/such/program"]) }
  }

  @Test func aRunningProcessHasNoEnd() throws {
    let pid = try ProcessLaunch(["/bin/sleep", "600"]).start()
    #expect(ProcessLaunch.end(of: pid, waits: false) == nil)
    kill(pid, SIGTERM)
    #expect(ProcessLaunch.end(of: pid, waits: true) == .signal(SIGTERM))
  }
}
