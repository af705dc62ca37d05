package dev.orrery.model.session;

/**
 * Which model a session is of.
 *
 * @param family id of its family
 * @param description one line that says what it is: family, variant, size of the frames
 * @param width columns of a video frame
 * @param height rows of a video frame
 * @param framesPerSecond as the family's own videos have them
 * @param steps of the sampler for a chunk
 * @param decoder what makes the frames
 * @param fingerprint tells models apart that describe themselves alike
 */
public record ModelIdentity(
    String family,
    String description,
    int width,
    int height,
    int framesPerSecond,
    int steps,
    LatentDecoder decoder,
    String fingerprint) {}
