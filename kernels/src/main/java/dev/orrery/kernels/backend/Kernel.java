package dev.orrery.kernels.backend;

import dev.orrery.kernels.tensor.DType;

/**
 * The contract of one operation. A contract is an interface whose Javadoc is the definition; its
 * {@code run} checks shapes, dtypes and ranges once and then calls {@code launch}, which a backend
 * implements. Inputs come first, outputs last. A kernel allocates no tensors and keeps no state
 * between calls. A contract of products also counts them, in a static method {@code operations}
 * with the parameters of {@code launch}: plans are made of it.
 *
 * <p>Unless a contract says otherwise, all activations of a call have one dtype that the backend
 * accepts (fp32 on CPUs, also fp16 and bf16 on GPUs), weights may be fp32, fp16 or bf16, an output
 * overlaps no input, and tensors are contiguous and row-major. The letters of shapes are: F latent
 * frames, T tokens (or frames of a video, where said), S tokens of one latent frame, H heads, D
 * head dim, C channels, Y rows, X columns.
 */
public interface Kernel {
  /**
   * Whether this backend's kernel computes on activations of a dtype: fp32 alone, unless the
   * backend says otherwise.
   */
  default boolean accepts(DType activations) {
    return activations == DType.F32;
  }
}
