internal import JSON

/// Who set which fields of an object, and when: `metadata.managedFields`.
struct ManagedFields: Sendable {
  enum Operation: String, Sendable { case apply = "Apply", update = "Update" }

  /// Who changes an object now.
  struct Author: Sendable {
    var manager: String
    var apiVersion: String
    var time: WallTime
    var subresource: String?
  }

  struct Entry: Sendable {
    var author: Author
    var operation: Operation
    var fields: FieldSet

    func isOf(_ other: Author, _ operation: Operation) -> Bool {
      author.manager == other.manager && author.apiVersion == other.apiVersion
        && author.subresource == other.subresource && self.operation == operation
    }
  }

  private(set) var entries: [Entry] = []

  init(of object: APIObject?) {
    for entry in object?[metadata: "managedFields"]?.array ?? [] {
      guard let manager = entry["manager"]?.string, let operation = entry["operation"]?.string.flatMap(Operation.init),
        let fields = entry["fieldsV1"]
      else { continue }
      let author = Author(
        manager: manager, apiVersion: entry["apiVersion"]?.string ?? "",
        time: entry["time"]?.string.flatMap { WallTime($0) } ?? WallTime(seconds: 0),
        subresource: entry["subresource"]?.string)
      entries.append(Entry(author: author, operation: operation, fields: FieldSet(fieldsV1: fields)))
    }
  }

  var json: JSONValue {
    .array(
      entries.map { entry in
        var json: JSONValue = [
          "manager": .string(entry.author.manager), "operation": .string(entry.operation.rawValue),
          "apiVersion": .string(entry.author.apiVersion), "time": .string(entry.author.time.text),
          "fieldsType": "FieldsV1", "fieldsV1": entry.fields.fieldsV1,
        ]
        if let subresource = entry.author.subresource { json["subresource"] = .string(subresource) }
        return json
      })
  }

  /// What an update touches belongs to its author from now on, and what it removes to nobody.
  mutating func update(_ comparison: FieldComparison, by author: Author) {
    guard !comparison.changed.isEmpty || !comparison.removed.isEmpty else { return }
    for place in entries.indices {
      entries[place].fields = entries[place].fields.subtracting(comparison.removed)
      if !entries[place].isOf(author, .update) {
        entries[place].fields = entries[place].fields.subtracting(comparison.changed)
      }
    }
    set(comparison.changed, of: author, .update, keepingOld: true)
  }

  /// What is applied belongs to its author, and no longer to those from whom it was taken by force.
  mutating func apply(_ fields: FieldSet, taking comparison: FieldComparison, by author: Author) {
    for place in entries.indices where !entries[place].isOf(author, .apply) {
      entries[place].fields = entries[place].fields.subtracting(comparison.changed).subtracting(comparison.removed)
    }
    set(fields, of: author, .apply, keepingOld: false)
  }

  /// The fields that an author applied last time.
  func applied(by author: Author) -> FieldSet { entries.first { $0.isOf(author, .apply) }?.fields ?? FieldSet() }

  /// The fields of everyone but the author's own applied ones.
  func others(than author: Author) -> [Entry] { entries.filter { !$0.isOf(author, .apply) } }

  private mutating func set(_ fields: FieldSet, of author: Author, _ operation: Operation, keepingOld: Bool) {
    if let place = entries.firstIndex(where: { $0.isOf(author, operation) }) {
      let isSame = !keepingOld && entries[place].fields == fields
      entries[place].fields = keepingOld ? entries[place].fields.union(fields) : fields
      if !isSame { entries[place].author.time = author.time }
    } else {
      entries.append(Entry(author: author, operation: operation, fields: fields))
    }
    entries.removeAll { $0.fields.isEmpty }
    entries.sort {
      ($0.operation.rawValue, $0.author.time, $0.author.manager)
        < ($1.operation.rawValue, $1.author.time, $1.author.manager)
    }
  }
}
