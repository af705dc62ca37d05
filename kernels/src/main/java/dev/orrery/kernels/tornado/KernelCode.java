package dev.orrery.kernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task10;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task3;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task4;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task5;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task6;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task7;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task9;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * A kernel: a static method, named by a method reference that TornadoVM compiles and that Java can
 * call. There are two kinds.
 *
 * <ul>
 *   <li>{@link #parallel}: a loop over all outputs whose iterations know nothing of each other. Its
 *       arguments are the numbers and the arrays.
 *   <li>{@link #cooperative}: what one thread of a group does, with local memory and barriers. Its
 *       arguments are the context, the numbers and the arrays.
 * </ul>
 *
 * <p>The first integers are the offsets of the arrays' tensors, in elements and in their order; see
 * {@link TornadoDevice#run}.
 */
public final class KernelCode {
  /** Calls the method as a task of a graph. */
  @FunctionalInterface
  private interface AsTask {
    TaskGraph add(TaskGraph graph, String id, KernelContext context, Arguments arguments);
  }

  /** Calls the method itself. */
  @FunctionalInterface
  private interface Direct {
    void call(KernelContext context, Arguments arguments);
  }

  /**
   * What a kernel is called with.
   *
   * @param ints offsets, extents and strides
   * @param floats scales and the like
   * @param arrays in the order of the method
   */
  public record Arguments(IntArray ints, FloatArray floats, TornadoNativeArray... arrays) {
    /** The array at an index, in the type that the method takes; the compiler cannot know it. */
    @SuppressWarnings("unchecked")
    private <T> T array(int index) {
      return (T) arrays[index];
    }
  }

  private final boolean cooperative;
  private final int arrays;
  private final AsTask asTask;
  private final Direct direct;

  private KernelCode(boolean cooperative, int arrays, AsTask asTask, Direct direct) {
    this.cooperative = cooperative;
    this.arrays = arrays;
    this.asTask = asTask;
    this.direct = direct;
  }

  /** A parallel kernel of 1 array. */
  public static <A0 extends TornadoNativeArray> KernelCode parallel(
      Task3<IntArray, FloatArray, A0> code) {
    return new KernelCode(
        false,
        1,
        (graph, id, context, a) -> graph.task(id, code, a.ints(), a.floats(), a.<A0>array(0)),
        (context, a) -> code.apply(a.ints(), a.floats(), a.<A0>array(0)));
  }

  /** A parallel kernel of 2 arrays. */
  public static <A0 extends TornadoNativeArray, A1 extends TornadoNativeArray> KernelCode parallel(
      Task4<IntArray, FloatArray, A0, A1> code) {
    return new KernelCode(
        false,
        2,
        (graph, id, context, a) ->
            graph.task(id, code, a.ints(), a.floats(), a.<A0>array(0), a.<A1>array(1)),
        (context, a) -> code.apply(a.ints(), a.floats(), a.<A0>array(0), a.<A1>array(1)));
  }

  /** A parallel kernel of 3 arrays. */
  public static <
          A0 extends TornadoNativeArray,
          A1 extends TornadoNativeArray,
          A2 extends TornadoNativeArray>
      KernelCode parallel(Task5<IntArray, FloatArray, A0, A1, A2> code) {
    return new KernelCode(
        false,
        3,
        (graph, id, context, a) ->
            graph.task(
                id, code, a.ints(), a.floats(), a.<A0>array(0), a.<A1>array(1), a.<A2>array(2)),
        (context, a) ->
            code.apply(a.ints(), a.floats(), a.<A0>array(0), a.<A1>array(1), a.<A2>array(2)));
  }

  /** A parallel kernel of 4 arrays. */
  public static <
          A0 extends TornadoNativeArray,
          A1 extends TornadoNativeArray,
          A2 extends TornadoNativeArray,
          A3 extends TornadoNativeArray>
      KernelCode parallel(Task6<IntArray, FloatArray, A0, A1, A2, A3> code) {
    return new KernelCode(
        false,
        4,
        (graph, id, context, a) ->
            graph.task(
                id,
                code,
                a.ints(),
                a.floats(),
                a.<A0>array(0),
                a.<A1>array(1),
                a.<A2>array(2),
                a.<A3>array(3)),
        (context, a) ->
            code.apply(
                a.ints(),
                a.floats(),
                a.<A0>array(0),
                a.<A1>array(1),
                a.<A2>array(2),
                a.<A3>array(3)));
  }

  /** A cooperative kernel of 2 arrays. */
  public static <A0 extends TornadoNativeArray, A1 extends TornadoNativeArray>
      KernelCode cooperative(Task5<KernelContext, IntArray, FloatArray, A0, A1> code) {
    return new KernelCode(
        true,
        2,
        (graph, id, context, a) ->
            graph.task(id, code, context, a.ints(), a.floats(), a.<A0>array(0), a.<A1>array(1)),
        (context, a) -> code.apply(context, a.ints(), a.floats(), a.<A0>array(0), a.<A1>array(1)));
  }

  /** A cooperative kernel of 3 arrays. */
  public static <
          A0 extends TornadoNativeArray,
          A1 extends TornadoNativeArray,
          A2 extends TornadoNativeArray>
      KernelCode cooperative(Task6<KernelContext, IntArray, FloatArray, A0, A1, A2> code) {
    return new KernelCode(
        true,
        3,
        (graph, id, context, a) ->
            graph.task(
                id,
                code,
                context,
                a.ints(),
                a.floats(),
                a.<A0>array(0),
                a.<A1>array(1),
                a.<A2>array(2)),
        (context, a) ->
            code.apply(
                context, a.ints(), a.floats(), a.<A0>array(0), a.<A1>array(1), a.<A2>array(2)));
  }

  /** A cooperative kernel of 4 arrays. */
  public static <
          A0 extends TornadoNativeArray,
          A1 extends TornadoNativeArray,
          A2 extends TornadoNativeArray,
          A3 extends TornadoNativeArray>
      KernelCode cooperative(Task7<KernelContext, IntArray, FloatArray, A0, A1, A2, A3> code) {
    return new KernelCode(
        true,
        4,
        (graph, id, context, a) ->
            graph.task(
                id,
                code,
                context,
                a.ints(),
                a.floats(),
                a.<A0>array(0),
                a.<A1>array(1),
                a.<A2>array(2),
                a.<A3>array(3)),
        (context, a) ->
            code.apply(
                context,
                a.ints(),
                a.floats(),
                a.<A0>array(0),
                a.<A1>array(1),
                a.<A2>array(2),
                a.<A3>array(3)));
  }

  /** A cooperative kernel of 6 arrays. */
  public static <
          A0 extends TornadoNativeArray,
          A1 extends TornadoNativeArray,
          A2 extends TornadoNativeArray,
          A3 extends TornadoNativeArray,
          A4 extends TornadoNativeArray,
          A5 extends TornadoNativeArray>
      KernelCode cooperative(
          Task9<KernelContext, IntArray, FloatArray, A0, A1, A2, A3, A4, A5> code) {
    return new KernelCode(
        true,
        6,
        (graph, id, context, a) ->
            graph.task(
                id,
                code,
                context,
                a.ints(),
                a.floats(),
                a.<A0>array(0),
                a.<A1>array(1),
                a.<A2>array(2),
                a.<A3>array(3),
                a.<A4>array(4),
                a.<A5>array(5)),
        (context, a) ->
            code.apply(
                context,
                a.ints(),
                a.floats(),
                a.<A0>array(0),
                a.<A1>array(1),
                a.<A2>array(2),
                a.<A3>array(3),
                a.<A4>array(4),
                a.<A5>array(5)));
  }

  /** A cooperative kernel of 7 arrays. */
  public static <
          A0 extends TornadoNativeArray,
          A1 extends TornadoNativeArray,
          A2 extends TornadoNativeArray,
          A3 extends TornadoNativeArray,
          A4 extends TornadoNativeArray,
          A5 extends TornadoNativeArray,
          A6 extends TornadoNativeArray>
      KernelCode cooperative(
          Task10<KernelContext, IntArray, FloatArray, A0, A1, A2, A3, A4, A5, A6> code) {
    return new KernelCode(
        true,
        7,
        (graph, id, context, a) ->
            graph.task(
                id,
                code,
                context,
                a.ints(),
                a.floats(),
                a.<A0>array(0),
                a.<A1>array(1),
                a.<A2>array(2),
                a.<A3>array(3),
                a.<A4>array(4),
                a.<A5>array(5),
                a.<A6>array(6)),
        (context, a) ->
            code.apply(
                context,
                a.ints(),
                a.floats(),
                a.<A0>array(0),
                a.<A1>array(1),
                a.<A2>array(2),
                a.<A3>array(3),
                a.<A4>array(4),
                a.<A5>array(5),
                a.<A6>array(6)));
  }

  /** Whether threads of a group work together, and have to be started as groups. */
  public boolean isCooperative() {
    return cooperative;
  }

  /** How many arrays the method takes. */
  int arrays() {
    return arrays;
  }

  /**
   * Adds the method to a graph of TornadoVM.
   *
   * @param context for cooperative kernels
   */
  TaskGraph addTo(TaskGraph graph, String id, KernelContext context, Arguments arguments) {
    return asTask.add(graph, id, context, arguments);
  }

  /** Runs the whole loop of a parallel kernel, or one thread of a cooperative one, as Java. */
  public void call(KernelContext context, Arguments arguments) {
    direct.call(context, arguments);
  }
}
