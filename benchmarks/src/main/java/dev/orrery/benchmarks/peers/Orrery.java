package dev.orrery.benchmarks.peers;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.conv.CausalConv3d;
import dev.orrery.kernels.conv.Conv2d;
import dev.orrery.kernels.conv.Edge;
import dev.orrery.kernels.elementwise.Silu;
import dev.orrery.kernels.elementwise.Softmax;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.kernels.norm.GroupNorm;
import dev.orrery.kernels.norm.LayerNorm;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Our kernels on the Vector API, and our blocks on these. */
final class Orrery implements Peer {
  @Override
  public String name() {
    return "Orrery";
  }

  @Override
  public List<Call> calls(Problem problem, int threads) {
    return List.of(new KernelCall(problem, threads));
  }

  @Override
  public List<Call> calls(Block block, BlockValues values, int threads) {
    return List.of(new BlockCall(block, values, threads));
  }

  private static final class KernelCall implements Call {
    private final Backend backend;
    private final TensorArena arena;
    private final Tensor out;
    private final Runnable kernel;

    KernelCall(Problem problem, int threads) {
      backend = CpuBackend.simd(threads);
      arena = backend.newArena();
      out = arena.empty(DType.F32, Layout.longs(problem.outputShape()));
      List<float[]> values = problem.inputs();
      List<Tensor> inputs = new ArrayList<>();
      for (int i = 0; i < values.size(); i++) {
        Tensor input = arena.empty(DType.F32, Layout.longs(shape(problem, i)));
        input.segment().copyFrom(MemorySegment.ofArray(values.get(i)));
        inputs.add(input);
      }
      kernel = kernel(problem, inputs);
    }

    /** A norm of groups sees one sequence of positions. */
    private static int[] shape(Problem problem, int input) {
      int[] shape = problem.inputShapes().get(input);
      return problem.operation() == Problem.Operation.GROUP_NORM && input == 0
          ? new int[] {1, shape[0], shape[1]}
          : shape;
    }

    private Runnable kernel(Problem problem, List<Tensor> in) {
      Tensor x = in.get(0);
      return switch (problem.operation()) {
        case MATMUL -> {
          Matmul matmul = backend.kernel(Matmul.class);
          yield () -> matmul.run(x, in.get(1), null, Activation.NONE, out);
        }
        case ATTENTION -> {
          Attention attention = backend.kernel(Attention.class);
          double scale = 1 / Math.sqrt(problem.extent(3));
          yield () -> attention.run(x, in.get(1), in.get(2), scale, out);
        }
        case CAUSAL_CONV3D -> {
          CausalConv3d conv = backend.kernel(CausalConv3d.class);
          Tensor history = x.slice(0, 2);
          Tensor now = x.slice(2, x.size(0));
          Tensor zeros = arena.empty(DType.F32, problem.extent(1));
          yield () -> conv.run(history, now, in.get(1), zeros, 1, Edge.ZEROS, out);
        }
        case CONV2D -> {
          Conv2d conv = backend.kernel(Conv2d.class);
          yield () -> conv.run(x, in.get(1), null, 1, Conv2d.Padding.all(1), out);
        }
        case GROUP_NORM -> {
          GroupNorm norm = backend.kernel(GroupNorm.class);
          Tensor result = out.reshape(1, out.size(0), out.size(1));
          yield () ->
              norm.run(
                  x, Problem.GROUPS, in.get(1), in.get(2), Problem.EPS, Activation.NONE, result);
        }
        case LAYER_NORM -> {
          LayerNorm norm = backend.kernel(LayerNorm.class);
          yield () -> norm.run(x, in.get(1), in.get(2), Problem.EPS, out);
        }
        case SOFTMAX -> {
          Softmax softmax = backend.kernel(Softmax.class);
          yield () -> softmax.run(x, out);
        }
        case SILU -> {
          Silu silu = backend.kernel(Silu.class);
          yield () -> silu.run(x, out);
        }
      };
    }

    @Override
    public void run() {
      kernel.run();
    }

    @Override
    public float[] result() {
      kernel.run();
      return out.segment().toArray(ValueLayout.JAVA_FLOAT);
    }

    @Override
    public void close() {
      arena.close();
      backend.close();
    }
  }
}
