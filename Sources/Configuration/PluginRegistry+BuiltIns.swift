import Controller
import EventBus

/// What every `ringmasterd` offers.
extension PluginRegistry {
  mutating func registerBuiltIns() {
    register(policy: FirstFit().name) { _ in FirstFit() }
    register(policy: LeastLoaded().name) { _ in LeastLoaded() }
    register(policy: BestFit().name) { _ in BestFit() }
    register(observer: FailureLog.name) { FailureLog(log: $0.log) }
    register(observer: FailureLog.lossesName) { FailureLog(log: $0.log, logsLossesOnly: true) }
    register(deadLetterSink: "none") { _ in DiscardingDeadLetterSink() }
    register(deadLetterSink: "log") { LoggingDeadLetterSink(log: $0.log) }
  }
}
