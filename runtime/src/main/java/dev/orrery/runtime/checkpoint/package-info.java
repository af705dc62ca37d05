/**
 * Weights on disk: safetensors files and their shards, read without copying, and the cursor with
 * which a model takes its tensors out of them.
 *
 * <p>Files come from elsewhere and are not trusted: whatever is wrong with one ends in a {@link
 * dev.orrery.runtime.checkpoint.CheckpointException} of one line, before any tensor is handed out.
 */
package dev.orrery.runtime.checkpoint;
