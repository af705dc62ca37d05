package dev.orrery.weights.quantize;

import dev.orrery.runtime.checkpoint.TensorSpec;
import dev.orrery.runtime.quantize.QuantizationError;

/**
 * A matrix that was quantised.
 *
 * @param before the matrix as it was
 * @param bytes size of the values and scales that stand for it now
 * @param error how far they are from it
 */
public record QuantizedTensor(TensorSpec before, long bytes, QuantizationError error) {}
