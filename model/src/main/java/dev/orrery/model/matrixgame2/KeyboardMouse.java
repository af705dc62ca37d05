package dev.orrery.model.matrixgame2;

import dev.orrery.model.session.Action;

/**
 * What a person does during one video frame.
 *
 * @param keyboard one value for each key of the variant
 * @param mouse pitch (up is positive) and yaw (right is positive); empty in a variant without a
 *     mouse
 */
public record KeyboardMouse(float[] keyboard, float[] mouse) implements Action {}
