import Datasets
import Glibc
import ModelFiles
import TestSupport
import Testing
import Training

/// What every task can rely on, for every task there is.
@Suite struct TaskTests {
  private static let kept = ["log.csv", "best.safetensors", "last.checkpoint", "config.json"]

  private func trainer(
    _ tested: TestedTask, _ folder: RunFolder, _ options: TestedTask.Options = .init(),
    seed: UInt64 = 5, saveInterval: Double = 300, interruption: Interruption = Interruption()
  ) throws -> Trainer {
    try Trainer(
      tested.make(options),
      settings: TrainingSettings(seed: seed, threads: 1, saveInterval: saveInterval),
      folder: folder, interruption: interruption)
  }

  /// Trains until a number of steps is done.
  private func train(
    _ tested: TestedTask, _ folder: RunFolder, stoppingAfter steps: Int,
    saveInterval: Double = 300
  ) throws -> TrainingOutcome {
    let interruption = Interruption()
    var count = 0
    return try trainer(
      tested, folder, saveInterval: saveInterval, interruption: interruption
    ).train { event in
      if case .step = event { count += 1 }
      if count == steps { interruption.request() }
    }
  }

  private func expectEqual(_ first: TemporaryRun, _ second: TemporaryRun) {
    for name in Self.kept { #expect(first.bytes(name) == second.bytes(name), "\(name)") }
  }

  // MARK: - The same bytes

  @Test(arguments: TestedTask.all) func sameSeedSameBytes(tested: TestedTask) throws {
    let runs = try (0..<3).map { _ in try TemporaryRun() }
    for (run, seed) in zip(runs, [5, 5, 6] as [UInt64]) {
      #expect(try trainer(tested, run.folder, seed: seed).train() == .complete)
    }
    expectEqual(runs[0], runs[1])
    #expect(runs[0].bytes("last.checkpoint") != runs[2].bytes("last.checkpoint"))
  }

  /// One step at a time, each in a training of its own.
  @Test(arguments: TestedTask.short) func stoppedAtEveryStepSameBytes(tested: TestedTask) throws {
    let (whole, broken) = (try TemporaryRun(), try TemporaryRun())
    #expect(try trainer(tested, whole.folder).train() == .complete)
    var stops = 0
    while case .interrupted = try train(tested, broken.folder, stoppingAfter: 1) { stops += 1 }
    #expect(stops == tested.steps)
    expectEqual(whole, broken)
    #expect(!broken.folder.contains(broken.folder.file("epoch.checkpoint")))
  }

  @Test(arguments: [1, 999, 1_000, 1_003]) func aLongTaskStopped(steps: Int) throws {
    let tested = TestedTask.all[3]
    let (whole, broken) = (try TemporaryRun(), try TemporaryRun())
    #expect(try trainer(tested, whole.folder).train() == .complete)
    #expect(try train(tested, broken.folder, stoppingAfter: steps) != .complete)
    #expect(try trainer(tested, broken.folder).train() == .complete)
    expectEqual(whole, broken)
  }

  /// Saved after every step, as after so many minutes, and killed then: what was saved goes on.
  @Test(arguments: TestedTask.short) func theMomentOfSavingChangesNothing(tested: TestedTask) throws
  {
    let (whole, broken, killed) = (try TemporaryRun(), try TemporaryRun(), try TemporaryRun())
    #expect(try trainer(tested, whole.folder).train() == .complete)
    var copy: [UInt8] = []
    let trainer = try trainer(tested, broken.folder, saveInterval: 0)
    _ = try trainer.train { event in
      guard case .step(let report) = event, report.step == 2 else { return }
      copy = broken.bytes("last.checkpoint")
    }
    expectEqual(whole, broken)
    // A process that was killed within an epoch leaves this.
    _ = try train(tested, killed.folder, stoppingAfter: 1)
    let file = fopen(killed.folder.checkpoint, "w")
    fwrite(copy, 1, copy.count, file)
    fclose(file)
    unlink(killed.folder.log)
    #expect(try self.trainer(tested, killed.folder).train() == .complete)
    #expect(killed.bytes("last.checkpoint") == whole.bytes("last.checkpoint"))
  }

  @Test(arguments: TestedTask.all) func aFinishedTrainingIsNotDoneAgain(tested: TestedTask) throws {
    let run = try TemporaryRun()
    _ = try trainer(tested, run.folder).train()
    let before = run.bytes("last.checkpoint")
    let end = try trainer(tested, run.folder).train {
      if case .step = $0 { Issue.record("a step") }
    }
    #expect(end == .complete)
    #expect(run.bytes("last.checkpoint") == before)
  }

  /// Two epochs more, in one go and stopped in between; the epochs before stay as they were.
  @Test(arguments: TestedTask.short) func aFinishedTrainingGoesOn(tested: TestedTask) throws {
    let (whole, broken) = (try TemporaryRun(), try TemporaryRun())
    let more = TestedTask.Options(epochs: 4)
    for run in [whole, broken] { _ = try trainer(tested, run.folder).train() }
    let before = String(decoding: whole.bytes("log.csv"), as: UTF8.self)
    #expect(try trainer(tested, whole.folder, more).train() == .complete)
    let after = String(decoding: whole.bytes("log.csv"), as: UTF8.self)
    #expect(after.hasPrefix(before))
    #expect(after.split(separator: "\n").count == before.split(separator: "\n").count + 2)
    let interruption = Interruption()
    _ = try trainer(tested, broken.folder, more, interruption: interruption).train {
      if case .step = $0 { interruption.request() }
    }
    #expect(try trainer(tested, broken.folder, more).train() == .complete)
    expectEqual(whole, broken)
    // Fewer than it has are other settings; an unfinished one is not given more.
    #expect(throws: TrainingError.self) { try trainer(tested, whole.folder, .init(epochs: 3)) }
  }

  // MARK: - What goes wrong

  @Test(arguments: TestedTask.all) func aNumberThatIsNotFiniteIsNamed(tested: TestedTask) throws {
    let run = try TemporaryRun()
    var warnings = 0
    #expect {
      try trainer(tested, run.folder, .init(epochs: 40, rateFactor: 1e30)).train {
        if case .warning = $0 { warnings += 1 }
      }
    } throws: { error in
      guard case .notFinite(_, let step, let place) = error as? TrainingError else { return false }
      return step > 0 && place?.isEmpty == false
    }
    #expect([0, 3].contains(warnings))
  }

