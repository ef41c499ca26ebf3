import Controller
import EventJSON
import EventModel
import Simulator

/// Makes a failing list of steps smaller while it still fails.
public struct Shrinker<Judge: StepJudge> {
  /// Runs that one search may take.
  public static var maxRuns: Int { 20_000 }

  private let fuzzer: Fuzzer<Judge>
  private var runs = 0

  public init(_ fuzzer: Fuzzer<Judge>) {
    self.fuzzer = fuzzer
  }

  /// A list that fails, of which no step and hardly a field can be left out; `steps` itself when they do not fail.
  public mutating func shrink(_ steps: [ScriptStep]) -> [ScriptStep] {
    // What a call of the scheduler alone has shown, one that places all that it can may show too.
    guard var best = failing(steps) ?? failing(steps.dropLast() + [.place]) else { return steps }
    // Names outlive the removal of other steps, handles do not.
    if let named = failing(HandleNaming(configuration: fuzzer.configuration).named(best)) { best = named }
    var isSmaller = true
    while isSmaller, runs < Self.maxRuns {
      let size = best.count
      removeChunks(&best)
      let isSimpler = simplify(&best)
      isSmaller = best.count < size || isSimpler
    }
    return best
  }

  /// The steps up to the failure, when they fail.
  private mutating func failing(_ steps: [ScriptStep]) -> [ScriptStep]? {
    runs += 1
    guard let failure = fuzzer.replay(steps).failure else { return nil }
    return Array(steps.prefix(failure.stepIndex + 1))
  }

  /// Half of the steps, a quarter, …, single ones.
  private mutating func removeChunks(_ best: inout [ScriptStep]) {
    var size = max(best.count / 2, 1)
    while runs < Self.maxRuns {
      var start = 0
      while start < best.count, runs < Self.maxRuns {
        var candidate = best
        candidate.removeSubrange(start..<min(start + size, best.count))
        if let smaller = failing(candidate) { best = smaller } else { start += size }
      }
      if size == 1 { return }
      size /= 2
    }
  }

  /// Each step in simpler forms. Did any do?
  private mutating func simplify(_ best: inout [ScriptStep]) -> Bool {
    var isSimpler = false
    var index = 0
    while index < best.count {
      for simpler in best[index].simplerForms where runs < Self.maxRuns {
        var candidate = best
        candidate[index] = simpler
        guard let smaller = failing(candidate) else { continue }
        best = smaller
        isSimpler = true
        break
      }
      index += 1
    }
    return isSimpler
  }
}

/// Puts names in the place of handles, by the state in which each step finds them.
struct HandleNaming {
  let configuration: ControllerConfiguration

  func named(_ steps: [ScriptStep]) -> [ScriptStep] {
    var controller = ScriptedController(configuration: configuration)
    var named: [ScriptStep] = []
    for step in steps {
      named.append(step.named(by: controller.state))
      _ = controller.take(step)
    }
    return named
  }
}
