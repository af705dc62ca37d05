package dev.orrery.kernels.tornado;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/** What the kernels of all operations share. They compute on fp32. */
public abstract class TornadoKernel implements Kernel {
  /** For kernels that take no fractions. */
  protected static final float[] NO_FLOATS = {};

  private final TornadoDevice device;

  protected TornadoKernel(TornadoDevice device) {
    this.device = device;
  }

  protected final TornadoDevice device() {
    return device;
  }

  /**
   * A weight as kernels take it: one array of fp32 and one of 16 bits, of which the kernel reads
   * the one that the format says.
   *
   * @param fp32 the weight, or a tensor that is not read
   * @param sixteen the weight, or a tensor that is not read
   * @param format as {@link StoredFloat} counts
   */
  protected record StoredWeight(Tensor fp32, Tensor sixteen, int format) {}

  /**
   * A weight of any floating-point dtype.
   *
   * @param other an fp32 tensor of the call, passed where the weight is not fp32
   */
  protected final StoredWeight stored(Tensor weight, Tensor other) {
    return weight.dtype() == DType.F32
        ? new StoredWeight(weight, device.unused(), StoredFloat.FP32)
        : new StoredWeight(other, weight, StoredFloat.format(weight.dtype()));
  }

  /**
   * Requires a vector of parameters in the form of {@link
   * dev.orrery.kernels.backend.Backend#upload}.
   */
  protected static void requireVector(String argument, Tensor vector) {
    Check.that(
        vector == null || vector.dtype() == DType.F32,
        argument + ": expected F32 as upload gives it for vectors, found " + vector);
  }

  /** An optional tensor, or another one in its place, which the kernel does not read. */
  protected static Tensor orElse(Tensor optional, Tensor other) {
    return optional == null ? other : optional;
  }

  /** A truth value as kernels read it. */
  protected static int flag(boolean condition) {
    return condition ? 1 : 0;
  }
}
