package dev.orrery.kernels.backend;

import dev.orrery.kernels.tensor.DType;

/**
 * The dtypes that networks keep their activations in. Latents, timesteps, modulation vectors and
 * rotary tables are fp32 everywhere.
 *
 * @param tokens activations of transformers
 * @param pixels feature maps of image and video autoencoders, whose values stay small but whose
 *     errors are seen: fp16 has three more bits of mantissa than bf16
 */
public record Precision(DType tokens, DType pixels) {
  /** Everything in fp32. */
  public static final Precision FP32 = new Precision(DType.F32, DType.F32);
}
