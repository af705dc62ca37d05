package dev.orrery.cli.plot;

import dev.orrery.runtime.media.RgbImage;

/**
 * A frame of a rollout that a {@link CameraStrip} shows.
 *
 * @param latentFrame its number in the camera path, from 0
 * @param image what was seen there
 */
public record Shown(int latentFrame, RgbImage image) {}
