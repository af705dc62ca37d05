package dev.orrery.kernels.backend;

import dev.orrery.kernels.tensor.Tensor;

/**
 * A device with its memory and its kernels. A backend never falls back to another one: an operation
 * it lacks is a {@link MissingKernelException} when a model is built.
 *
 * <p>Kernels of one backend run in the order in which they are called from one thread. Several
 * sessions, each on a thread of its own, may share a backend.
 */
public interface Backend extends AutoCloseable {
  /** Short name, as the user types it: {@code cpu}, {@code reference}, {@code cuda:0}. */
  String name();

  /** Whether kernels read and write host memory, so that mapped weights are used where they are. */
  boolean usesHostMemory();

  /** A new, empty arena of this backend's memory. */
  TensorArena newArena();

  /**
   * Brings a host tensor to this backend. A backend that computes on host memory returns the very
   * tensor it was given, so mapped weights stay where they are.
   *
   * @param host a tensor in host memory that outlives the arena
   * @param arena owner of the copy, if one is made
   */
  Tensor upload(Tensor host, TensorArena arena);

  /**
   * Copies all elements between two tensors of the same dtype and number of elements, each of which
   * may lie on the host or on this backend. The two may overlap in one buffer; the result is as if
   * the source had been copied first.
   */
  void copy(Tensor from, Tensor to);

  /**
   * This backend's kernel for an operation.
   *
   * @throws MissingKernelException naming the operation, this backend and the operations that exist
   */
  <K extends Kernel> K kernel(Class<K> contract);

  /** Waits until everything called so far is done. */
  void synchronize();

  /** Releases the device. Tensors of this backend must not be used any more. */
  @Override
  void close();
}
