package dev.orrery.kernels.backend;

import dev.orrery.kernels.tensor.DType;
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

  /**
   * What rounds its results, in words: two backends that say the same, and have the same {@link
   * #computeTypes}, give the same bytes.
   */
  default String machine() {
    return name();
  }

  /** Whether kernels read and write host memory, so that mapped weights are used where they are. */
  boolean usesHostMemory();

  /** A new, empty arena of this backend's memory. */
  TensorArena newArena();

  /** The dtypes of activations that networks are to use on this backend. */
  ComputeTypes computeTypes();

  /**
   * Brings a weight to this backend, in the form in which its kernels take it beside activations of
   * a dtype. A backend that computes on host memory returns the very tensor it was given, so mapped
   * weights stay where they are; others may keep it in another dtype.
   *
   * @param host a tensor in host memory that outlives the arena
   * @param activations what the weight will be applied to
   * @param arena owner of the copy, if one is made
   */
  Tensor upload(Tensor host, DType activations, TensorArena arena);

  /**
   * Copies all elements between two tensors of the same dtype and number of elements, each of which
   * may lie on the host or on this backend. The two may overlap in one buffer; the result is as if
   * the source had been copied first. A host tensor may be read or written again on return.
   */
  void copy(Tensor from, Tensor to);

  /**
   * This backend's kernel for an operation.
   *
   * @throws MissingKernelException naming the operation, this backend and the operations that exist
   */
  <K extends Kernel> K kernel(Class<K> contract);

  /**
   * Makes kernel calls and copies between this backend's tensors as one unit. A backend may hand
   * the whole unit to the device at once, and faster when it has seen the same unit before. What is
   * called, and the result, are those of {@code calls.run()}.
   *
   * @param calls may neither read nor write host memory
   */
  void batch(Runnable calls);

  /** Waits until everything called so far from this thread is done. */
  void synchronize();

  /** Releases the device. Tensors of this backend must not be used any more. */
  @Override
  void close();
}
