package dev.orrery.kernels.cuda;

import java.util.Arrays;

/** A kernel whose threads are numbered through, each with its share of the elements. */
public abstract class ElementwiseKernel extends CudaKernel {
  private static final int THREADS = 256;
  private static final int EIGHT = 8;

  protected ElementwiseKernel(CudaDevice device) {
    super(device);
  }

  /**
   * Launches a thread for every eight consecutive elements; see {@code eights.cuh}.
   *
   * @param elements is passed behind the arguments
   */
  protected final void launchEights(CudaFunction function, long elements, Object... arguments) {
    launch(function, Math.ceilDiv(elements, EIGHT), elements, arguments);
  }

  /**
   * Launches a thread for every item.
   *
   * @param items is passed behind the arguments
   */
  protected final void launchItems(CudaFunction function, long items, Object... arguments) {
    launch(function, items, items, arguments);
  }

  private void launch(CudaFunction function, long threads, long count, Object[] arguments) {
    Object[] all = Arrays.copyOf(arguments, arguments.length + 1);
    all[arguments.length] = count;
    int blocks = Math.toIntExact(Math.ceilDiv(threads, THREADS));
    stream().launch(function, blocks, 1, 1, THREADS, 0, all);
  }
}
