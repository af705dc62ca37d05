package dev.orrery.play;

/**
 * What a player is doing.
 *
 * @param ready whether there is a world, and code that is warm
 * @param paused whether no blocks are made until somebody wants them
 * @param recording whether frames and actions are recorded
 * @param start number of the world's start: grows with each start, load or going back
 * @param block the next one
 * @param first the earliest block that can be gone back to
 * @param seed chose the world
 */
public record PlayerState(
    boolean ready, boolean paused, boolean recording, int start, int block, int first, long seed) {}
