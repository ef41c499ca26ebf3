import Glibc
import Platform
import Telemetry

/// The counters that the tests of this target write.
enum TestCounter: String, CounterLabel {
  case handled = "events_handled"
  case dropped = "events_dropped"
  case depth = "queue_depth"
}

/// A page's enum with one case takes no byte in memory.
enum LoneCounter: String, CounterLabel {
  case only = "the_only_one"
}

/// An instance name that no other test uses at the same time.
func uniqueInstance(_ test: String = #function) -> String {
  let letters = test.prefix { $0.isLetter || $0.isNumber }
  return "test-\(Machine.processID())-\(letters)"
}

func objectName(instance: String, process: String = "writer") -> String {
  "/ringmaster.\(instance).\(process).counters"
}

/// What other processes see of an object, through a mapping of its own.
func withWritablePage(_ name: String, _ body: (UnsafeMutableRawPointer) -> Void) throws {
  let memory = try SharedMemory.open(name: name, writable: true, guarded: false)
  body(memory.base)
}
