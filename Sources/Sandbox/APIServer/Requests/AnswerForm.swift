/// The form in which a client wants objects (its `Accept` header).
enum AnswerForm: Equatable {
  case whole
  case table
  /// Metadata alone: `PartialObjectMetadata`, or a list of them.
  case metadata

  /// The first form in the header that the API can give.
  init(accept: String?) throws(APIFailure) {
    guard let accept, !accept.isEmpty else {
      self = .whole
      return
    }
    for range in accept.split(separator: ",") {
      let parts = range.split(separator: ";").map { $0.filter { !$0.isWhitespace } }
      guard let media = parts.first, ["application/json", "application/*", "*/*"].contains(media) else { continue }
      var parameters: [String: String] = [:]
      for part in parts.dropFirst() {
        let pair = part.split(separator: "=", maxSplits: 1)
        if pair.count == 2 { parameters[String(pair[0])] = String(pair[1]) }
      }
      switch parameters["as"] {
      case nil:
        self = .whole
        return
      case "Table" where parameters["v"] == "v1":
        self = .table
        return
      case "PartialObjectMetadata" where parameters["v"] == "v1",
        "PartialObjectMetadataList" where parameters["v"] == "v1":
        self = .metadata
        return
      default: continue
      }
    }
    throw .notAcceptable
  }
}
