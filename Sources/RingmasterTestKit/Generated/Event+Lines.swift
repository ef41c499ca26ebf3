// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// swift-format-ignore-file
import EventModel

extension Event {
  static let sampleLines = [
    #"{"type":"WORKER_REGISTERED","worker_id":"w1","address":"10.0.0.1:8080","metadata":{"cpu":4,"memory_bytes":68719476736,"devices":{"gpu":2},"confirms_stops":true,"zone":"a"},"incarnation":"boot-7","timestamp_ms":1767225600000}"#,
    #"{"type":"WORKER_HEARTBEAT","worker_id":"w1","timestamp_ms":1767225600000}"#,
    #"{"type":"WORKER_HEARTBEAT_FAILED","worker_id":"w1","error":"connection refused","timestamp_ms":1767225600000}"#,
    #"{"type":"WORKER_FAILED","worker_id":"w1","error":"disk","timestamp_ms":1767225600000}"#,
    #"{"type":"WORKER_RECONCILED","worker_id":"w1","reported":[["train/task-0",1]],"timestamp_ms":1767225600000}"#,
    #"{"type":"JOB_SUBMITTED","job_id":"train","request":{"replicas":3,"max_retries_failure":1,"max_retries_preemption":100,"max_task_failures":0,"coscheduled":false,"cpu":1.5,"memory_bytes":536870912,"devices":{"gpu":1},"priority":10,"require":{"arch":["arm64","x86-64"],"zone":"a"},"forbid":{"disk":"slow"},"scheduling_timeout_ms":60000,"run_timeout_ms":3600000,"retry_delay_ms":1000,"retry_delay_max_ms":300000,"if_exists":"keep","parent":"pipeline","owner":"ana","submitter":"ana","submitter_uid":1000,"reason":"nightly run","command":["python","train.py"],"environment":{"LANG":"C"},"working_directory":"/srv","user":"ana","stop_timeout_ms":10000,"stop_signal":"SIGINT","when_cut_off":"stop","tasks_max":100,"credentials":["db-password"],"sandbox":"strict"},"timestamp_ms":1767225600000}"#,
    #"{"type":"JOB_CANCELLED","job_id":"train","reason":"wrong data","timestamp_ms":1767225600000}"#,
    #"{"type":"TASK_ASSIGNED","task_id":"train/task-0","worker_id":"w1","timestamp_ms":1767225600000}"#,
    #"{"type":"TASK_STATE_CHANGED","task_id":"train/task-0","attempt_id":1,"new_state":"FAILED","error":"out of memory","exit_code":137,"end_reason":"exited","cpu_ms":1500,"peak_memory_bytes":1048576,"timestamp_ms":1767225600000}"#,
    #"{"type":"TASK_PREEMPTED","task_id":"train/task-0","reason":"maintenance","timestamp_ms":1767225600000}"#,
    #"{"type":"ENDPOINT_REGISTERED","task_id":"train/task-0","endpoint":"10.0.0.1:9000","timestamp_ms":1767225600000}"#,
    #"{"type":"PRUNE","now_ms":1767225600000}"#,
    #"{"type":"BRAKE_OVERRIDDEN","zone":"a","reason":"the rack burned","timestamp_ms":1767225600000}"#,
    #"{"type":"WORKER_DRAIN","worker_id":"w1","reason":"new disk","submitter":"ana","grace_ms":600000,"timestamp_ms":1767225600000}"#,
    #"{"type":"WORKER_RESUMED","worker_id":"w1","reason":"disk replaced","timestamp_ms":1767225600000}"#,
    #"{"type":"TASK_STOPPED","task_id":"train/task-0","attempt_id":1,"error":"killed after 10 s","exit_code":143,"end_reason":"stopped","cpu_ms":1500,"peak_memory_bytes":1048576,"timestamp_ms":1767225600000}"#,
  ]
}
