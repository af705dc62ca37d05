package dev.orrery.kernels.tornado;

import dev.orrery.kernels.tornado.KernelCode.Arguments;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.WorkerGrid2D;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.exceptions.TornadoInternalError;
import uk.ac.manchester.tornado.api.exceptions.TornadoOutOfMemoryException;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * A device through TornadoVM. What keeps an array on the device is an anchor: a graph of one task
 * that writes the array's first element and lets it stay. Every plan of a kernel begins with an
 * anchor, because a graph finds an array where the graph that ran before it has it; the same anchor
 * in several plans means the same memory.
 *
 * <p>A kernel may use several arrays, and they must all come from one graph. So each anchor also
 * consumes the arrays that are there already, and the newest one has them all: a generation. A
 * graph that runs behind it must consume all of them too, or the anchor loses sight of the others.
 * When an array goes, a new generation is begun without it, before anything that knows it is
 * closed.
 *
 * <p>None of this is documented by TornadoVM; {@code TornadoVmDriverTest} holds it.
 */
final class TornadoVmDriver implements TornadoDriver {
  private static final String TASK = "task";

  private final TornadoDevice device;
  private final DeviceFacts facts;
  private final Map<TornadoNativeArray, TornadoExecutionPlan> placed = new IdentityHashMap<>();

  /** Kernels' plans to be closed when a generation that knows nothing of them has begun. */
  private final List<TornadoExecutionPlan> retired = new ArrayList<>();

  private Generation generation;

  /** Graphs are known by their names. */
  private long graphs;

  /**
   * The newest anchor.
   *
   * @param name of its graph
   * @param own the array that it keeps itself, of no use but to begin a generation; null if it
   *     keeps a placed one
   * @param arrays all that it has
   */
  private record Generation(
      String name, ImmutableTaskGraph anchor, FloatArray own, List<TornadoNativeArray> arrays) {}

  TornadoVmDriver(TornadoDevice device, DeviceFacts facts) {
    this.device = device;
    this.facts = facts;
  }

  @Override
  public DeviceFacts facts() {
    return facts;
  }

  @Override
  public void place(TornadoNativeArray array) {
    List<TornadoNativeArray> all = new ArrayList<>(placed.keySet());
    all.add(array);
    begin(array, null, all);
  }

  @Override
  public void evict(TornadoNativeArray array) {
    TornadoExecutionPlan plan = placed.remove(array);
    FloatArray own = new FloatArray(Slab.RESERVED);
    FloatArray before = generation.own();
    List<TornadoNativeArray> all = new ArrayList<>(placed.keySet());
    all.remove(before);
    all.add(own);
    begin(own, own, all);
    retired.forEach(TornadoVmDriver::close);
    retired.clear();
    close(plan);
    if (before != null) {
      close(placed.remove(before));
    }
  }

  /**
   * Begins a generation.
   *
   * @param array has no place yet, and gets one
   * @param own the array if nobody asked for it, else null
   * @param all the arrays of the generation, this one among them
   */
  private void begin(TornadoNativeArray array, FloatArray own, List<TornadoNativeArray> all) {
    String name = newName();
    TaskGraph graph = new TaskGraph(name);
    List<ImmutableTaskGraph> steps = new ArrayList<>();
    if (generation != null) {
      for (TornadoNativeArray known : all) {
        if (known != array) {
          graph.consumeFromDevice(generation.name(), known);
        }
      }
      steps.add(generation.anchor());
    }
    switch (array) {
      case FloatArray floats -> graph.task(TASK, TornadoVmDriver::anchorFloats, floats);
      case IntArray ints -> graph.task(TASK, TornadoVmDriver::anchorInts, ints);
      case ShortArray shorts -> graph.task(TASK, TornadoVmDriver::anchorShorts, shorts);
      case ByteArray bytes -> graph.task(TASK, TornadoVmDriver::anchorBytes, bytes);
      default -> throw new IllegalArgumentException("no device array: " + array);
    }
    ImmutableTaskGraph anchor = graph.persistOnDevice(array).snapshot();
    steps.add(anchor);
    TornadoExecutionPlan plan = new TornadoExecutionPlan(steps.toArray(ImmutableTaskGraph[]::new));
    plan.withDevice(device);
    try {
      for (int step = 0; step < steps.size(); step++) {
        plan.withGraph(step).execute();
      }
    } catch (TornadoOutOfMemoryException e) {
      closeWithoutMemory(plan);
      OutOfMemoryError error = new OutOfMemoryError(TornadoVm.plain(e));
      error.initCause(e);
      throw error;
    } catch (RuntimeException | TornadoInternalError e) {
      throw new TornadoException(facts.name() + " cannot keep an array", e);
    }
    placed.put(array, plan);
    generation = new Generation(name, anchor, own, List.copyOf(all));
  }

