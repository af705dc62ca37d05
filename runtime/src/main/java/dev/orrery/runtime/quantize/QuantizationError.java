package dev.orrery.runtime.quantize;

/**
 * What quantising changed in a tensor.
 *
 * @param relativeL2 norm of the differences over the norm of the tensor; 0 for a tensor of zeros
 * @param largest largest absolute difference
 */
public record QuantizationError(double relativeL2, double largest) {}
