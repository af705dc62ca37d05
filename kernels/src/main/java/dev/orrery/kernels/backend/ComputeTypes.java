package dev.orrery.kernels.backend;

import dev.orrery.kernels.tensor.DType;

/**
 * The compute dtypes: those that networks keep their activations in. Latents, timesteps, modulation
 * vectors and rotary tables are fp32 everywhere.
 *
 * @param transformer activations of transformers
 * @param autoencoder feature maps of image and video autoencoders, whose values stay small but
 *     whose errors are seen: fp16 has three more bits of mantissa than bf16
 */
public record ComputeTypes(DType transformer, DType autoencoder) {
  /** Everything in fp32. */
  public static final ComputeTypes FP32 = new ComputeTypes(DType.F32, DType.F32);
}
