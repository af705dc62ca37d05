package dev.orrery.model.family;

/**
 * Size and rate of a model's video.
 *
 * @param width columns of a frame
 * @param height rows of a frame
 * @param framesPerSecond as the family's own videos have them
 */
public record VideoShape(int width, int height, int framesPerSecond) {}
