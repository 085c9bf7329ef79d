import JSON
import KubernetesAPI
import Testing

@Suite struct PatchTests {
  /// The examples of RFC 6902, appendix A, and the corners that it leaves.
  @Test(arguments: [
    (#"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz","value":"qux"}]"#, #"{"baz":"qux","foo":"bar"}"#),
    (#"{"foo":["bar","baz"]}"#, #"[{"op":"add","path":"/foo/1","value":"qux"}]"#, #"{"foo":["bar","qux","baz"]}"#),
    (#"{"baz":"qux","foo":"bar"}"#, #"[{"op":"remove","path":"/baz"}]"#, #"{"foo":"bar"}"#),
    (#"{"foo":["bar","qux","baz"]}"#, #"[{"op":"remove","path":"/foo/1"}]"#, #"{"foo":["bar","baz"]}"#),
    (#"{"baz":"qux","foo":"bar"}"#, #"[{"op":"replace","path":"/baz","value":"boo"}]"#, #"{"baz":"boo","foo":"bar"}"#),
    (
      #"{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}"#,
      #"[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]"#,
      #"{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}"#
    ),
    (
      #"{"foo":["all","grass","cows","eat"]}"#, #"[{"op":"move","from":"/foo/1","path":"/foo/3"}]"#,
      #"{"foo":["all","cows","eat","grass"]}"#
    ),
    (
      #"{"baz":"qux","foo":["a",2,"c"]}"#,
      #"[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2.0}]"#,
      #"{"baz":"qux","foo":["a",2,"c"]}"#
    ),
    (#"{"foo":["bar"]}"#, #"[{"op":"add","path":"/foo/-","value":["abc","def"]}]"#, #"{"foo":["bar",["abc","def"]]}"#),
    (#"{"/":9,"~1":10}"#, #"[{"op":"replace","path":"/~01","value":11},{"op":"remove","path":"/~1"}]"#, #"{"~1":11}"#),
    (
      #"{"a":null}"#, #"[{"op":"test","path":"/a","value":null},{"op":"copy","from":"/a","path":"/b"}]"#,
      #"{"a":null,"b":null}"#
    ),
    (#"{"a":1}"#, #"[{"op":"replace","path":"","value":[1]}]"#, "[1]"),
  ])
  func appliesJSONPatches(_ document: String, _ patch: String, _ expected: String) throws {
    let read = try JSONPatch(reading: JSONValue(parsing: patch))
    let result = try read.applied(to: JSONValue(parsing: document))
    #expect(result == (try JSONValue(parsing: expected)))
    #expect(try JSONPatch(reading: read.json) == read)
  }

  @Test(arguments: [
    (#"{"a":1}"#, #"[{"op":"remove","path":"/b"}]"#, "operation 0 of the JSON patch: there is no /b"),
    (#"{"a":[1]}"#, #"[{"op":"add","path":"/a/2","value":1}]"#, "operation 0 of the JSON patch: there is no /a/2"),
    (
      #"{"a":[1]}"#, #"[{"op":"replace","path":"/a/01","value":1}]"#, "operation 0 of the JSON patch: there is no /a/01"
    ),
    (#"{"a":[1]}"#, #"[{"op":"replace","path":"/a/-","value":1}]"#, "operation 0 of the JSON patch: there is no /a/-"),
    (#"{"a":1}"#, #"[{"op":"add","path":"/a/b","value":1}]"#, "operation 0 of the JSON patch: there is no /a/b"),
    (
      #"{"a":1}"#, #"[{"op":"test","path":"/a","value":1},{"op":"test","path":"/a","value":"1"}]"#,
      "operation 1 of the JSON patch: /a is 1, which is not what was tested for"
    ),
    (
      #"{"a":{}}"#, #"[{"op":"move","from":"/a","path":"/a/b"}]"#,
      "operation 0 of the JSON patch: /a cannot be moved into itself"
    ),
    (#"{}"#, #"[{"op":"add","path":"a","value":1}]"#, "operation 0 of the JSON patch: \"path\" must be a JSON pointer"),
    (
      #"{}"#, #"[{"op":"add","path":"/~2","value":1}]"#,
      "operation 0 of the JSON patch: \"path\" must be a JSON pointer"
    ),
    (#"{}"#, #"[{"op":"add","path":"/a"}]"#, "operation 0 of the JSON patch: \"value\" is missing"),
    (#"{}"#, #"{}"#, "not a JSON patch: it must be an array"),
  ])
  func refusesPatchesThatDoNotFit(_ document: String, _ patch: String, _ sentence: String) throws {
    let document = try JSONValue(parsing: document)
    let patch = try JSONValue(parsing: patch)
    do throws(JSONPatchError) {
      _ = try JSONPatch(reading: patch).applied(to: document)
      Issue.record("it was taken")
    } catch {
      #expect(error.description == sentence)
    }
  }

  /// RFC 7396, appendix A.
  @Test(arguments: [
    (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
    (#"{"a":"b"}"#, #"{"a":null}"#, #"{}"#), (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
    (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
    (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#), (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
    (#"{"a":"foo"}"#, "null", "null"), (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#),
    ("[1,2]", #"{"a":"b","c":null}"#, #"{"a":"b"}"#), (#"{}"#, #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
  ])
  func appliesMergePatches(_ document: String, _ patch: String, _ expected: String) throws {
    let result = try JSONValue(parsing: document).merging(patch: JSONValue(parsing: patch))
    #expect(result == (try JSONValue(parsing: expected)))
  }
}
