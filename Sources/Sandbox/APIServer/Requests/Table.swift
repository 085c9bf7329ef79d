internal import JSON

/// Objects as rows, as `kubectl get` prints them: the columns of each type, and how their cells are filled.
struct Table {
  struct Column {
    let name: String
    var type = "string"
    var format = ""
    /// 1 for columns that are shown with `-o wide` only.
    var priority = 0
    let cell: @Sendable (APIObject) -> JSONValue

    init(
      _ name: String, type: String = "string", format: String = "", priority: Int = 0,
      cell: @escaping @Sendable (APIObject) -> JSONValue
    ) {
      (self.name, self.type, self.format, self.priority, self.cell) = (name, type, format, priority, cell)
    }
  }

  let type: ResourceType

  func json(_ objects: [APIObject], version: String, withColumns: Bool = true) -> JSONValue {
    json(objects, metadata: ["resourceVersion": .string(version)], withColumns: withColumns)
  }

  func json(_ objects: [APIObject], metadata: JSONValue, withColumns: Bool = true) -> JSONValue {
    let columns = TableColumns.columns(of: type)
    let definitions = columns.map { column -> JSONValue in
      [
        "name": .string(column.name), "type": .string(column.type), "format": .string(column.format),
        "description": "", "priority": .int(column.priority),
      ]
    }
    let rows = objects.map { object -> JSONValue in
      ["cells": .array(columns.map { $0.cell(object) }), "object": ObjectReader.metadata(of: object)]
    }
    return [
      "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
      "columnDefinitions": withColumns ? .array(definitions) : .null, "rows": .array(rows),
    ]
  }
}
