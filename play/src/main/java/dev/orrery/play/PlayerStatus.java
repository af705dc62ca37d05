package dev.orrery.play;

/**
 * How fast a player is. All are 0 before there is something to measure.
 *
 * @param framesPerSecond frames that were given to viewers in a second, newly
 * @param keyToFrameMillis from the newest input of a block until its first frame was given to
 *     viewers, newest
 * @param passesMillis denoising of the newest block
 * @param completingMillis the pass that only fills the caches, if there is one
 * @param decodingMillis decoding of the newest block
 */
public record PlayerStatus(
    double framesPerSecond,
    double keyToFrameMillis,
    double passesMillis,
    double completingMillis,
    double decodingMillis) {}
