/// Winograd's F(4, 3), with the points 0, 1, −1, 2, −2, ∞; for 3 × 3 kernels of stride 1.
enum F43: MinimalFilter {
  static var taps: Int { 3 }
  static var stride: Int { 1 }

  @inline(__always)
  static func window(_ d: Values, _ s: Int, _ m: Results, _ t: Int) {
    let (d0, d1, d2, d3, d4, d5) = (d[0], d[s], d[2 &* s], d[3 &* s], d[4 &* s], d[5 &* s])
    let (a, b) = (d4 - 4 * d2, d3 - 4 * d1)
    let (c, e) = (d4 - d2, 2 * (d3 - d1))
    m[0] = 4 * d0 - 5 * d2 + d4
    m[t] = a + b
    m[2 &* t] = a - b
    m[3 &* t] = c + e
    m[4 &* t] = c - e
    m[5 &* t] = 4 * d1 - 5 * d3 + d5
  }

  @inline(__always)
  static func windowTransposed(_ m: Values, _ s: Int, _ d: Results, _ t: Int) {
    let (m0, m1, m2, m3, m4, m5) = (m[0], m[s], m[2 &* s], m[3 &* s], m[4 &* s], m[5 &* s])
    let (a, b) = (m1 + m2, m1 - m2)
    let (c, e) = (m3 + m4, 2 * (m3 - m4))
    d[0] = 4 * m0
    d[t] = 4 * (m5 - b) - e
    d[2 &* t] = -5 * m0 - 4 * a - c
    d[3 &* t] = b + e - 5 * m5
    d[4 &* t] = m0 + a + c
    d[5 &* t] = m5
  }

  @inline(__always)
  static func tile(_ d: Values, _ s: Int, _ m: Results, _ t: Int) {
    let (d0, d1, d2, d3) = (d[0], d[s], d[2 &* s], d[3 &* s])
    let (a, b) = (d0 + d2, d1 + d3)
    let (c, e) = (d0 + 4 * d2, 2 * d1 + 8 * d3)
    m[0] = d0
    m[t] = a + b
    m[2 &* t] = a - b
    m[3 &* t] = c + e
    m[4 &* t] = c - e
    m[5 &* t] = d3
  }

  @inline(__always)
  static func tileTransposed(_ m: Values, _ s: Int, _ d: Results, _ t: Int) {
    let (m0, m1, m2, m3, m4, m5) = (m[0], m[s], m[2 &* s], m[3 &* s], m[4 &* s], m[5 &* s])
    let (a, b) = (m1 + m2, m1 - m2)
    let (c, e) = (m3 + m4, m3 - m4)
    d[0] = m0 + a + c
    d[t] = b + 2 * e
    d[2 &* t] = a + 4 * c
    d[3 &* t] = b + 8 * e + m5
  }

  @inline(__always)
  static func kernel(_ g: Values, _ s: Int, _ m: Results, _ t: Int) {
    let (g0, g1, g2) = (g[0], g[s], g[2 &* s])
    let (a, b) = ((-1 / 6) * (g0 + g2), (1 / 6) * g1)
    let (c, e) = ((1 / 24) * g0 + (1 / 6) * g2, (1 / 12) * g1)
    m[0] = 0.25 * g0
    m[t] = a - b
    m[2 &* t] = a + b
    m[3 &* t] = c + e
    m[4 &* t] = c - e
    m[5 &* t] = g2
  }

  @inline(__always)
  static func kernelTransposed(_ m: Values, _ s: Int, _ g: Results, _ t: Int) {
    let (m0, m1, m2, m3, m4, m5) = (m[0], m[s], m[2 &* s], m[3 &* s], m[4 &* s], m[5 &* s])
    let (a, b) = ((1 / 6) * (m1 + m2), (1 / 6) * (m2 - m1))
    let c = m3 + m4
    g[0] = 0.25 * m0 - a + (1 / 24) * c
    g[t] = b + (1 / 12) * (m3 - m4)
    g[2 &* t] = (1 / 6) * c - a + m5
  }
}
