#if Fuzz
  import Dispatcher
  import DispatcherSimulator
  import Glibc

  /// libFuzzer's own main function, as a function.
  @_silgen_name("LLVMFuzzerRunDriver")
  private func runDriver(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ run: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
  ) -> Int32

  enum Fuzzer {
    nonisolated(unsafe) private static var target = FuzzTarget.records
    nonisolated(unsafe) private static var counters: SteppedDispatcher.Counters?

    /// Does not return before libFuzzer ends.
    static func run(_ target: FuzzTarget, _ arguments: [String]) throws {
      self.target = target
      counters = try SteppedDispatcher.Counters(instance: "fuzz-\(getpid())")
      // libFuzzer ends the process itself.
      atexit { Fuzzer.counters = nil }
      let arguments = arguments + ["-max_len=\(FuzzSeeds.inputBytes)"]
      var count = Int32(arguments.count)
      let strings = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: arguments.count + 1)
      for (index, argument) in arguments.enumerated() { strings[index] = strdup(argument) }
      strings[arguments.count] = nil
      var pointer = strings
      let code = runDriver(&count, &pointer) { bytes, count in
        Fuzzer.take(UnsafeRawBufferPointer(start: bytes, count: count))
        return 0
      }
      guard code == 0 else { exit(code) }
    }

    private static func take(_ bytes: UnsafeRawBufferPointer) {
      do {
        try target.take([UInt8](bytes)) {
          try DispatcherProbe(instance: "fuzz-\(getpid())", counters: counters!)
        }
      } catch {
        preconditionFailure("\(error)")
      }
    }
  }
#endif
