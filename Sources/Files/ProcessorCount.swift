import CProcessor

/// How many processors this process may run on: fewer than the machine has where an affinity or a
/// cpuset says so.
public let processorCount = Int(processor_count())
