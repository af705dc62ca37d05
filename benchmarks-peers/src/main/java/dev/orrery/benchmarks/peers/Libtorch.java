package dev.orrery.benchmarks.peers;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.convolutional.Conv3d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * libtorch by way of DJL, in fp32. DJL has neither its norm of groups nor its fused attention; the
 * latter is made of two products and a softmax here. Nor has it bf16: a tensor of that type ends
 * the process.
 */
final class Libtorch implements Peer {
  private final Engine engine = Engine.getEngine("PyTorch");

  @Override
  public String name() {
    return "libtorch " + engine.getVersion();
  }

  @Override
  public List<Call> calls(Problem problem, int threads) {
    return problem.operation() == Problem.Operation.GROUP_NORM
        ? List.of()
        : List.of(new TensorCall(problem, threads));
  }

  private final class TensorCall implements Call {
    private final int threads;
    private final boolean parts;
    private final NDManager manager = engine.newBaseManager();
    private final Supplier<NDArray> operation;
    private UnaryOperator<float[]> back = it -> it;

    TensorCall(Problem problem, int threads) {
      this.threads = threads;
      parts = problem.operation() == Problem.Operation.ATTENTION;
      operation = operation(problem, problem.inputs());
    }

    private NDArray array(float[] values, int... shape) {
      return manager.create(values, new Shape(Layout.longs(shape)));
    }

    private Supplier<NDArray> operation(Problem problem, List<float[]> in) {
      int[] shape = problem.inputShapes().get(0);
      return switch (problem.operation()) {
        case MATMUL -> {
          NDArray x = array(in.get(0), shape);
          NDArray weight = array(in.get(1), problem.inputShapes().get(1));
          yield () -> Linear.linear(x, weight).singletonOrThrow();
        }
        case ATTENTION -> attention(problem, in);
        case CAUSAL_CONV3D -> {
          int[] w = problem.inputShapes().get(1);
          int[] out = problem.outputShape();
          NDArray x =
              array(
                  Layout.permuted(in.get(0), shape, 3, 0, 1, 2),
                  1,
                  shape[3],
                  shape[0],
                  shape[1],
                  shape[2]);
          NDArray weight = array(Layout.permuted(in.get(1), w, 4, 3, 0, 1, 2), w[4], w[3], 3, 3, 3);
          back = it -> Layout.permuted(it, new int[] {out[3], out[0], out[1], out[2]}, 1, 2, 3, 0);
          Shape ones = new Shape(1, 1, 1);
          Shape padding = new Shape(0, 1, 1);
          yield () -> Conv3d.conv3d(x, weight, null, ones, padding).singletonOrThrow();
        }
        case CONV2D -> {
          int[] w = problem.inputShapes().get(1);
          int[] out = problem.outputShape();
          NDArray x =
              array(
                  Layout.permuted(in.get(0), shape, 0, 3, 1, 2),
                  shape[0],
                  shape[3],
                  shape[1],
                  shape[2]);
          NDArray weight = array(Layout.permuted(in.get(1), w, 3, 2, 0, 1), w[3], w[2], 3, 3);
          back = it -> Layout.permuted(it, new int[] {out[0], out[3], out[1], out[2]}, 0, 2, 3, 1);
          Shape ones = new Shape(1, 1);
          yield () -> Conv2d.conv2d(x, weight, null, ones, ones).singletonOrThrow();
        }
        case LAYER_NORM -> {
          NDArray x = array(in.get(0), shape);
          NDArray weight = array(in.get(1), shape[1]);
          NDArray bias = array(in.get(2), shape[1]);
          Shape normalized = new Shape(shape[1]);
          yield () ->
              LayerNorm.layerNorm(x, normalized, weight, bias, Problem.EPS).singletonOrThrow();
        }
        case SOFTMAX -> {
          NDArray x = array(in.get(0), shape);
          yield () -> x.softmax(-1);
        }
        case SILU -> {
          NDArray x = array(in.get(0), shape);
          yield () -> Activation.swish(x, 1);
        }
        case GROUP_NORM -> throw new IllegalArgumentException(problem.shape());
      };
    }

    private Supplier<NDArray> attention(Problem problem, List<float[]> in) {
      int queries = problem.extent(0);
      int keys = problem.extent(1);
      int heads = problem.extent(2);
      int dim = problem.extent(3);
      int[] keyShape = {keys, heads, dim};
      NDArray q =
          array(
              Layout.permuted(in.get(0), new int[] {queries, heads, dim}, 1, 0, 2),
              heads,
              queries,
              dim);
      NDArray k = array(Layout.permuted(in.get(1), keyShape, 1, 2, 0), heads, dim, keys);
      NDArray v = array(Layout.permuted(in.get(2), keyShape, 1, 0, 2), heads, keys, dim);
      back = it -> Layout.permuted(it, new int[] {heads, queries, dim}, 1, 0, 2);
      float scale = (float) (1 / Math.sqrt(dim));
      return () -> {
        try (NDArray scores = q.matMul(k)) {
          scores.muli(scale);
          try (NDArray weights = scores.softmax(-1)) {
            return weights.matMul(v);
          }
        }
      };
    }

    @Override
    public String way() {
      return parts ? "matmul, softmax, matmul" : "";
    }

    @Override
    public void run() {
      JniUtils.setNumThreads(threads);
      operation.get().close();
    }

    @Override
    public float[] result() {
      JniUtils.setNumThreads(threads);
      try (NDArray result = operation.get()) {
        return back.apply(result.toFloatArray());
      }
    }

    @Override
    public void close() {
      manager.close();
    }
  }
}
