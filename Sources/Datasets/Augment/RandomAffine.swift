import Glibc
import Images
import Tensors

/// Turns, scales, slants and moves an image a little around its middle, each by an amount drawn evenly.
///
/// For digits and signs. (Cireşan et al. 2010, "Deep, Big, Simple Neural Nets for Handwritten Digit
/// Recognition": up to 15° and 15 %.)
public struct RandomAffine: Augmentation {
  /// The most to turn, in degrees.
  public let rotation: Float
  /// The most to grow or shrink by, as a share, each axis on its own.
  public let scaling: Float
  /// The most to slant: columns moved by this share of their height.
  public let shear: Float
  /// The most to move, in pixels.
  public let shift: Float

  public init(
    rotation: Float = 10, scaling: Float = 0.1, shear: Float = 0.1, shift: Float = 2
  ) {
    self.rotation = rotation.clamped(to: 0...180)
    self.scaling = scaling.clamped(to: 0...0.9)
    self.shear = shear.clamped(to: 0...2)
    self.shift = shift.clamped(to: 0...65_535)
  }

  public func apply(
    to image: Image, random: inout RandomSource, sampling: Sampling
  ) -> Image {
    let turn = random.uniform(-rotation, rotation) * Float.pi / 180
    let (wide, high) = (
      1 + random.uniform(-scaling, scaling), 1 + random.uniform(-scaling, scaling)
    )
    let slant = random.uniform(-shear, shear)
    let (right, down) = (random.uniform(-shift, shift), random.uniform(-shift, shift))
    let (middleX, middleY) = (Float(image.width - 1) / 2, Float(image.height - 1) / 2)
    let (cosine, sine) = (cosf(turn), sinf(turn))
    return image.warped(sampling) { x, y in
      let (fromX, fromY) = (Float(x) - middleX - right, Float(y) - middleY - down)
      let slantedX = fromX + slant * fromY
      return (
        (cosine * slantedX - sine * fromY) / wide + middleX,
        (sine * slantedX + cosine * fromY) / high + middleY
      )
    }
  }
}
