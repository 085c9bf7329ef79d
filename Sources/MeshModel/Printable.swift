/// Text from outside without anything that a terminal would obey.
public func printable(_ text: String) -> String {
  var safe = ""
  for scalar in text.unicodeScalars {
    switch scalar.properties.generalCategory {
    case .control where scalar == "\n" || scalar == "\t": safe.unicodeScalars.append(scalar)
    case .control, .format, .lineSeparator, .paragraphSeparator: safe += "·"
    default: safe.unicodeScalars.append(scalar)
    }
  }
  return safe
}
