import KubernetesAPI
import MeshModel

/// Who made a change and when, by an object's managed fields. The server keeps one time a manager, that of the last
/// change that it made, in whole seconds; a manager that only reports the status changes nothing.
struct ChangeAuthor: Hashable {
  let manager: String
  let time: Timestamp

  private init?(_ owner: FieldOwner) {
    guard owner.subresource != "status", let time = owner.time.flatMap({ Timestamp($0) }) else { return nil }
    (manager, self.time) = (plain(owner.manager), time)
  }

  /// All that an object names, the newest first.
  static func all(of object: KubernetesObject) -> [ChangeAuthor] {
    Set(object.owners.compactMap(ChangeAuthor.init)).sorted {
      ($1.time, $0.manager) < ($0.time, $1.manager)
    }
  }

  /// Who made an object what it is from what it was: the newest whose entry moved. Where none did, it was written again
  /// in the second of its last change: by the one whose that is, unless it is of several.
  static func author(from before: KubernetesObject?, to after: KubernetesObject) -> ChangeAuthor? {
    let now = all(of: after)
    let known = Set(before.map(all) ?? [])
    if let moved = now.first(where: { !known.contains($0) }) { return moved }
    guard let newest = now.first, now.dropFirst().first?.time != newest.time else { return nil }
    return newest
  }
}
