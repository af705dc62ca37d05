package dev.orrery.model.oasis;

import dev.orrery.model.session.Action;

/**
 * What a person does during one video frame.
 *
 * @param values one number for each entry of {@link OasisActionSpace#ENTRIES}
 */
record OasisAction(float[] values) implements Action {
  /** Nothing is held and the mouse rests: what images of the start were made with. */
  static final OasisAction NONE = new OasisAction(new float[OasisActionSpace.ENTRIES.size()]);
}
