package dev.orrery.benchmarks;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/**
 * One launch of a chunk of a released model, on random values: {@link FamilyLaunches} says which
 * there are, and {@code ./bench FAMILY} measures all of a family.
 */
public class FamilyBenchmark extends KernelBenchmark implements KernelCase.Arithmetic {
  /** Id of the family, or the demo world. */
  @Param("matrix-game-2")
  public String family;

  /** Name of the launch. */
  @Param("Silu F32[3, 1536] F32[3, 1536]")
  public String launch;

  private Runnable call;

  @Override
  void prepare() {
    PlannedLaunch planned = planned();
    Kernel kernel = kernel(planned.contract());
    call = planned.on(kernel, this::filled);
  }

  /** Rows that are numbers of rows are all the first one. */
  private Tensor filled(Tensor planned) {
    int[] extents = new int[planned.shape().rank()];
    for (int axis = 0; axis < extents.length; axis++) {
      extents[axis] = planned.size(axis);
    }
    return switch (planned.dtype()) {
      case U8 -> bytes(extents);
      case I32 -> empty(DType.I32, extents);
      default -> normal(planned.dtype(), extents);
    };
  }

  private PlannedLaunch planned() {
    PlannedLaunch planned = FamilyLaunches.released(family).get(launch);
    if (planned == null) {
      throw new IllegalArgumentException(family + " has no launch " + launch);
    }
    return planned;
  }

  @Override
  public String shape() {
    return launch;
  }

  @Override
  public double operations() {
    return planned().operations();
  }

  @Override
  public double bytes() {
    return planned().bytes();
  }

  /** The launch. */
  @Benchmark
  public void run() {
    call.run();
  }
}
