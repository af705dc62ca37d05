/** Tensors on disk in any of the known formats, read once and piece by piece. */
package dev.orrery.weights.source;
