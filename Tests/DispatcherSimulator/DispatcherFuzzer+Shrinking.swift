import Platform

extension DispatcherFuzzer {
  /// Leaves out of a failure's script what it does not need to fail alike.
  ///
  /// - Parameters:
  ///   - runs: of shorter scripts, at the most.
  ///   - cpuSeconds: after which no further one is begun.
  public func shrink(_ failure: Failure, runs: Int = 400, cpuSeconds: Double = 60) -> Failure {
    let endNs = Clock.processCPUNs() + UInt64(cpuSeconds * 1e9)
    var best = failure
    var runsLeft = runs
    var chunk = max(1, failure.script.count / 2)
    while true {
      var start = 0
      var hasShrunk = false
      while start < best.script.count {
        guard runsLeft > 0, Clock.processCPUNs() < endNs else { return best }
        runsLeft -= 1
        var shorter = best.script
        shorter.removeSubrange(start..<min(start + chunk, shorter.count))
        if let again = run(seed: failure.seed, profile: failure.profile, script: shorter), again.check == best.check {
          best = again
          hasShrunk = true
        } else {
          start += chunk
        }
      }
      if chunk > 1 {
        chunk /= 2
      } else if !hasShrunk {
        return best
      }
    }
  }
}
