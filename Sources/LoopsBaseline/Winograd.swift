import LoopInterface

/// A block of channels of a pixel, as many as oneDNN's order of images groups: 8 with AVX2, 16 with AVX-512,
/// which oneDNN may use beside the portable loops too.
#if AVX2
  typealias PixelLanes = SIMD8<Float>
#else
  typealias PixelLanes = SIMD16<Float>
#endif

/// Channels in a block.
@inline(__always) var channelBlock: Int { PixelLanes.scalarCount }

func makeWinogradLoops<Filter: MinimalFilter>(_: Filter.Type) -> WinogradLoops {
  WinogradLoops(
    channelBlock: channelBlock, points: Filter.points, taps: Filter.taps, stride: Filter.stride,
    fromFine: { WinogradPlanes<Filter>.fromFine($0, $1, $2) },
    fromCoarse: { WinogradPlanes<Filter>.fromCoarse($0, $1, $2) },
    toCoarse: { WinogradPlanes<Filter>.toCoarse($0, $1, $2, $3) },
    toFine: { WinogradPlanes<Filter>.toFine($0, $1, $2) },
    fromKernels: { WinogradKernels<Filter>.fromKernels($0, $1, $2, $3) },
    toKernels: { WinogradKernels<Filter>.toKernels($0, $1, $2, $3) })
}
