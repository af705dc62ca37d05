package dev.orrery.kernels.tornado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.orrery.kernels.KernelCase;
import dev.orrery.kernels.KernelCase.Inputs;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.TornadoBackend;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.EmulatedTornado.Bug;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What the tests of all TornadoVM kernels share. A {@link KernelCase} runs on the reference and on
 * the emulated device, there in every order of threads, with guard zones around the output, and in
 * one order with every tensor at the end of a slab of its own, so that nothing behind it is read;
 * with {@code -DrequireTornado=true} it runs on the first real device instead.
 */
public final class TornadoHarness {
  private static final boolean REAL = Boolean.getBoolean("requireTornado");

  private static final long MEMORY = 1 << 30;

  /** Enough for every case, and quickly filled with garbage. */
  private static final long SLAB_BYTES = 4 << 20;

  private static final long SLAB_BYTES_FOR_MODELS = 80 << 20;

  private static final int GUARD = 64;

  private TornadoHarness() {}

  /** An emulated device with small slabs. */
  public static TornadoBackend open() {
    return open(REAL ? TornadoVm.open(0) : new EmulatedTornado(MEMORY));
  }

  /** One whose slabs are large enough for the networks of fixtures. */
  public static TornadoBackend openForModels() {
    return open(REAL ? TornadoVm.open(0) : new EmulatedTornado(MEMORY), SLAB_BYTES_FOR_MODELS);
  }

  static TornadoBackend open(TornadoDriver driver) {
    return open(driver, SLAB_BYTES);
  }

  private static TornadoBackend open(TornadoDriver driver, long slabBytes) {
    return new TornadoBackend(new TornadoDevice(driver, "tornado:0", slabBytes));
  }

  /** Requires a case to agree with the reference within {@link KernelHarness#FP32_LIMIT}. */
  public static <K extends Kernel> void agree(Class<K> contract, KernelCase<K> run) {
    agree(contract, KernelHarness.FP32_LIMIT, run);
  }

  /** The same with a limit of its own. */
  public static <K extends Kernel> void agree(Class<K> contract, double limit, KernelCase<K> run) {
    float[] expected = KernelCase.reference(contract, DType.F32, run);
    KernelHarness.assertClose(contract.getSimpleName(), expected, compute(contract, run), limit);
  }

  /** Runs a case on both sides and requires the same values to the bit. */
  public static <K extends Kernel> void same(Class<K> contract, KernelCase<K> run) {
    assertArrayEquals(KernelCase.reference(contract, DType.F32, run), compute(contract, run));
  }

  /**
   * Requires that a case of a cooperative kernel finds what can be wrong with it: no barriers,
   * local arrays that are not shared, an offset that is dropped.
   *
   * @param arrays how many arrays the kernel takes
   * @param unread those of them that the case has no use for
   */
  public static <K extends Kernel> void findsBugs(
      Class<K> contract, int arrays, Set<Integer> unread, KernelCase<K> run) {
    assertFound(contract, run, "barriers removed", it -> it.plant(Bug.NO_BARRIERS));
    assertFound(contract, run, "nothing shared", it -> it.plant(Bug.NOTHING_SHARED));
    findsDroppedOffsets(contract, arrays, unread, run);
  }

  /** The same for a parallel kernel, which can drop offsets only. */
  public static <K extends Kernel> void findsDroppedOffsets(
      Class<K> contract, int arrays, Set<Integer> unread, KernelCase<K> run) {
    for (int i = 0; i < arrays; i++) {
      int dropped = i;
      if (!unread.contains(i)) {
        assertFound(contract, run, "offset " + i + " dropped", it -> it.dropOffset(dropped));
      }
    }
  }

  private static <K extends Kernel> void assertFound(
      Class<K> contract, KernelCase<K> run, String bug, Consumer<EmulatedTornado> plant) {
    assumeFalse(REAL, "bugs are planted in the emulated device");
    float[] expected = KernelCase.reference(contract, DType.F32, run);
    for (Fibers.Order order : Fibers.Order.values()) {
      EmulatedTornado device = new EmulatedTornado(MEMORY);
      device.order(order);
      plant.accept(device);
      try {
        float[] found = compute(open(device), false, contract, run);
        KernelHarness.assertClose("planted", expected, found, 1e-3);
      } catch (AssertionError | RuntimeException e) {
        return;
      }
    }
    fail(contract.getSimpleName() + ": " + bug + ", and no order of threads shows it");
  }

  /** What the device gives for a case, whatever the order of threads. */
  static <K extends Kernel> float[] compute(Class<K> contract, KernelCase<K> run) {
    if (REAL) {
      return compute(open(), false, contract, run);
    }
    float[] first = null;
    for (Fibers.Order order : Fibers.Order.values()) {
      EmulatedTornado device = new EmulatedTornado(MEMORY);
      device.order(order);
      float[] values = compute(open(device), order == Fibers.Order.FORWARD, contract, run);
      if (first == null) {
        first = values;
      }
      assertArrayEquals(first, values, "the result depends on the order of threads");
    }
    return first;
  }

  /**
   * What one device gives for a case; the device is closed afterwards.
   *
   * @param tight whether nothing may be read behind a tensor
   */
  private static <K extends Kernel> float[] compute(
      TornadoBackend backend, boolean tight, Class<K> contract, KernelCase<K> run) {
    try (backend;
        TensorArena arena = tight ? new TightArena(backend.device()) : backend.newArena()) {
      Inputs inputs = new Inputs(backend, arena, DType.F32, GUARD);
      Tensor out = run.run(backend.kernel(contract), inputs);
      inputs.requireGuards();
      return KernelCase.values(backend, out);
    }
  }
}
