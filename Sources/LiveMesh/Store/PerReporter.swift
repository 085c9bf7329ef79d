/// A value for each end of an edge that may report of it.
struct PerReporter<Value: Sendable>: Sendable {
  private var values: InlineArray<3, Value>

  init(repeating value: Value) { values = InlineArray(repeating: value) }

  subscript(reporter: EdgeReport.Reporter) -> Value {
    get { values[reporter.rawValue] }
    set { values[reporter.rawValue] = newValue }
  }

  /// What is found first from the destination on, whose proxy is believed before all others.
  func nearest<Found>(_ find: (Value) -> Found?) -> Found? {
    for place in values.indices.reversed() {
      if let found = find(values[place]) { return found }
    }
    return nil
  }
}
