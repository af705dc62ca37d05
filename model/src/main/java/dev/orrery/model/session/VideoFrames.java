package dev.orrery.model.session;

/**
 * Consecutive video frames.
 *
 * @param count frames
 * @param height rows of a frame
 * @param width columns of a frame
 * @param rgb {@code [count, height, width, 3]} bytes, red first
 */
public record VideoFrames(int count, int height, int width, byte[] rgb) {}
