// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// swift-format-ignore-file
import EventModel

extension StateDigest {
  mutating func add(_ request: borrowing JobRequest) {
    add(Int64(request.replicas))
    add(Int64(request.maxRetriesFailure))
    add(Int64(request.maxRetriesPreemption))
    add(Int64(request.maxTaskFailures))
    add(request.coscheduled ? 1 : 0 as UInt64)
    add(request.resources.milliCPU)
    add(request.resources.memoryBytes)
    add(request.resources.devices)
    add(Int64(request.priority))
    add(request.constraints)
    add(request.schedulingTimeoutMs)
    add(request.runTimeoutMs)
    add(request.retryDelayMs)
    add(request.retryDelayMaxMs)
    add(UInt64(request.ifExists.rawValue))
    add(request.parent)
    add(request.owner)
    add(request.submitter)
    add(request.submitterUid)
    add(request.reason)
    add(request.specification)
  }
}
