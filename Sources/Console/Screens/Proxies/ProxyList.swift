import MeshModel
import TerminalUI

/// The Proxies screen: what is selected, and how far it is scrolled.
struct ProxyList: Equatable, Sendable {
  /// What is shown, worst first and then by name: built when it changes, not for each picture.
  var rows: [ProxyStatus] = []
  var selection: ProxyID?
  var scrolling = Scrolling()
  var filter = TextFilter()
}

extension ProxyStatus {
  /// By what the control plane and the proxy itself say. A configuration on its way is no trouble.
  var health: Health {
    if case .silent = reach { return .failing }
    var isWaiting = false, isKnown = false
    for state in sync.values {
      switch state {
      case .rejected: return .rejected
      case .stale: isWaiting = true
      case .synced: isKnown = true
      case .notSent, .notSubscribed, .unknown: break
      }
    }
    if isWaiting { return .warning }
    if case .answering(let word) = reach {
      if word != "LIVE" { return .warning }
      isKnown = true
    }
    return isKnown ? .good : .unknown
  }

  var rejections: [(type: XDSType, reason: String, since: Timestamp?)] {
    XDSType.allCases.compactMap { type in
      if case .rejected(let reason, let since) = sync[type] { (type, reason, since) } else { nil }
    }
  }
}

extension State {
  mutating func rebuildProxyRows() {
    let all = proxies.value?.proxies ?? []
    let filter = proxyList.filter
    let shown = filter.isEmpty ? all : all.filter { filter.matches("\($0.id) \($0.kind.rawValue) \($0.version ?? "")") }
    let before = proxyList.selection.flatMap { selection in proxyList.rows.firstIndex { $0.id == selection } }
    proxyList.rows = shown.map { (-$0.health.rawValue, $0) }.sorted { ($0.0, $0.1.id) < ($1.0, $1.1.id) }.map(\.1)
    if !proxyList.rows.contains(where: { $0.id == proxyList.selection }) {
      let place = min(before ?? 0, proxyList.rows.count - 1)
      proxyList.selection = proxyList.rows.isEmpty ? nil : proxyList.rows[place].id
    }
  }

  var selectedProxy: ProxyStatus? { proxyList.rows.first { $0.id == proxyList.selection } }

  mutating func moveInProxies(_ movement: Movement) {
    let rows = proxyList.rows
    let place = rows.firstIndex { $0.id == proxyList.selection } ?? 0
    let height = ProxiesLayout(self).list.rows
    guard let target = movement.target(from: place, count: rows.count, height: height) else { return }
    proxyList.selection = rows[target].id
    proxyList.scrolling.moved(from: place, to: target, count: rows.count, height: height)
  }
}
