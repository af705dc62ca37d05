package dev.orrery.benchmarks.peers;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.cblas_sgemm;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;

/**
 * OpenBLAS, which has products of matrices only. It chooses its code by the processor unless {@code
 * OPENBLAS_CORETYPE} says otherwise; what it has chosen is part of its name.
 */
final class OpenBlas implements Peer {
  private final MethodHandle setThreads;
  private final String core;

  @SuppressWarnings("restricted") // the library is on the class path for this
  OpenBlas() throws Throwable {
    Loader.load(openblas.class);
    SymbolLookup library = SymbolLookup.loaderLookup();
    Linker linker = Linker.nativeLinker();
    setThreads =
        linker.downcallHandle(
            library.findOrThrow("openblas_set_num_threads"),
            FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT));
    MethodHandle corename =
        linker.downcallHandle(
            library.findOrThrow("openblas_get_corename"),
            FunctionDescriptor.of(ValueLayout.ADDRESS));
    MemorySegment name = (MemorySegment) corename.invokeExact();
    core = name.reinterpret(64).getString(0);
  }

  @Override
  public String name() {
    return "OpenBLAS "
        + openblas.OPENBLAS_VERSION.replaceAll(".*?([0-9]+(\\.[0-9]+)+).*", "$1").strip()
        + " for "
        + core;
  }

  @Override
  public List<Call> calls(Problem problem, int threads) {
    return problem.operation() == Problem.Operation.MATMUL
        ? List.of(new Product(problem, threads))
        : List.of();
  }

  private final class Product implements Call {
    private final int threads;
    private final int rows;
    private final int depth;
    private final int columns;
    private final FloatPointer x;
    private final FloatPointer weight;
    private final FloatPointer out;

    Product(Problem problem, int threads) {
      this.threads = threads;
      rows = problem.extent(0);
      depth = problem.extent(1);
      columns = problem.extent(2);
      List<float[]> inputs = problem.inputs();
      x = new FloatPointer(inputs.get(0));
      weight = new FloatPointer(inputs.get(1));
      out = new FloatPointer((long) rows * columns);
    }

    @Override
    public void run() {
      try {
        setThreads.invokeExact(threads);
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
      cblas_sgemm(
          CblasRowMajor,
          CblasNoTrans,
          CblasTrans,
          rows,
          columns,
          depth,
          1,
          x,
          depth,
          weight,
          depth,
          0,
          out,
          columns);
    }

    @Override
    public float[] result() {
      run();
      float[] values = new float[rows * columns];
      out.get(values);
      return values;
    }

    @Override
    public void close() {
      x.close();
      weight.close();
      out.close();
    }
  }
}
