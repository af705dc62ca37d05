package dev.orrery.model.vid2world;

import dev.orrery.model.session.Action;

/**
 * What a person or a robot does during one video frame.
 *
 * @param values the numbers that the network is told, as many as an action has
 */
record Vid2WorldAction(float[] values) implements Action {}
