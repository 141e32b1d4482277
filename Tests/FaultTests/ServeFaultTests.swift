import Foundation
import Images
import Testing

/// `vision serve` under kill, cut uploads and a full disk: nothing is left in the folder for temporary files.
///
/// Needs curl.
@Suite(.serialized, .enabled(if: Faults.areWanted, Faults.notWanted))
struct ServeFaultTests {
  let folder: Folder

  init() throws {
    folder = try Folder()
    var generator = SystemRandomNumberGenerator()
    var image = Image(layout: PixelLayout(width: 1000, height: 700, channels: 3))
    image.withUnsafeMutableBytes { bytes in
      for index in bytes.indices { bytes[index] = .random(in: .min ... .max, using: &generator) }
    }
    try folder.write(Data(try image.encoded()), to: "in.png")
    try FileManager.default.createDirectory(
      at: folder.url("temporary"), withIntermediateDirectories: true)
  }

  /// A server whose temporary files go to `temporary`, until `work` has ended: `$url` is its address, `$server` its
  /// process.
  private func serving(_ work: String) throws -> Command.End {
    try Command.shell(
      """
      rm -f address
      TMPDIR=$PWD/temporary $VISION serve --port 0 --queue 250 > address & server=$!
      trap 'kill -KILL $server 2>/dev/null' EXIT
      while [ ! -s address ]; do sleep 0.01; done
      url=$(cat address)
      \(work)
      """, in: folder)
  }

  private func left() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.url("temporary").path)
  }

  /// Uploads that come slowly, every second of which is to be a job.
  private static let uploads = """
    for number in $(seq 50); do
      later=; [ $((number % 2)) = 0 ] || later='Prefer: respond-async'
      curl -s -o /dev/null -H "$later" --limit-rate 1M --data-binary @in.png "${url}api/v1/filter?median=31" &
    done
    """

  @Test func killedDuringFiftyUploads() throws {
    for round in 0..<max(1, Faults.kills / 10) {
      let end = try serving(
        """
        \(Self.uploads)
        sleep \(Double.random(in: 0.2...3))
        kill -KILL $server
        wait
        """)
      #expect(end.error == "", "round \(round)")
      #expect(try left() == [], "round \(round)")
    }
  }

  @Test func thousandUploadsLeaveNothing() throws {
    let end = try serving(
      """
      for round in $(seq 20); do
        for number in $(seq 47); do
          curl -s -o /dev/null --data-binary @in.png "${url}api/v1/filter?sobel&format=jpeg" &
          [ $((number % 8)) != 0 ] || wait $!
        done
        for number in 1 2 3; do
          curl -s -o /dev/null -H 'Prefer: respond-async' --limit-rate 200K --max-time 0.2 \
            --data-binary @in.png "${url}api/v1/filter?sobel" &
        done
        wait $!
      done
      curl -s -o health "${url}healthz"
      kill -KILL $server
      wait
      """)
    #expect(end.error == "")
    #expect(folder.read("health") == Data("ok\n".utf8))
    #expect(try left() == [])
  }

  @Test func interruptedDuringFiftyUploads() throws {
    let end = try serving(
      """
      \(Self.uploads)
      sleep 1
      kill -TERM $server
      wait $server; code=$?
      wait
      exit $code
      """)
    #expect(end.status == 0 && end.error == "")
    #expect(try left() == [])
  }
}
