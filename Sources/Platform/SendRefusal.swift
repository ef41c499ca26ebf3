import Glibc

/// Errors of UDP sockets that say nothing about the datagram at hand.
public enum SendRefusal {
  /// The answer to an earlier datagram, reported on whatever call comes next: nobody listens there, no way to it.
  public static func isOfEarlierDatagram(_ code: Int32) -> Bool {
    code == ECONNREFUSED || code == EHOSTUNREACH || code == ENETUNREACH || code == EHOSTDOWN
  }

  /// The kernel has no room now and may have some soon.
  public static func isTemporary(_ code: Int32) -> Bool {
    code == EAGAIN || code == ENOBUFS || code == ENOMEM
  }
}
