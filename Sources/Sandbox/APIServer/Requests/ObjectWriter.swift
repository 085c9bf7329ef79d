internal import JSON

/// Creates, changes and deletes objects as the API does for one author: with admission, preconditions, generations
/// and field ownership. The sandbox's own parts write through it too, and so does everyone behind HTTP.
struct ObjectWriter: Sendable {
  struct Options: Sendable {
    var isDryRun = false
    var fieldValidation = Admission.FieldValidation.warn
    /// Server-side apply takes fields from others in place of refusing.
    var isForced = false
  }

  /// What was written, and what was said about it.
  struct Outcome: Sendable {
    var object: APIObject
    var warnings: [String] = []
    var isNew = false
  }

  let store: ObjectStore
  let type: ResourceType
  let author: ManagedFields.Author
  var options = Options()

  /// - Parameter isTrusted: keeps what clients may not set: a creation time, a uid, a status.
  func create(_ object: APIObject, isTrusted: Bool = false) throws(APIFailure) -> Outcome {
    var object = object
    if object.name.isEmpty, let prefix = object[metadata: "generateName"]?.string {
      object[metadata: "name"] = .string(prefix + Self.randomSuffix())
    }
    let namespace = APIObject.Key(object.namespace)
    if !isTrusted, type.isNamespaced, store.object(.namespaces, namespace) == nil {
      throw .notFound(namespace.name, .namespaces)
    }
    var (admitted, warnings) = try admission.admit(object)
    admitted = new(admitted, isTrusted: isTrusted)
    let created = try store.write(type, admitted.key, isDryRun: options.isDryRun) { old throws(APIFailure) in
      guard old == nil else { throw .alreadyExists(admitted.name, type) }
      return admitted
    }
    return Outcome(object: created ?? admitted, warnings: warnings, isNew: true)
  }

  /// Changes what is there; an object without a resourceVersion of its own is written whatever is there.
  ///
  /// - Parameter change: gets the object in the author's version; what it gives is written.
  func update(_ key: APIObject.Key, change: (APIObject) throws(APIFailure) -> APIObject) throws(APIFailure) -> Outcome {
    var warnings: [String] = []
    let written = try store.write(type, key, isDryRun: options.isDryRun) { old throws(APIFailure) in
      guard let old else { throw .notFound(key.name, type) }
      let (object, said) = try next(after: old, try change(old.version(author.apiVersion)))
      warnings = said
      return object
    }
    guard let written else { throw .notFound(key.name, type) }
    return Outcome(object: written, warnings: warnings)
  }

  /// Server-side apply; makes the object where there is none.
  func apply(_ applied: APIObject) throws(APIFailure) -> Outcome {
    var outcome = Outcome(object: applied)
    let merge = ServerSideApply(type: type, author: author, isForced: options.isForced)
    let written = try store.write(type, applied.key, isDryRun: options.isDryRun) { old throws(APIFailure) in
      guard let old else {
        guard !type.isNamespaced || applied.resourceVersion == nil else { throw .notFound(applied.name, type) }
        var bare = applied
        bare.json = ["apiVersion": .string(author.apiVersion), "kind": .string(type.kind), "metadata": [:]]
        var (merged, said) = try admission.admit(try merge.applying(applied, to: bare))
        let owners = merged[metadata: "managedFields"]
        merged = new(merged, isTrusted: false)
        merged[metadata: "managedFields"] = owners
        outcome = Outcome(object: merged, warnings: said, isNew: true)
        return merged
      }
      let merged = try merge.applying(applied, to: old.version(author.apiVersion))
      let (object, said) = try next(after: old, merged, owners: merged[metadata: "managedFields"])
      outcome.warnings = said
      return object
    }
    if let written { outcome.object = written }
    return outcome
  }

