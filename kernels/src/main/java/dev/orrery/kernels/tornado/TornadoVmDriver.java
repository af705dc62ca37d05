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
import uk.ac.manchester.tornado.api.exceptions.TornadoOutOfMemoryException;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * A device through TornadoVM. Each placed array has an anchor: a graph of one task that writes its
 * first element and lets it stay on the device. The graph of a kernel consumes what the anchors
 * keep, and every plan holds the anchors beside it: the same anchor in several plans means the same
 * memory on the device. That is nowhere documented; {@code TornadoVmTest} holds it.
 */
final class TornadoVmDriver implements TornadoDriver {
  private static final String TASK = "task";

  private final TornadoDevice device;
  private final DeviceFacts facts;
  private final Map<TornadoNativeArray, Anchor> anchors = new IdentityHashMap<>();

  /** Graphs are known by their names. */
  private long graphs;

  /**
   * What keeps an array on the device.
   *
   * @param name of the graph
   * @param graph is part of every plan that uses the array
   * @param plan has run it first, and gives the memory back
   */
  private record Anchor(String name, ImmutableTaskGraph graph, TornadoExecutionPlan plan) {}

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
    String name = newName();
    TaskGraph graph = new TaskGraph(name);
    switch (array) {
      case FloatArray floats -> graph.task(TASK, TornadoVmDriver::touchFloats, floats);
      case ShortArray shorts -> graph.task(TASK, TornadoVmDriver::touchShorts, shorts);
      case ByteArray bytes -> graph.task(TASK, TornadoVmDriver::touchBytes, bytes);
      default -> throw new IllegalArgumentException("no device array: " + array);
    }
    ImmutableTaskGraph anchor = graph.persistOnDevice(array).snapshot();
    TornadoExecutionPlan plan = new TornadoExecutionPlan(anchor);
    try {
      plan.withDevice(device).execute();
    } catch (TornadoOutOfMemoryException e) {
      close(plan);
      OutOfMemoryError error = new OutOfMemoryError(e.getMessage());
      error.initCause(e);
      throw error;
    }
    anchors.put(array, new Anchor(name, anchor, plan));
  }

  @Override
  public void evict(TornadoNativeArray array) {
    TornadoExecutionPlan plan = anchors.remove(array).plan();
    plan.freeDeviceMemory();
    close(plan);
  }

  @Override
  public Launch prepare(KernelCode code, Arguments arguments, Transfer... transfers) {
    return new PlanLaunch(code, arguments, transfers);
  }

  /** A plan of the anchors and, behind them, the kernel's graph. */
  private final class PlanLaunch implements Launch {
    private final TornadoExecutionPlan plan;
    private final WorkerGrid grid;
    private final int kernel;

    PlanLaunch(KernelCode code, Arguments arguments, Transfer[] transfers) {
      String name = newName();
      TaskGraph graph =
          new TaskGraph(name)
              .transferToDevice(
                  DataTransferMode.EVERY_EXECUTION, arguments.ints(), arguments.floats());
      List<ImmutableTaskGraph> all = new ArrayList<>();
      List<TornadoNativeArray> seen = new ArrayList<>();
      for (int i = 0; i < transfers.length; i++) {
        TornadoNativeArray array = arguments.arrays()[i];
        if (seen.stream().anyMatch(known -> known == array)) {
          continue;
        }
        seen.add(array);
        switch (transfers[i]) {
          case PLACED -> {
            Anchor anchor = anchors.get(array);
            graph.consumeFromDevice(anchor.name(), array);
            all.add(anchor.graph());
          }
          case SENT -> graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, array);
          case FETCHED -> {
            // Is fetched below, when there is a task to fetch it from.
          }
        }
      }
      code.addTo(graph, TASK, new KernelContext(), arguments);
      for (int i = 0; i < transfers.length; i++) {
        if (transfers[i] == Transfer.FETCHED) {
          graph.transferToHost(DataTransferMode.EVERY_EXECUTION, arguments.arrays()[i]);
        }
      }
      kernel = all.size();
      all.add(graph.snapshot());
      grid = code.isCooperative() ? new WorkerGrid2D(1, 1) : new WorkerGrid1D(1);
      plan = new TornadoExecutionPlan(all.toArray(ImmutableTaskGraph[]::new));
      // The scheduler has to be there before the first graph is chosen.
      plan.withDevice(device).withGridScheduler(new GridScheduler(name + "." + TASK, grid));
      for (int anchor = 0; anchor < kernel; anchor++) {
        // Tells a new plan where the array is; what it holds stays.
        plan.withGraph(anchor).execute();
      }
    }

    @Override
    public void run(Grid threads) {
      grid.setGlobalWork(
          (long) threads.groups() * threads.threads(),
          (long) threads.rowsOfGroups() * threads.rowsOfThreads(),
          1);
      grid.setLocalWork(threads.threads(), threads.rowsOfThreads(), 1);
      plan.withGraph(kernel).execute();
    }

    @Override
    public void close() {
      TornadoVmDriver.close(plan);
    }
  }

  private String newName() {
    return "orrery" + graphs++;
  }

  private static void close(TornadoExecutionPlan plan) {
    try {
      plan.close();
    } catch (TornadoExecutionPlanException e) {
      throw new IllegalStateException("TornadoVM cannot close a plan: " + e.getMessage(), e);
    }
  }

  private static void touchFloats(FloatArray array) {
    for (@Parallel int i = 0; i < 1; i++) {
      array.set(i, 0f);
    }
  }

  private static void touchShorts(ShortArray array) {
    for (@Parallel int i = 0; i < 1; i++) {
      array.set(i, (short) 0);
    }
  }

  private static void touchBytes(ByteArray array) {
    for (@Parallel int i = 0; i < 1; i++) {
      array.set(i, (byte) 0);
    }
  }

  @Override
  public void close() {
    // Arenas have given their slabs back.
  }
}
