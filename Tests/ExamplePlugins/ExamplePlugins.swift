import Configuration

/// Registers all parts of this module.
public func registerExamplePlugins(_ registry: inout PluginRegistry) {
  registry.register(middleware: "owner-required") { _ in OwnerRequired() }
  registry.register(observer: "job-register") { JobRegister(log: $0.log) }
  registry.register(deadLetterSink: "notice") { DeadLetterNotice(log: $0.log) }
  registry.register(policy: "last-fit") { _ in LastFit() }
  registry.register(policy: "hostile") { _ in HostilePolicy() }
}
