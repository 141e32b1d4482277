import Graphs
import Networks
import Tensors
import Testing

@Suite struct CodingTests {
  /// The JSON of each layer type: files in the world hold it, so it must not change.
  @Test func jsonOfEachLayer() throws {
    try expect(
      Conv2D(8, 3, padding: .same, activation: .relu),
      #"""
      "activation":"relu","channels":8,"dilation":[1,1],"groups":1,"kernel":[3,3],\#
      "name":"x","padding":"same","strides":[1,1],"type":"Conv2D","usesBias":true
      """#)
    try expect(
      Conv2D(
        8, Size2D(height: 1, width: 5), strides: 2,
        padding: .explicit(EdgePadding(height: 0, width: 2)), bias: false,
        initializer: .normal(std: 0.5), biasInitializer: .constant(0.25)),
      #"""
      "activation":"linear","biasInitializer":"constant(0.25)","channels":8,\#
      "dilation":[1,1],"groups":1,"initializer":"normal(0.5)","kernel":[1,5],\#
      "name":"x","padding":[0,2,0,2],"strides":[2,2],"type":"Conv2D",\#
      "usesBias":false
      """#)
    try expect(
      Conv1D(4, 3, stride: 2),
      #"""
      "activation":"linear","channels":4,"dilation":1,"groups":1,"kernel":3,\#
      "name":"x","padding":"valid","stride":2,"type":"Conv1D","usesBias":true
      """#)
    try expect(
      Conv2DTranspose(3, 4, strides: 2, padding: .same, activation: .leakyReLU(slope: 0.25)),
      #"""
      "activation":"leaky-relu(0.25)","channels":3,"dilation":[1,1],"groups":1,\#
      "kernel":[4,4],"name":"x","padding":"same","strides":[2,2],\#
      "type":"Conv2DTranspose","usesBias":true
      """#)
    try expect(
      Dense(10, activation: .softmax, initializer: .heNormal),
      #"""
      "activation":"softmax","initializer":"he-normal","name":"x","type":"Dense",\#
      "units":10,"usesBias":true
      """#)
    try expect(
      MaxPool2D(2),
      #"""
      "name":"x","padding":"valid","type":"MaxPool2D","window":[2,2]
      """#)
    try expect(
      AveragePool2D(3, strides: 2, padding: .explicit(1)),
      #"""
      "name":"x","padding":[1,1,1,1],"strides":[2,2],"type":"AveragePool2D",\#
      "window":[3,3]
      """#)
    try expect(
      SumPool2D(2),
      #"""
      "name":"x","padding":"valid","type":"SumPool2D","window":[2,2]
      """#)
    try expect(
      GlobalAveragePool(),
      #"""
      "name":"x","type":"GlobalAveragePool"
      """#)
    try expect(
      GlobalMaxPool(),
      #"""
      "name":"x","type":"GlobalMaxPool"
      """#)
    try expect(
      Flatten(),
      #"""
      "name":"x","type":"Flatten"
      """#)
    try expect(
      Networks.Reshape([2, 2, 1]),
      #"""
      "name":"x","shape":[2,2,1],"type":"Reshape"
      """#)
    try expect(
      Dropout(0.25),
      #"""
      "name":"x","rate":0.25,"type":"Dropout"
      """#)
    try expect(
      BatchNorm(momentum: 0.25, epsilon: 0.5, activation: .elu()),
      #"""
      "activation":"elu(1.0)","epsilon":0.5,"momentum":0.25,"name":"x",\#
      "scales":true,"type":"BatchNorm"
      """#)
    try expect(
      LayerNorm(epsilon: 0.5),
      #"""
      "epsilon":0.5,"name":"x","type":"LayerNorm"
      """#)
    try expect(
      ActivationLayer(.maxout(pieces: 4)),
      #"""
      "activation":"maxout(4)","name":"x","type":"ActivationLayer"
      """#)
    try expect(
      Rescaling(0.5, offset: -1),
      #"""
      "name":"x","offset":-1,"scale":0.5,"type":"Rescaling"
      """#)
    try expect(
      Upsample2D(2, mode: .bilinear),
      #"""
      "factor":2,"mode":"bilinear","name":"x","type":"Upsample2D"
      """#)
    try expect(PixelShuffle(2), #""factor":2,"name":"x","type":"PixelShuffle""#)
    try expect(PixelUnshuffle(3), #""factor":3,"name":"x","type":"PixelUnshuffle""#)
    try expect(BicubicUpsample2D(4), #""factor":4,"name":"x","type":"BicubicUpsample2D""#)
    try expect(FirstChannels(3), #""count":3,"name":"x","type":"FirstChannels""#)
    try expect(
      ZeroPaddedShortcut(8, stride: 2),
      #"""
      "channels":8,"name":"x","stride":2,"type":"ZeroPaddedShortcut"
      """#)
    try expect(
      Whitening(2),
      #"""
      "kernel":2,"name":"x","type":"Whitening"
      """#)
    try expect(
      Sequential { Flatten() },
      #"""
      "layers":[{"name":"flatten1","type":"Flatten"}],"name":"x",\#
      "type":"Sequential"
      """#)
    try expect(
      Residual(activation: .relu, { Flatten() }, shortcut: { Flatten() }),
      #"""
      "activation":"relu","body":[{"name":"flatten1","type":"Flatten"}],\#
      "name":"x","shortcut":[{"name":"0","type":"Flatten"}],"type":"Residual"
      """#)
    try expect(
      Networks.Concatenate { Flatten() },
      #"""
      "branches":[{"name":"flatten1","type":"Flatten"}],"name":"x",\#
      "type":"Concatenate"
      """#)
  }

  private func expect(_ layer: any Layer, _ json: String) throws {
    let whole = #"{"input":[8,8,4],"layers":[{"# + json + "}]}"
    let network = Network(input: [8, 8, 4], layers: [layer.named("x")])
    #expect(try network.json() == whole)
    #expect(try Network(json: whole).json() == whole)
  }

  @Test func formerNamesOfLayersAreRead() throws {
    let network = Network(input: [4, 4, 2]) { ZeroPaddedShortcut(4, stride: 2) }
    let json = try network.json()
    let former = json.replacing("ZeroPaddedShortcut", with: "PaddedSubsample")
    #expect(former != json)
    #expect(try Network(json: former).json() == json)
  }

  @Test func everyLayerTypeIsInTheCatalog() {
    #expect(LayerCatalog.types.count == 45)
    #expect(Set(LayerCatalog.types.map { $0.typeName }).count == LayerCatalog.types.count)
  }

  @Test func aNetworkReadBackIsTheSameNetwork() throws {
    let network = smallNetwork(input: [28, 28, 1])
    let copy = try Network(json: network.json())
    #expect(try copy.json() == network.json())
    #expect(try copy.summary().layers == network.summary().layers)
  }

  @Test(arguments: [
    (
      #"{"input":[4],"layers":[{"type":"Dance","name":"d"}]}"#,
      #"unknown layer type "Dance" at layers.0; available: ActivationLayer,"#
    ),
    (#"{"input":[4],"layers":[{"type":"Dense","name":"d"}]}"#, "layers.0.units is missing"),
    (#"{"input":[4],"layers":[{"type":"Dense"}]}"#, "layers.0.name is missing"),
    (#"{"input":"4","layers":[]}"#, "input is not of type Array<"),
    (#"{"layers":[]}"#, "input is missing"),
    ("", "the network's description: "),
    ("[]", "the network's description: "),
    (
      #"{"input":[4],"layers":[{"type":"ActivationLayer","name":"a","activation":"rely"}]}"#,
      #"layers.0.activation: unknown activation "rely"; available: linear,"#
    ),
    (
      #"{"input":[4],"layers":[{"type":"MaxPool2D","name":"a","window":[2],"padding":"valid"}]}"#,
      "layers.0.window"
    ),
    (
      #"{"input":[4],"layers":[{"type":"MaxPool2D","name":"a","window":[2,2],"padding":"most"}]}"#,
      #"padding "most": expected same, valid or four numbers"#
    ),
  ])
  func badDescriptions(json: String, message: String) {
    #expect {
      try Network(json: json)
    } throws: { "\($0)".contains(message) }
  }

  @Test func hugeNumbersAreRefusedNotTrapped() {
    let huge = Int.max
    for layer in [
      #""type":"Dense","name":"d","units":\#(huge),"usesBias":true,"activation":"linear""#,
      #""type":"Reshape","name":"d","shape":[\#(huge),\#(huge),2]"#,
      #""type":"Upsample2D","name":"d","factor":\#(huge),"mode":"nearest""#,
      #""type":"MaxPool2D","name":"d","window":[\#(huge),-1],"padding":[\#(huge),\#(huge),1,1]"#,
      #""type":"ZeroPaddedShortcut","name":"d","channels":\#(huge),"stride":-1"#,
      #""type":"Whitening","name":"d","kernel":\#(huge)"#,
    ] {
      for input in ["[4]", "[8,8,3]", "[\(huge),\(huge),3]", "[-1,0,3]", "[]"] {
        #expect(throws: NetworkError.self) {
          try Network(json: #"{"input":\#(input),"layers":[{\#(layer)}]}"#).summary()
        }
      }
    }
  }
}
