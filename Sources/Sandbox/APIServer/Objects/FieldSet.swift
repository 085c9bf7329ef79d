internal import JSON

/// Which fields of an object someone has set: the tree that `managedFields` writes as `fieldsV1`
/// (structured-merge-diff). Steps are written `f:name`, `k:{…}` for an element of a list with keys, `v:…` for one of
/// a set.
struct FieldSet: Equatable, Sendable {
  /// Whether the field itself is in the set; where it is not, only fields below it are.
  var isMember = false
  var children: [String: FieldSet] = [:]

  var isEmpty: Bool { !isMember && children.isEmpty }

  subscript(step: String) -> FieldSet {
    get { children[step] ?? FieldSet() }
    set { children[step] = newValue.isEmpty ? nil : newValue }
  }

  func union(_ other: FieldSet) -> FieldSet {
    FieldSet(
      isMember: isMember || other.isMember, children: children.merging(other.children) { $0.union($1) })
  }

  func subtracting(_ other: FieldSet) -> FieldSet {
    var rest = FieldSet(isMember: isMember && !other.isMember)
    for (step, child) in children { rest[step] = child.subtracting(other[step]) }
    return rest
  }

  func intersection(_ other: FieldSet) -> FieldSet {
    var common = FieldSet(isMember: isMember && other.isMember)
    for (step, child) in children { common[step] = child.intersection(other[step]) }
    return common
  }

  /// Its fields as conflicts name them, sorted: `.spec.http`, `.spec.ports[name="http"].port`.
  var paths: [String] { paths(below: "").sorted() }

  private func paths(below path: String) -> [String] {
    (isMember ? [path] : [])
      + children.flatMap { step, child in
        let text = String(step.dropFirst(2))
        guard !step.hasPrefix("f:") else { return child.paths(below: "\(path).\(text)") }
        guard step.hasPrefix("k:"), let keys = try? JSONValue(parsing: text).object else {
          return child.paths(below: "\(path)[=\(text)]")
        }
        let list = keys.map { "\($0.key)=\($0.value.text())" }.joined(separator: ",")
        return child.paths(below: "\(path)[\(list)]")
      }
  }

  // MARK: fieldsV1

  init(isMember: Bool = false, children: [String: FieldSet] = [:]) {
    self.isMember = isMember
    self.children = children
  }

  /// Reads `fieldsV1`. A step without steps below it is a member.
  init(fieldsV1 value: JSONValue, isRoot: Bool = true) {
    guard let members = value.object else { return }
    isMember = !isRoot && (members.isEmpty || members["."] != nil)
    for (step, child) in members where step != "." { children[step] = FieldSet(fieldsV1: child, isRoot: false) }
  }

  var fieldsV1: JSONValue {
    var members = JSONObject()
    if isMember, !children.isEmpty { members["."] = [:] }
    for (step, child) in children.sorted(by: { $0.key < $1.key }) { members[step] = child.fieldsV1 }
    return .object(members)
  }
}
