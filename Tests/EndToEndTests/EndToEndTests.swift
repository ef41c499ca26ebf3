import Testing

/// The promises to a user, kept by the real executables as processes. One at a time: they share two processors with
/// everything else.
@Suite(.serialized) struct EndToEndTests {}
