import JSON

/// Which members a JSON answer has, and of which kind: `items[].metadata.name: string`. Names that people choose
/// (labels, annotations, managed fields) are one name, `*`.
struct Shape {
  private(set) var paths: Set<String> = []

  init(of json: JSON) { add(json, at: "") }

  /// The paths that the other has and this one lacks, but for those under a list that is empty here: an empty list
  /// says nothing of its elements.
  func lacks(of other: Shape) -> [String] {
    other.paths.subtracting(paths).filter { path in
      !emptyLists.contains { path.hasPrefix($0) }
    }.sorted()
  }

  private var emptyLists: Set<String> = []

  private mutating func add(_ json: JSON, at path: String) {
    switch json.kind {
    case .object:
      paths.insert(path + ": object")
      let isFree = ["labels", "annotations", "matchLabels", "selector", "fieldsV1"].contains { path.hasSuffix("." + $0) }
      guard !isFree else { return }
      for (key, value) in json.members where !value.isNull { add(value, at: path + "." + key) }
    case .array:
      paths.insert(path + ": array")
      var isEmpty = true
      for element in json.elements {
        isEmpty = false
        add(element, at: path + "[]")
      }
      if isEmpty { emptyLists.insert(path + "[]") }
    case .string: paths.insert(path + ": string")
    case .number: paths.insert(path + ": number")
    case .bool: paths.insert(path + ": bool")
    case .null: break
    }
  }
}
