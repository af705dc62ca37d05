/** Checkpoints and models with fewer bits. */
package dev.orrery.weights.quantize;
