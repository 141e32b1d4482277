// The vertical edges of a slightly blurred image: filter-image INPUT OUTPUT
import Filters
import Glibc
import Images

let arguments = CommandLine.arguments
guard arguments.count == 3 else {
  print("usage: filter-image INPUT OUTPUT")
  exit(64)
}
let chain = FilterChain([
  try FilterStep(.gaussian, "1.4"),
  try FilterStep(.sobel, nil, FilterOptions(range: .absolute, direction: .x)),
])
// Rows go from decoder to encoder: the whole image is never in memory.
let image = try ImageReader(path: arguments[1])
try chain.source(over: image).write(path: arguments[2])
