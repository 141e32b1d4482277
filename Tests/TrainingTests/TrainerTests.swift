import Testing

/// The switch that Ctrl-C turns is one for the whole process, so all trainers are tested one after
/// another.
@Suite(.serialized) struct TrainerTests {}
