package dev.orrery.play;

/**
 * A video frame as viewers get it, to be shown when it comes.
 *
 * @param start number of the world's start: grows with each start, load or going back
 * @param block the block that it is part of
 * @param index its place in the block, from 0
 * @param time of the newest input that the block was made with, see {@link HeldInput#hold}; 0 if
 *     there was none
 * @param read when that input was read, as {@link System#nanoTime}
 * @param rate frames per second at which frames come
 * @param jpeg the picture, whole
 */
public record Frame(
    int start, int block, int index, double time, long read, float rate, byte[] jpeg) {}
