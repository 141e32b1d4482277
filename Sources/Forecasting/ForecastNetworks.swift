import Networks
import Tensors

/// The networks that forecast, by name.
public enum ForecastNetworks {
  public static let names = ["lstm", "gru", "rnn", "linear"]

  /// Two stacked recurrent layers with dropout and two dense ones; `linear` is one dense layer, an autoregression.
  ///
  /// - Throws: where there is none of that name.
  public static func network(_ settings: ForecastSettings) throws(NetworkError) -> Network {
    let units = settings.units
    let layers: (first: any Layer, second: any Layer)
    switch settings.network {
    case "lstm": layers = (LSTM(units, returnsSequences: true), LSTM(units))
    case "gru": layers = (GRU(units, returnsSequences: true), GRU(units))
    case "rnn": layers = (SimpleRNN(units, returnsSequences: true), SimpleRNN(units))
    case "linear":
      return Network(input: [settings.window, 1]) {
        Flatten()  //                   window
        Dense(settings.horizon)
      }
    default:
      throw .network(
        "there is no network \(settings.network); there are \(names.joined(separator: ", "))")
    }
    return Network(input: [settings.window, 1]) {
      layers.first  //                  window × units
      Dropout(0.2)
      layers.second  //                 units
      Dropout(0.2)
      Dense(64)  //                     64
      Dense(settings.horizon)
    }
  }
}
