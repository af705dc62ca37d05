/**
 * PyTorch archives ({@code .pth}, {@code .pt}, {@code .ckpt}), read for their tensors and nothing
 * else.
 *
 * <p>An archive is a zip file: a pickle that describes objects, and one entry of raw bytes for each
 * storage. A pickle is a program for a stack machine that may call anything; the machine here knows
 * only how tensors, dictionaries, lists and plain values are written, and refuses every other
 * instruction and every other name. Beside a dictionary that alone is wanted, other names are
 * carried as placeholders, which are nothing but these names. No class is looked up, nothing is
 * called. Whatever is wrong with a file ends in a {@link
 * dev.orrery.runtime.checkpoint.CheckpointException} of one line.
 */
package dev.orrery.weights.torch;
