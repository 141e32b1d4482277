import LoopInterface

private typealias Floats = UnsafeMutablePointer<Float>

func makeUpdateLoops() -> UpdateLoops {
  UpdateLoops(
    sgd: sgd, momentum: momentum, adam: adam, rmsProp: rmsProp, adagrad: adagrad,
    adadelta: adadelta)
}

@Sendable
private func sgd(
  _ p: Floats, _ g: UnsafePointer<Float>, _ count: Int, _ rate: Float, _ weightDecay: Float
) {
  var i = 0
  while i < count {
    p[i] = p[i] - rate * (g[i] + weightDecay * p[i])
    i &+= 1
  }
}

@Sendable
private func momentum(
  _ p: Floats, _ g: UnsafePointer<Float>, _ velocity: Floats, _ count: Int, _ rate: Float,
  _ momentum: Float, _ nesterov: Bool, _ weightDecay: Float
) {
  var i = 0
  if nesterov {
    while i < count {
      let gradient = g[i] + weightDecay * p[i]
      let v = momentum * velocity[i] + gradient
      velocity[i] = v
      p[i] = p[i] - rate * (gradient + momentum * v)
      i &+= 1
    }
    return
  }
  while i < count {
    let v = momentum * velocity[i] + (g[i] + weightDecay * p[i])
    velocity[i] = v
    p[i] = p[i] - rate * v
    i &+= 1
  }
}

@Sendable
private func adam(
  _ p: Floats, _ g: UnsafePointer<Float>, _ mean: Floats, _ square: Floats, _ count: Int,
  _ constants: AdamConstants
) {
  let (beta1, beta2, epsilon) = (constants.beta1, constants.beta2, constants.epsilon)
  let (decay, shrink) = (constants.weightDecay, constants.shrink)
  let (stepSize, squareScale) = (constants.stepSize, constants.squareScale)
  var i = 0
  while i < count {
    let gradient = g[i] + decay * p[i]
    let m = beta1 * mean[i] + (1 - beta1) * gradient
    let s = beta2 * square[i] + (1 - beta2) * (gradient * gradient)
    mean[i] = m
    square[i] = s
    p[i] = p[i] * shrink - stepSize * m / (squareRoot(s) * squareScale + epsilon)
    i &+= 1
  }
}

@Sendable
private func rmsProp(
  _ p: Floats, _ g: UnsafePointer<Float>, _ square: Floats, _ velocity: Floats?, _ count: Int,
  _ rate: Float, _ decay: Float, _ epsilon: Float, _ momentum: Float, _ weightDecay: Float
) {
  var i = 0
  if let velocity {
    while i < count {
      let gradient = g[i] + weightDecay * p[i]
      let s = decay * square[i] + (1 - decay) * (gradient * gradient)
      square[i] = s
      let v = momentum * velocity[i] + gradient / (squareRoot(s) + epsilon)
      velocity[i] = v
      p[i] = p[i] - rate * v
      i &+= 1
    }
    return
  }
  while i < count {
    let gradient = g[i] + weightDecay * p[i]
    let s = decay * square[i] + (1 - decay) * (gradient * gradient)
    square[i] = s
    p[i] = p[i] - rate * (gradient / (squareRoot(s) + epsilon))
    i &+= 1
  }
}

@Sendable
private func adagrad(
  _ p: Floats, _ g: UnsafePointer<Float>, _ square: Floats, _ count: Int, _ rate: Float,
  _ epsilon: Float, _ weightDecay: Float
) {
  var i = 0
  while i < count {
    let gradient = g[i] + weightDecay * p[i]
    let s = square[i] + gradient * gradient
    square[i] = s
    p[i] = p[i] - rate * (gradient / (squareRoot(s) + epsilon))
    i &+= 1
  }
}

@Sendable
private func adadelta(
  _ p: Floats, _ g: UnsafePointer<Float>, _ square: Floats, _ delta: Floats, _ count: Int,
  _ rate: Float, _ decay: Float, _ epsilon: Float, _ weightDecay: Float
) {
  var i = 0
  while i < count {
    let gradient = g[i] + weightDecay * p[i]
    let s = decay * square[i] + (1 - decay) * (gradient * gradient)
    square[i] = s
    let d = squareRoot(delta[i] + epsilon) / squareRoot(s + epsilon) * gradient
    delta[i] = decay * delta[i] + (1 - decay) * (d * d)
    p[i] = p[i] - rate * d
    i &+= 1
  }
}
