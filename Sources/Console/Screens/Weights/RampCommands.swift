import MeshModel
import TerminalUI

extension Command {
  static let rampCommands: [Command] = [
    Command(
      "weights.ramp", "shift to this destination step by step, under guards", keys: [.character("r")],
      in: .weights, writes: true
    ) { state, _ in
      state.openRamp()
    },
    Command("ramp.pause", "pause, or go on; its guards watch on", hint: "pause", keys: [.character("p")], in: .ramp) {
      state, _ in
      state.tellEditorRamp(state.editorRamp?.ramp.isPaused == true ? .goOn : .pause)
    },
    Command(
      "ramp.goBack", "back to the start's weights, at once", hint: "go back", keys: [.character("b")], in: .ramp,
      writes: true
    ) { state, _ in
      state.tellEditorRamp(.goBack)
    },
    Command("ramp.stop", "stop where it is", hint: "stop here", keys: [.character("s")], in: .ramp) { state, _ in
      state.tellEditorRamp(.stop)
    },
    Command(
      "rampQuestion.goOn", "go on with a ramp that ended in the middle", keys: [.character("r")], in: .rampQuestion,
      writes: true
    ) { state, _ in
      state.answerRamp(.goOn)
    },
    Command(
      "rampQuestion.goBack", "take it back to the start", hint: "go back", keys: [.character("b")], in: .rampQuestion,
      writes: true
    ) { state, _ in
      state.answerRamp(.goBack)
    },
    Command("rampQuestion.stop", "stop it where it is, and leave", keys: [.character("s")], in: .rampQuestion) {
      state, _ in
      state.answerRamp(.stop)
    },
    Command("rampQuestion.later", "neither", hint: "neither", keys: [Key(.escape)], in: .rampQuestion) { state, _ in
      state.answerRamp(.later)
    },
  ]
}
