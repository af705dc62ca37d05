package dev.orrery.model.session;

/**
 * What the stages of a chunk took, each waited for. Stages of a rollout on a device of its own
 * overlap: a chunk is decoded while it is completed and the next one is generated.
 *
 * @param chunk its index
 * @param generatingNanos the passes that make what is decoded, in nanoseconds
 * @param decodingNanos decoding all frames, without the time of whoever takes them
 * @param completingNanos what is left for later chunks, such as a pass that fills the caches
 */
public record ChunkTimes(
    int chunk, long generatingNanos, long decodingNanos, long completingNanos) {}
