import LoopInterface

func makeTensorLoops() -> TensorLoops {
  TensorLoops(
    tile: { tile($0, $1, $2, $3, $4, $5, $6, $7) }, widen: { widen($0, $1, $2) },
    narrow: { narrow($0, $1, $2) }, sum: { sum($0, $1) },
    squaredDistance: { squaredDistance($0, $1, $2) }, dot: { dot($0, $1, $2) },
    maximum: { maximum($0, $1) }, minimum: { minimum($0, $1) }, product: { product($0, $1) },
    addRows: { addRows($0, $1, $2, $3, $4) }, firstNonFinite: { firstNonFinite($0, $1) },
    update: makeUpdateLoops(), winograd42: makeWinogradLoops(F42.self),
    winograd43: makeWinogradLoops(F43.self), pool: makePoolLoops(),
    matrix: makeMatrixLoops())
}
