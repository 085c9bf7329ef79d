import MeshModel
import Testing

struct ObservedChangeTests {
  private let reviews = ServiceID(namespace: "bookinfo", name: "reviews")
  private let ratings = ServiceID(namespace: "bookinfo", name: "ratings")
  private let payments = ServiceID(namespace: "payments", name: "api")

  private func change(
    _ reach: ObservedChange.Reach, by: String? = "kubectl-edit", _ action: ObservedChange.Action = .changed,
    _ fields: [ObservedChange.Field] = [], more: Int = 0
  ) -> ObservedChange {
    ObservedChange(
      id: .init(object: .init(kind: "Deployment", namespace: "bookinfo", name: "reviews-v3"), version: "7"),
      action: action, time: Timestamp(seconds: 1), by: by, fields: fields, moreFields: more, reach: reach)
  }

  @Test func theNearerAChangeCameTheLessItIs() {
    let ofVersion = change(.services([reviews], version: "v3"))
    let ofService = change(.services([ratings, reviews], version: nil))
    let near = [ofVersion, ofService, change(.namespace("bookinfo")), change(.mesh)].map {
      $0.touches(reviews, version: "v3")
    }
    #expect(near == [.version, .service, .namespace, .mesh])
    #expect(ObservedChange.Closeness.allCases == ObservedChange.Closeness.allCases.sorted())
  }

  @Test func aChangeOfAVersionTouchesNoOther() {
    let ofVersion = change(.services([reviews], version: "v3"))
    #expect(ofVersion.touches(reviews, version: "v1") == nil)
    #expect(ofVersion.touches(reviews) == .service)
    #expect(ofVersion.touches(ratings, version: "v3") == nil)
    #expect(change(.services([reviews], version: nil)).touches(reviews, version: "v1") == .service)
    #expect(change(.namespace("bookinfo")).touches(payments) == nil)
    #expect(change(.mesh).touches(payments) == .mesh)
  }

  @Test func anAutoscalerIsRoutine() {
    let replicas = ObservedChange.Field(name: "replicas", before: "3", after: "5")
    let image = ObservedChange.Field(name: "image", before: "1", after: "2")
    #expect(change(.mesh, by: "kube-controller-manager", .changed, [replicas]).isRoutine)
    #expect(!change(.mesh, by: "kubectl", .changed, [replicas]).isRoutine)
    #expect(!change(.mesh, by: "kube-controller-manager", .changed, [replicas, image]).isRoutine)
    #expect(!change(.mesh, by: "kube-controller-manager", .changed, [replicas], more: 1).isRoutine)
    #expect(!change(.mesh, by: "kube-controller-manager", .deleted).isRoutine)
  }

  @Test func aSummarySaysWhatWasDone() {
    let fields = (1...4).map { ObservedChange.Field(name: "v\($0)", before: "\($0)", after: "9") }
    #expect(
      change(.mesh, .changed, fields).summary == "Deployment reviews-v3  v1 1 → 9  v2 2 → 9  v3 3 → 9  and 1 more")
    #expect(change(.mesh, .changed, [fields[0]], more: 30).summary == "Deployment reviews-v3  v1 1 → 9  and 30 more")
    #expect(change(.mesh, .created).summary == "Deployment reviews-v3  created")
    #expect(change(.mesh).summary == "Deployment reviews-v3  changed")
    let hidden = ObservedChange.Field(name: "env API_TOKEN", before: nil, after: nil)
    #expect(change(.mesh, .changed, [hidden]).summary == "Deployment reviews-v3  env API_TOKEN changed")
  }
}
