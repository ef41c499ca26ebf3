import Controller
import EventModel

extension ControllerState {
  /// Goes on with other settings, as a dispatcher that was started with them does.
  public mutating func configure(_ settings: [ControllerSetting: Int64]) {
    var configuration = configuration
    for (setting, value) in settings { configuration[setting] = value }
    configure(configuration)
  }
}
