package dev.orrery.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.elementwise.ConvertCpu;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * One run of a kernel, which is written once for the reference and for every device: it asks {@link
 * Inputs} for its tensors, runs the kernel and returns the tensor that holds the result.
 */
@FunctionalInterface
public interface KernelCase<K extends Kernel> {
  Tensor run(K kernel, Inputs inputs);

  /** What the fp32 reference gives for a case whose inputs are rounded to a dtype. */
  static <K extends Kernel> float[] reference(Class<K> contract, DType dtype, KernelCase<K> run) {
    try (CpuBackend backend = CpuBackend.reference(2);
        TensorArena arena = backend.newArena()) {
      return values(backend, run.run(backend.kernel(contract), new Inputs(backend, arena, dtype)));
    }
  }

  /** The elements of a tensor of any dtype, brought to the host. */
  static float[] values(Backend backend, Tensor out) {
    Tensor host = host(out.dtype(), out.shape());
    backend.copy(out, host);
    float[] values = new float[Math.toIntExact(out.elements())];
    if (out.dtype() == DType.U8) {
      for (int i = 0; i < values.length; i++) {
        values[i] = host.segment().get(ValueLayout.JAVA_BYTE, i) & 0xFF;
      }
    } else {
      FloatView.of(host).copy(0, values, 0, values.length);
    }
    return values;
  }

  /** Makes the tensors of a case on the backend that it runs on. */
  final class Inputs {
    private final Backend backend;
    private final TensorArena arena;
    private final DType dtype;
    private final int guard;
    private final List<Tensor> guarded = new ArrayList<>();

    /**
     * Makes them.
     *
     * @param dtype under test; on the reference its values are fp32
     */
    public Inputs(Backend backend, TensorArena arena, DType dtype) {
      this(backend, arena, dtype, 0);
    }

    /**
     * The same with guard zones around outputs, for devices that do not watch every access.
     *
     * @param guard elements of a zone
     */
    public Inputs(Backend backend, TensorArena arena, DType dtype, int guard) {
      this.backend = backend;
      this.arena = arena;
      this.dtype = dtype;
      this.guard = guard;
    }

    /** Requires that nothing was written around the outputs. */
    public void requireGuards() {
      for (Tensor all : guarded) {
        Tensor host = host(all.dtype(), all.shape());
        backend.copy(all, host);
        byte[] bytes = host.segment().toArray(ValueLayout.JAVA_BYTE);
        int zone = guard * all.dtype().byteSize();
        for (int i = 0; i < zone; i++) {
          assertEquals(-1, bytes[i], "byte " + (i - zone) + " before an output was written");
          assertEquals(
              -1, bytes[bytes.length - zone + i], "byte " + i + " behind an output was written");
        }
      }
    }

    /** Whether the case runs on a device now, not on the reference. */
    public boolean onDevice() {
      return !backend.usesHostMemory();
    }

    /** Normal deviates in the dtype under test; on the reference their values in fp32. */
    public Tensor activation(long seed, long... extents) {
      return rounded(seed, dtype, extents);
    }

    /** Normal deviates rounded to a dtype; on the reference their values in fp32. */
    public Tensor rounded(long seed, DType to, long... extents) {
      Tensor values = KernelHarness.normal(seed, to, extents);
      return onDevice() ? moved(values) : widened(values);
    }

    /** Normal deviates in a dtype of their own, the same on both sides: weights, fp32 operands. */
    public Tensor exactly(long seed, DType own, long... extents) {
      return moved(KernelHarness.normal(seed, own, extents));
    }

    /** Fp32 normal deviates on both sides. */
    public Tensor fp32(long seed, long... extents) {
      return exactly(seed, DType.F32, extents);
    }

    /** These values rounded to the dtype under test; on the reference the rounded ones in fp32. */
    public Tensor values(float[] values, long... extents) {
      Tensor rounded = host(dtype, Shape.of(extents));
      new ConvertCpu().launch(Tensor.of(values, extents), rounded);
      return onDevice() ? moved(rounded) : widened(rounded);
    }

    /** Seeded random bytes. */
    public Tensor bytes(long seed, long... extents) {
      byte[] bytes = new byte[Math.toIntExact(Shape.of(extents).elements())];
      new Random(seed).nextBytes(bytes);
      return moved(Tensor.host(DType.U8, Shape.of(extents), MemorySegment.ofArray(bytes)));
    }

    /** A host tensor brought to the backend as it is. */
    public Tensor moved(Tensor host) {
      Tensor copy = arena.empty(host.dtype(), host.shape().extents());
      backend.copy(host, copy);
      return copy;
    }

    /** Room for a result in the dtype under test (fp32 on the reference), filled with NaN. */
    public Tensor output(long... extents) {
      return outputOf(dtype, extents);
    }

    /** Room for a result in a dtype of its own (fp32 on the reference), filled with NaN. */
    public Tensor outputOf(DType own, long... extents) {
      DType kept = onDevice() || !own.isWeightType() ? own : DType.F32;
      Shape shape = Shape.of(extents);
      Tensor all = arena.empty(kept, shape.elements() + 2L * guard);
      byte[] ones = new byte[Math.toIntExact(all.byteSize())];
      Arrays.fill(ones, (byte) 0xFF);
      backend.copy(Tensor.host(kept, all.shape(), MemorySegment.ofArray(ones)), all);
      guarded.add(all);
      return all.slice(guard, guard + shape.elements()).reshape(extents);
    }

    /** The same filled with normal deviates, for kernels that add to their output. */
    public Tensor sum(long seed, long... extents) {
      Tensor out = output(extents);
      Tensor values = KernelHarness.normal(seed, dtype, extents);
      backend.copy(out.dtype() == dtype ? values : widened(values), out);
      return out;
    }

    private static Tensor widened(Tensor values) {
      Tensor fp32 = host(DType.F32, values.shape());
      new ConvertCpu().launch(values, fp32);
      return fp32;
    }
  }

  private static Tensor host(DType dtype, Shape shape) {
    long bytes = Math.max(1, shape.elements() * dtype.byteSize());
    return Tensor.host(dtype, shape, Arena.ofAuto().allocate(bytes, 64));
  }
}
