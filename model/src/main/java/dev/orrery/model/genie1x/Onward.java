package dev.orrery.model.genie1x;

import dev.orrery.model.session.Action;
import dev.orrery.model.session.ActionInput;
import dev.orrery.model.session.ActionSpace;
import java.util.List;

/** The world goes on by itself; nobody can do anything about it. */
enum Onward implements Action {
  /** Another frame. */
  ON;

  /** The space of that one action. */
  static final ActionSpace SPACE =
      new ActionSpace() {
        @Override
        public List<KeyBinding> keyBindings() {
          return List.of();
        }

        @Override
        public Action encode(ActionInput input) {
          return ON;
        }
      };
}
