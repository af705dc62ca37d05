package dev.orrery.kernels.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.KernelCase;
import dev.orrery.kernels.KernelCase.Inputs;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.TornadoBackend;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.elementwise.Modulation;
import dev.orrery.kernels.layout.AppendColumns;
import dev.orrery.kernels.layout.DownsampleShortcut;
import dev.orrery.kernels.layout.PatchOrder;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.kernels.norm.RmsNorm;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.reflect.Constructor;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The harness finds kernels that lack a bound: their results are wrong, or they write around the
 * output, or they leave the slab. (What else can be wrong with a kernel is in its own test: {@link
 * TornadoHarness#findsBugs}.)
 */
class TornadoPlantedBugTest {
  private static final long MEMORY = 1 << 30;
  private static final int GUARD = 64;

  private static final String OUTSIDE = "Out of bound access";
  private static final String GUARD_ZONE = "behind an output was written";
  private static final String WRONG = "relative L2 error";

  private static final KernelCase<Matmul> MATMUL =
      (kernel, inputs) -> {
        Tensor out = inputs.output(20, 18);
        Tensor x = inputs.fp32(1, 20, 33);
        kernel.run(x, inputs.exactly(2, DType.BF16, 18, 33), null, Activation.NONE, out);
        return out;
      };

  private static final KernelCase<RmsNorm> RMS_NORM =
      (kernel, inputs) -> {
        Tensor out = inputs.output(3, 100);
        kernel.run(inputs.fp32(1, 3, 100), inputs.fp32(2, 100), 1e-6, out);
        return out;
      };

  /**
   * A bug and what finds it.
   *
   * @param name what is wrong
   * @param contract of the kernel
   * @param kernel its class, by its name behind {@code dev.orrery.kernels}
   * @param found what the report says
   */
  record Planted<K extends Kernel>(
      String name,
      Class<K> contract,
      String kernel,
      KernelCase<K> run,
      RemovedBound bug,
      String found) {
    @Override
    public String toString() {
      return contract.getSimpleName() + ": " + name;
    }

    private float[] expected() {
      return KernelCase.reference(contract, DType.F32, run);
    }

    /** What a device gives; null stands for the kernel without a bug. */
    private float[] compute(RemovedBound planted) throws ReflectiveOperationException {
      try (TornadoBackend backend = TornadoHarness.open(new EmulatedTornado(MEMORY));
          TensorArena arena = new TightArena(backend.device())) {
        Inputs inputs = new Inputs(backend, arena, DType.F32, GUARD);
        K implementation = backend.kernel(contract);
        if (planted != null) {
          Constructor<?> constructor =
              planted.load(kernel).getDeclaredConstructor(TornadoDevice.class);
          implementation = contract.cast(constructor.newInstance(backend.device()));
        }
        Tensor out = run.run(implementation, inputs);
        inputs.requireGuards();
        return KernelCase.values(backend, out);
      }
    }
  }

  private static RemovedBound bound(String type, String method, String variable, int occurrence) {
    return new RemovedBound(type, method, variable, occurrence);
  }

  private static Planted<Matmul> matmul(
      String name, String variable, int occurrence, String found) {
    return new Planted<>(
        name,
        Matmul.class,
        "linear.MatmulTornado",
        MATMUL,
        bound("linear.ProductTornado", "product", variable, occurrence),
        found);
  }

  private static Planted<RmsNorm> rmsNorm(String name, RemovedBound bug, String found) {
    return new Planted<>(name, RmsNorm.class, "norm.RmsNormTornado", RMS_NORM, bug, found);
  }

  static Stream<Planted<?>> bugs() {
    String norm = "norm.RmsNormTornado";
    String add = "elementwise.AddTornado";
    String append = "layout.AppendColumnsTornado";
    String shortcut = "layout.DownsampleShortcutTornado";
    String modulation = "elementwise.ModulationTornado";
    return Stream.of(
        // Tiles reach beyond the operands and the result.
        matmul("rows of x", "rows", 1, OUTSIDE),
        matmul("depth of x", "depth", 2, OUTSIDE),
        matmul("rows of the weight", "columns", 1, OUTSIDE),
        matmul("depth of the weight", "depth", 3, OUTSIDE),
        matmul("rows of the result", "rows", 2, OUTSIDE),
        matmul("columns of the result", "columns", 2, GUARD_ZONE),
        // Threads go on behind the row.
        rmsNorm("columns of the sum", bound(norm, "rmsNorm", "columns", 1), OUTSIDE),
        rmsNorm("columns of the result", bound(norm, "rmsNorm", "columns", 2), OUTSIDE),
        rmsNorm("the weight", new RemovedBound(norm, "rmsNorm", "weighted", 1, false), WRONG),
        new Planted<>(
            "count",
            Add.class,
            add,
            (kernel, inputs) -> {
              Tensor out = inputs.output(300);
              kernel.run(inputs.fp32(1, 300), inputs.fp32(2, 300), out);
              return out;
            },
            bound(add, "add", "count", 1),
            OUTSIDE),
        new Planted<>(
            "channels of x",
            AppendColumns.class,
            append,
            (kernel, inputs) -> {
              Tensor out = inputs.output(12, 9);
              kernel.run(inputs.fp32(1, 12, 5), inputs.fp32(2, 3, 4), out);
              return out;
            },
            bound(append, "appendColumns", "channels", 1),
            OUTSIDE),
        new Planted<>(
            "frames of zeros",
            DownsampleShortcut.class,
            shortcut,
            (kernel, inputs) -> {
              Tensor out = inputs.sum(2, 2, 2, 3, 10);
              kernel.run(inputs.fp32(1, 3, 4, 6, 5), 2, 2, PatchOrder.CHANNEL_SLOWEST, out);
              return out;
            },
            bound(shortcut, "downsampleShortcut", "frame", 1),
            OUTSIDE),
        new Planted<>(
            "dtype of the table",
            Modulation.class,
            modulation,
            (kernel, inputs) -> {
              Tensor out = inputs.output(2, 3, 20);
              kernel.run(inputs.exactly(1, DType.F16, 2, 20), inputs.fp32(2, 2, 3, 20), out);
              return out;
            },
            bound(modulation, "modulation", "format", 1),
            WRONG));
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void finds(Planted<?> planted) throws ReflectiveOperationException {
    KernelHarness.assertClose(
        "without the bug", planted.expected(), planted.compute(null), KernelHarness.FP32_LIMIT);
    String report = "nothing";
    try {
      float[] found = planted.compute(planted.bug());
      KernelHarness.assertClose("planted", planted.expected(), found, 1e-3);
    } catch (AssertionError | RuntimeException e) {
      report = e.toString();
    }
    assertTrue(report.contains(planted.found()), report);
  }

  @Test
  void knowsOnlyConditionsThatThereAre() {
    RemovedBound bug = bound("elementwise.AddTornado", "add", "count", 2);
    assertEquals(
        bug + ": 1 conditions end in this variable; are classes compiled with -g?",
        assertThrows(IllegalArgumentException.class, () -> bug.load("elementwise.AddTornado"))
            .getMessage());
  }
}
