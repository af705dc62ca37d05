package dev.orrery.model.layers;

import dev.orrery.kernels.tensor.Tensor;

/**
 * How the conditioning of each latent frame modulates one layer: {@code x + gate * layer(norm(x) *
 * (1 + scale) + shift)}.
 *
 * @param shift {@code [F, C]}, fp32
 * @param scale {@code [F, C]}, fp32
 * @param gate {@code [F, C]}, fp32; null for a layer without a residual, such as a head
 */
public record ShiftScaleGate(Tensor shift, Tensor scale, Tensor gate) {}
