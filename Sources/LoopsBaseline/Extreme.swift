import LoopInterface

func makeExtremeLoops() -> ExtremeLoops {
  ExtremeLoops(
    minimumUInt8: { combine($0, $1, $2, $3, lower) },
    minimumUInt16: { combine($0, $1, $2, $3, lower) },
    minimumFloat: { combine($0, $1, $2, $3, lower) },
    maximumUInt8: { combine($0, $1, $2, $3, higher) },
    maximumUInt16: { combine($0, $1, $2, $3, higher) },
    maximumFloat: { combine($0, $1, $2, $3, higher) },
    rectangleMinimumUInt8: { rectangle($0, neutral: .max, lower) },
    rectangleMinimumUInt16: { rectangle($0, neutral: .max, lower) },
    rectangleMaximumUInt8: { rectangle($0, neutral: .min, higher) },
    rectangleMaximumUInt16: { rectangle($0, neutral: .min, higher) })
}

/// Up to five rows at first, then four at a time.
@inline(__always)
private func combine<Sample>(
  _ rows: UnsafePointer<UnsafePointer<Sample>>, _ rowCount: Int, _ count: Int,
  _ output: UnsafeMutablePointer<Sample>, _ pick: (Sample, Sample) -> Sample
) {
  let a = rows[0]
  switch rowCount {
  case 1: output.update(from: a, count: count)
  case 2:
    let b = rows[1]
    for x in 0..<count { output[x] = pick(a[x], b[x]) }
  case 3:
    let (b, c) = (rows[1], rows[2])
    for x in 0..<count { output[x] = pick(pick(a[x], b[x]), c[x]) }
  case 4:
    let (b, c, d) = (rows[1], rows[2], rows[3])
    for x in 0..<count { output[x] = pick(pick(a[x], b[x]), pick(c[x], d[x])) }
  default:
    let (b, c, d, e) = (rows[1], rows[2], rows[3], rows[4])
    for x in 0..<count { output[x] = pick(pick(pick(a[x], b[x]), pick(c[x], d[x])), e[x]) }
  }
  var row = 5
  while row &+ 4 <= rowCount {
    let (b, c, d, e) = (rows[row], rows[row &+ 1], rows[row &+ 2], rows[row &+ 3])
    for x in 0..<count {
      output[x] = pick(pick(pick(b[x], c[x]), pick(d[x], e[x])), output[x])
    }
    row &+= 4
  }
  while row < rowCount {
    let b = rows[row]
    for x in 0..<count { output[x] = pick(b[x], output[x]) }
    row &+= 1
  }
}