  @Override
  public Launch prepare(KernelCode code, Arguments arguments, Transfer... transfers) {
    try {
      return new PlanLaunch(code, arguments, transfers);
    } catch (RuntimeException | TornadoInternalError e) {
      throw new TornadoException("TornadoVM does not take a kernel for " + facts.name(), e);
    }
  }

  /** A plan of the newest anchor and a kernel's graph. */
  private final class PlanLaunch implements Launch {
    private static final int ANCHOR = 0;
    private static final int KERNEL = 1;

    private final TornadoExecutionPlan plan;
    private final WorkerGrid grid;

    PlanLaunch(KernelCode code, Arguments arguments, Transfer[] transfers) {
      String name = newName();
      TaskGraph graph =
          new TaskGraph(name)
              .transferToDevice(
                  DataTransferMode.EVERY_EXECUTION, arguments.ints(), arguments.floats());
      graph.consumeFromDevice(generation.name(), generation.arrays().toArray());
      for (int i = 0; i < transfers.length; i++) {
        if (transfers[i] == Transfer.SENT) {
          graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, arguments.arrays()[i]);
        }
      }
      code.addTo(graph, TASK, new KernelContext(), arguments);
      for (int i = 0; i < transfers.length; i++) {
        if (transfers[i] == Transfer.FETCHED) {
          graph.transferToHost(DataTransferMode.EVERY_EXECUTION, arguments.arrays()[i]);
        }
      }
      grid = code.isCooperative() ? new WorkerGrid2D(1, 1) : new WorkerGrid1D(1);
      plan = new TornadoExecutionPlan(generation.anchor(), graph.snapshot());
      plan.withDevice(device);
      // The scheduler has to be there before the first graph is chosen.
      plan.withGridScheduler(new GridScheduler(name + "." + TASK, grid));
      // Tells a new plan where the arrays are; what they hold stays.
      plan.withGraph(ANCHOR).execute();
    }

    @Override
    public void run(Grid threads) {
      grid.setGlobalWork(
          (long) threads.groups() * threads.threads(),
          (long) threads.rowsOfGroups() * threads.rowsOfThreads(),
          1);
      grid.setLocalWork(threads.threads(), threads.rowsOfThreads(), 1);
      try {
        // Asked for each time: a chosen graph that is kept keeps the result of every execution.
        plan.withGraph(KERNEL).execute();
      } catch (RuntimeException | TornadoInternalError e) {
        throw new TornadoException("a kernel does not run on " + facts.name(), e);
      }
    }

    @Override
    public void close() {
      // Were the anchor chosen, closing would free what all others use.
      retired.add(plan.withGraph(KERNEL));
    }
  }

  private String newName() {
    return "orrery" + graphs++;
  }

  /** Frees what the graph that ran last in a plan has of its own, consumed arrays excepted. */
  private static void close(TornadoExecutionPlan plan) {
    try {
      plan.freeDeviceMemory();
      plan.close();
    } catch (TornadoExecutionPlanException e) {
      throw new TornadoException("TornadoVM cannot close a plan", e);
    }
  }

  /**
   * Closes a plan whose allocation failed: TornadoVM does not expect that there is nothing to free.
   */
  private static void closeWithoutMemory(TornadoExecutionPlan plan) {
    try {
      close(plan);
    } catch (TornadoInternalError e) {
      // What matters is the failed allocation, which the caller tells.
    }
  }

  /** Makes a slab stay; its first elements belong to nobody. */
  private static void anchorFloats(FloatArray array) {
    for (@Parallel int i = 0; i < 1; i++) {
      array.set(i, 0f);
    }
  }

  private static void anchorInts(IntArray array) {
    for (@Parallel int i = 0; i < 1; i++) {
      array.set(i, 0);
    }
  }

  private static void anchorShorts(ShortArray array) {
    for (@Parallel int i = 0; i < 1; i++) {
      array.set(i, (short) 0);
    }
  }

  private static void anchorBytes(ByteArray array) {
    for (@Parallel int i = 0; i < 1; i++) {
      array.set(i, (byte) 0);
    }
  }

  @Override
  public void close() {
    retired.forEach(TornadoVmDriver::close);
    retired.clear();
    placed.values().forEach(TornadoVmDriver::close);
    placed.clear();
  }
}
