import DispatcherSettings
import Logging
import Platform
import ServiceManager

/// The socket that peers attach by: the service manager's, or one of the dispatcher's own, whose path goes with it.
package struct ControlListener: ~Copyable, Sendable {
  package let socket: PacketSocket
  private let ownPath: String?

  private init(socket: consuming PacketSocket, ownPath: String?) {
    self.socket = socket
    self.ownPath = ownPath
  }

  deinit {
    if let ownPath { PacketSocket.removePath(ownPath) }
  }

  package static func open(_ configuration: DispatcherConfiguration, _ log: Logger) throws -> ControlListener {
    if let inherited = try ServiceManager.seqpacketListener() {
      log.info("listening on the service manager's socket", metadata: ["instance": "\(configuration.instance)"])
      return ControlListener(socket: PacketSocket(owning: inherited), ownPath: nil)
    }
    let path = configuration.socketPath
    let listener = ControlListener(socket: try PacketSocket.listen(path: path), ownPath: path)
    log.info("listening", metadata: ["socket": "\(path)", "instance": "\(configuration.instance)"])
    return listener
  }
}