  @Test(arguments: TestedTask.all) func damagedExamplesAreNamedOnce(tested: TestedTask) throws {
    let (run, place) = (try TemporaryRun(), TemporaryFolder())
    var named: [String] = []
    let end = try trainer(
      tested, run.folder, .init(hasDamage: true, folder: place.path)
    ).train {
      if case .skippedExample(.unreadableImage(let path, _)) = $0 { named.append(path) }
    }
    #expect(end == .complete)
    // The head's features are of other batches than those of the network.
    #expect(Set(named).count == named.count && named.count <= 2)
    if tested.description != "fine-tuning" {
      #expect(named.count == 2)
      #expect(named.contains { $0.contains(" 3") } && named.contains { $0.contains(" 20") })
    }
  }

  @Test(arguments: TestedTask.all) func otherSettingsAreRefusedByName(tested: TestedTask) throws {
    let run = try TemporaryRun()
    _ = try train(tested, run.folder, stoppingAfter: 1)
    #expect {
      try trainer(tested, run.folder, seed: 9)
    } throws: { "\($0)".contains("seed was 5, is now 9") }
    #expect {
      try trainer(tested, run.folder, .init(rateFactor: 2))
    } throws: { error in
      guard case .otherConfiguration(_, let differences) = error as? TrainingError else {
        return false
      }
      return differences.allSatisfy { $0.key.lowercased().contains("rate") }
    }
    #expect {
      try trainer(tested, run.folder, .init(epochs: 3))
    } throws: { "\($0)".contains("epochs was 2, is now 3") }
  }

  @Test(arguments: TestedTask.all) func unusableCheckpointsAreRefused(tested: TestedTask) throws {
    let run = try TemporaryRun()
    _ = try train(tested, run.folder, stoppingAfter: 1)
    let whole = run.bytes("last.checkpoint")
    func problem() -> String {
      do {
        _ = try trainer(tested, run.folder).train()
        return "none"
      } catch { return "\(error)" }
    }
    truncate(run.folder.checkpoint, whole.count / 2)
    #expect(problem().contains("last.checkpoint") && problem().contains("delete it to start over"))

    var file = Checkpoint()
    func write(_ change: (inout Checkpoint) -> Void) throws {
      let place = TemporaryFolder()
      file = try Checkpoint(path: place.write(whole, to: "checkpoint"))
      change(&file)
      try file.write(to: run.folder.checkpoint)
    }
    try write {
      $0.configuration = $0.configuration.replacing("\"format\":2", with: "\"format\":1")
    }
    #expect(problem().contains("another version"))
    try write {
      $0.configuration = $0.configuration.replacing(
        "\"task\":\"\(tested.id)\"", with: "\"task\":\"x\"")
    }
    #expect(problem().contains("a training of another kind (x, not \(tested.id))"))
    try write { $0.sections["variables"] = TensorTable() }
    #expect(problem().contains("does not match the network's tensors"))
    #expect(!problem().contains("\n"))
  }

  @Test(arguments: TestedTask.all) func aFolderOfAnotherTaskIsRefused(tested: TestedTask) throws {
    let run = try TemporaryRun()
    let other = TestedTask.all.first { $0.id != tested.id }
    _ = try train(try #require(other), run.folder, stoppingAfter: 1)
    #expect {
      try trainer(tested, run.folder)
    } throws: { error in
      guard case .otherTask(_, let id, tested.id) = error as? TrainingError else { return false }
      return id == other?.id
    }
  }

  // MARK: - The folder

  @Test(arguments: TestedTask.all) func theRunFolderIsComplete(tested: TestedTask) throws {
    let run = try TemporaryRun()
    var rows = 0
    let trainer = try trainer(tested, run.folder)
    _ = try trainer.train { if case .epoch = $0 { rows += 1 } }
    for name in Self.kept + ["log.json", "curves.png"] {
      #expect(run.folder.contains(run.folder.file(name)), "\(name)")
    }
    let columns = String(decoding: run.bytes("log.csv"), as: UTF8.self).split(separator: "\n")
    #expect(columns.first?.hasPrefix("epoch,step,") == true && columns.count == rows + 1)
    #expect(try ModelFile(path: run.folder.best).task.rawValue == tested.id)
    #expect(trainer.best != nil)
  }

  @Test(arguments: TestedTask.all) func aFolderInUseIsRefused(tested: TestedTask) throws {
    let run = try TemporaryRun()
    do {
      let first = try trainer(tested, run.folder)
      #expect(throws: TrainingError.inUse(folder: run.folder.path)) {
        try trainer(tested, run.folder)
      }
      withExtendedLifetime(first) {}
    }
    _ = try trainer(tested, run.folder)
  }

  /// `/dev/full` refuses every byte, as a full disk does.
  @Test(arguments: TestedTask.all) func aFullDiskIsNamedAndLeavesTheRest(tested: TestedTask) throws
  {
    let run = try TemporaryRun()
    symlink("/dev/full", run.folder.best)
    #expect {
      try trainer(tested, run.folder).train()
    } throws: { "\($0)".hasPrefix(run.folder.best) && "\($0)".contains("No space left") }
    #expect(run.folder.contains(run.folder.configuration))
    #expect(!run.folder.contains(run.folder.checkpoint))
  }

  /// The same data however its path is written; moved, it is named and goes on when told so; changed, it is
  /// warned of.
  @Test func dataIsKnownByPlaceAndContents() throws {
    let (run, place) = (try TemporaryRun(), TemporaryFolder())
    func identity(_ folder: String) -> DataIdentity {
      DataIdentity(path: folder, names: ["\(folder)/a.png", "\(folder)/b.png"])
    }
    func trainer(_ folder: String, isMoved: Bool = false) throws -> Trainer {
      try Trainer(
        LineTask(data: [identity(folder)]),
        settings: TrainingSettings(threads: 1, isDataMoved: isMoved), folder: run.folder)
    }
    place.write([1, 2], to: "data/a.png")
    place.write([3], to: "data/b.png")
    let data = place.path + "/data"
    #expect(try trainer(data).train() == .complete)
    _ = try trainer(data + "/")
    _ = try trainer(place.path + "/./data/../data")
    rename(data, place.path + "/moved")
    #expect(
      throws: TrainingError.dataMoved(
        folder: run.folder.path, before: data, now: place.path + "/moved")
    ) { try trainer(place.path + "/moved") }
    var warnings: [String] = []
    func warningsOfMoved() throws -> [String] {
      warnings = []
      _ = try trainer(place.path + "/moved", isMoved: true).train {
        if case .warning(let text) = $0 { warnings.append(text) }
      }
      return warnings
    }
    #expect(try warningsOfMoved().isEmpty)
    place.write([3, 4, 5], to: "moved/b.png")
    #expect(try warningsOfMoved().count == 1)
  }

  @Test func fileInPlaceOfTheFolderIsNamed() throws {
    let place = TemporaryFolder()
    let file = place.write([1], to: "file")
    #expect(throws: TrainingError.folder(path: file, problem: "is not a directory")) {
      try RunFolder(path: file)
    }
  }
}
