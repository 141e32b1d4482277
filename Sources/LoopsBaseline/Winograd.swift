import LoopInterface

/// Sixteen channels of a pixel.
typealias PixelLanes = SIMD16<Float>

func makeWinogradLoops<Filter: MinimalFilter>(_: Filter.Type) -> WinogradLoops {
  WinogradLoops(
    points: Filter.points, taps: Filter.taps, stride: Filter.stride,
    fromFine: { WinogradPlanes<Filter>.fromFine($0, $1, $2) },
    fromCoarse: { WinogradPlanes<Filter>.fromCoarse($0, $1, $2) },
    toCoarse: { WinogradPlanes<Filter>.toCoarse($0, $1, $2, $3) },
    toFine: { WinogradPlanes<Filter>.toFine($0, $1, $2) },
    fromKernels: { WinogradKernels<Filter>.fromKernels($0, $1, $2, $3) },
    toKernels: { WinogradKernels<Filter>.toKernels($0, $1, $2, $3) })
}
