/// Winograd's F(4, 2), with the points 0, 1, −1, 2, ∞; over the two phases of four taps of stride 2.
enum F42: MinimalFilter {
  static var taps: Int { 2 }
  static var stride: Int { 2 }

  @inline(__always)
  static func window(_ d: Values, _ s: Int, _ m: Results, _ t: Int) {
    let (d0, d1, d2, d3, d4) = (d[0], d[s], d[2 &* s], d[3 &* s], d[4 &* s])
    let a = d3 - d1
    let (b, c) = (d3 - d2, d1 - d2)
    m[0] = a + 2 * (d0 - d2)
    m[t] = b - 2 * d1
    m[2 &* t] = b + 2 * c
    m[3 &* t] = a
    m[4 &* t] = d4 - d2 - 2 * a
  }

  @inline(__always)
  static func windowTransposed(_ m: Values, _ s: Int, _ d: Results, _ t: Int) {
    let (m0, m1, m2, m3, m4) = (m[0], m[s], m[2 &* s], m[3 &* s], m[4 &* s])
    d[0] = 2 * m0
    d[t] = 2 * (m2 - m1 + m4) - m0 - m3
    d[2 &* t] = -2 * m0 - m1 - 3 * m2 - m4
    d[3 &* t] = m0 + m1 + m2 + m3 - 2 * m4
    d[4 &* t] = m4
  }

  @inline(__always)
  static func tile(_ d: Values, _ s: Int, _ m: Results, _ t: Int) {
    let (d0, d1, d2, d3) = (d[0], d[s], d[2 &* s], d[3 &* s])
    let (even, odd) = (d0 + d2, d1 + d3)
    m[0] = d0
    m[t] = even + odd
    m[2 &* t] = even - odd
    m[3 &* t] = d0 + 2 * d1 + (4 * d2 + 8 * d3)
    m[4 &* t] = d3
  }

  @inline(__always)
  static func tileTransposed(_ m: Values, _ s: Int, _ d: Results, _ t: Int) {
    let (m0, m1, m2, m3, m4) = (m[0], m[s], m[2 &* s], m[3 &* s], m[4 &* s])
    let (sum, difference) = (m1 + m2, m1 - m2)
    d[0] = m0 + sum + m3
    d[t] = difference + 2 * m3
    d[2 &* t] = sum + 4 * m3
    d[3 &* t] = difference + 8 * m3 + m4
  }

  @inline(__always)
  static func kernel(_ g: Values, _ s: Int, _ m: Results, _ t: Int) {
    let (g0, g1) = (g[0], g[s])
    m[0] = 0.5 * g0
    m[t] = -0.5 * (g0 + g1)
    m[2 &* t] = (1 / 6) * (g1 - g0)
    m[3 &* t] = (1 / 6) * (g0 + 2 * g1)
    m[4 &* t] = g1
  }

  @inline(__always)
  static func kernelTransposed(_ m: Values, _ s: Int, _ g: Results, _ t: Int) {
    let (m0, m1, m2, m3, m4) = (m[0], m[s], m[2 &* s], m[3 &* s], m[4 &* s])
    g[0] = 0.5 * (m0 - m1) + (1 / 6) * (m3 - m2)
    g[t] = -0.5 * m1 + (1 / 6) * (m2 + 2 * m3) + m4
  }
}