  /// - Returns: the object as it was.
  func delete(_ key: APIObject.Key, uid: String? = nil, resourceVersion: String? = nil) throws(APIFailure) -> APIObject
  {
    var gone: APIObject?
    try store.write(type, key, isDryRun: options.isDryRun) { old throws(APIFailure) in
      guard let old else { throw .notFound(key.name, type) }
      if let uid, uid != old.uid {
        throw .conflict(
          key.name, type, "Precondition failed: UID in precondition: \(uid), UID in object meta: \(old.uid)")
      }
      if let resourceVersion, resourceVersion != old.resourceVersion {
        throw .conflict(
          key.name, type,
          "Precondition failed: ResourceVersion in precondition: \(resourceVersion), "
            + "ResourceVersion in object meta: \(old.resourceVersion ?? "")")
      }
      gone = old
      return nil
    }
    guard let gone else { throw .notFound(key.name, type) }
    return gone
  }

  private var admission: Admission { Admission(type: type, fieldValidation: options.fieldValidation) }

  private func new(_ object: APIObject, isTrusted: Bool) -> APIObject {
    var object = object
    object.json["apiVersion"] = .string(author.apiVersion)
    object.json["kind"] = .string(type.kind)
    object[metadata: "resourceVersion"] = nil
    if !type.isNamespaced { object[metadata: "namespace"] = nil }
    if !isTrusted {
      if type.subresources.contains("status") { object.json["status"] = nil }
      for key in ["uid", "creationTimestamp"] { object[metadata: key] = nil }
    }
    object[metadata: "uid"] = object[metadata: "uid"] ?? .string(Self.randomUID())
    object[metadata: "creationTimestamp"] = object[metadata: "creationTimestamp"] ?? .string(author.time.text)
    object[metadata: "generation"] = type.hasGenerations ? .int(1) : Optional.none
    var owners = ManagedFields(of: nil)
    owners.update(FieldComparison(from: nil, to: object, type: type), by: author)
    object[metadata: "managedFields"] = owners.json
    return ordered(object)
  }

  private func next(
    after old: APIObject, _ wanted: APIObject, owners: JSONValue? = nil
  ) throws(APIFailure) -> (APIObject, [String]) {
    if let version = wanted.resourceVersion, version != old.resourceVersion { throw .conflict(old.name, type) }
    if !wanted.uid.isEmpty, wanted.uid != old.uid {
      throw .conflict(
        old.name, type, "Precondition failed: UID in precondition: \(wanted.uid), UID in object meta: \(old.uid)")
    }
    guard wanted.key == old.key else {
      throw .badRequest("the name of the object (\(wanted.name)) does not match the name on the URL (\(old.name))")
    }
    var (object, warnings) = try admission.admit(wanted)
    for key in ["uid", "creationTimestamp", "generation", "resourceVersion", "managedFields"] {
      object[metadata: key] = old[metadata: key]
    }
    object.json["kind"] = .string(type.kind)
    object.json["apiVersion"] = old.json["apiVersion"]
    guard object != old || owners != nil else { return (old, warnings) }
    if type.hasGenerations, object.content != old.content {
      object[metadata: "generation"] = .int((old.generation ?? 1) + 1)
    }
    if let owners {
      object[metadata: "managedFields"] = owners
    } else {
      var owners = ManagedFields(of: old)
      owners.update(FieldComparison(from: old, to: object, type: type), by: author)
      object[metadata: "managedFields"] = owners.json
    }
    return (ordered(object), warnings)
  }

  private func ordered(_ object: APIObject) -> APIObject {
    type.isCustom ? APIObject(object.json.sortedByKey) : object
  }

  private static func randomUID() -> String {
    var bytes = (0..<16).map { _ in UInt8.random(in: 0...255) }
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    let hex = bytes.map { String(UInt16($0) + 256, radix: 16).dropFirst() }
    return [hex[0..<4], hex[4..<6], hex[6..<8], hex[8..<10], hex[10..<16]].map { $0.joined() }.joined(separator: "-")
  }

  private static func randomSuffix() -> String {
    String((0..<5).compactMap { _ in "bcdfghjklmnpqrstvwxz2456789".randomElement() })
  }
}

extension APIObject {
  /// All but metadata and status: what a generation counts.
  fileprivate var content: JSONValue {
    var content = json
    for key in ["metadata", "status", "apiVersion"] { content[key] = nil }
    return content
  }
}

extension ResourceType {
  fileprivate var hasGenerations: Bool {
    isCustom || [.pods, .deployments, .replicaSets, .endpointSlices].contains(self)
  }
}
