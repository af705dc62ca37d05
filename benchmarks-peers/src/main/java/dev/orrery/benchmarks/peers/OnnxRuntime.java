package dev.orrery.benchmarks.peers;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.orrery.benchmarks.peers.OnnxModel.Input;
import dev.orrery.benchmarks.peers.OnnxModel.Node;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** ONNX Runtime; weights are part of its models, as in real ones, so that it may pack them. */
final class OnnxRuntime implements Peer {
  private static final String X = "x";
  private static final String OUT = "out";

  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();

  @Override
  public String name() {
    return "ONNX Runtime " + environment.getVersion();
  }

  @Override
  public List<Call> calls(Problem problem, int threads) throws OrtException {
    List<Call> calls = new ArrayList<>();
    for (Graph graph : graphs(problem)) {
      calls.add(new SessionCall(graph, threads));
    }
    return calls;
  }

  @Override
  public List<Call> calls(Block block, BlockValues values, int threads) throws OrtException {
    OnnxLayers layers = new OnnxLayers(values);
    String out = block.graph(layers);
    int[] tokens = block.tokensShape();
    layers.model().output(out, 1, tokens[0], tokens[1]);
    return List.of(
        new SessionCall(new Graph("", layers.model(), layers.inputs(), it -> it), threads));
  }

  /**
   * A model and what it is given.
   *
   * @param back brings the result into the problem's order of axes
   */
  private record Graph(
      String way, OnnxModel model, Map<String, Input> inputs, UnaryOperator<float[]> back) {}

  private static List<Graph> graphs(Problem problem) {
    List<float[]> in = problem.inputs();
    int a = problem.extent(0);
    int b = problem.extent(1);
    return switch (problem.operation()) {
      case MATMUL -> {
        int n = problem.extent(2);
        OnnxModel model =
            new OnnxModel()
                .node(new Node("MatMul", X, "w", OUT))
                .constant("w", Layout.permuted(in.get(1), new int[] {n, b}, 1, 0), b, n);
        yield List.of(graph(model, new Input(in.get(0), a, b), it -> it, a, n));
      }
      case ATTENTION -> attention(problem, in);
      case CAUSAL_CONV3D, CONV2D -> List.of(convolution(problem, in));
      case GROUP_NORM -> {
        OnnxModel model =
            new OnnxModel()
                .node(
                    new Node("GroupNormalization", X, "w", "b", OUT)
                        .decimal("epsilon", Problem.EPS)
                        .integer("num_groups", Problem.GROUPS))
                .constant("w", in.get(1), b)
                .constant("b", in.get(2), b);
        float[] first = Layout.permuted(in.get(0), new int[] {a, b}, 1, 0);
        yield List.of(
            graph(
                model,
                new Input(first, 1, b, a),
                it -> Layout.permuted(it, new int[] {b, a}, 1, 0),
                1,
                b,
                a));
      }
      case LAYER_NORM -> {
        OnnxModel model =
            new OnnxModel()
                .node(
                    new Node("LayerNormalization", X, "w", "b", OUT)
                        .decimal("epsilon", Problem.EPS)
                        .integer("axis", -1))
                .constant("w", in.get(1), b)
                .constant("b", in.get(2), b);
        yield List.of(graph(model, new Input(in.get(0), a, b), it -> it, a, b));
      }
      case SOFTMAX -> {
        OnnxModel model = new OnnxModel().node(new Node("Softmax", X, OUT).integer("axis", -1));
        yield List.of(graph(model, new Input(in.get(0), a, b), it -> it, a, b));
      }
      case SILU -> {
        OnnxModel model =
            new OnnxModel().node(new Node("Sigmoid", X, "s")).node(new Node("Mul", X, "s", OUT));
        yield List.of(graph(model, new Input(in.get(0), a, b), it -> it, a, b));
      }
    };
  }

  /** A model of one input. */
  private static Graph graph(
      OnnxModel model, Input x, UnaryOperator<float[]> back, int... outputShape) {
    model.input(X, x.shape()).output(OUT, outputShape);
    return new Graph("", model, Map.of(X, x), back);
  }

  private static Graph convolution(Problem problem, List<float[]> in) {
    boolean overTime = problem.operation() == Problem.Operation.CAUSAL_CONV3D;
    int[] x = problem.inputShapes().get(0);
    int[] w = problem.inputShapes().get(1);
    int[] out = problem.outputShape();
    OnnxModel model = new OnnxModel();
    Node node = new Node("Conv", X, "w", OUT);
    if (overTime) {
      model
          .node(node.integers("pads", 0, 1, 1, 0, 1, 1))
          .constant("w", Layout.permuted(in.get(1), w, 4, 3, 0, 1, 2), w[4], w[3], 3, 3, 3);
      return graph(
          model,
          new Input(Layout.permuted(in.get(0), x, 3, 0, 1, 2), 1, x[3], x[0], x[1], x[2]),
          it -> Layout.permuted(it, new int[] {out[3], out[0], out[1], out[2]}, 1, 2, 3, 0),
          1,
          out[3],
          out[0],
          out[1],
          out[2]);
    }
    model
        .node(node.integers("pads", 1, 1, 1, 1))
        .constant("w", Layout.permuted(in.get(1), w, 3, 2, 0, 1), w[3], w[2], 3, 3);
    return graph(
        model,
        new Input(Layout.permuted(in.get(0), x, 0, 3, 1, 2), x[0], x[3], x[1], x[2]),
        it -> Layout.permuted(it, new int[] {out[0], out[3], out[1], out[2]}, 0, 2, 3, 1),
        out[0],
        out[3],
        out[1],
        out[2]);
  }

  /** Its operator for attention, and the products and the softmax that it is made of. */
  private static List<Graph> attention(Problem problem, List<float[]> in) {
    int queries = problem.extent(0);
    int keys = problem.extent(1);
    int heads = problem.extent(2);
    int dim = problem.extent(3);
    int[] keyShape = {keys, heads, dim};
    float[] q = Layout.permuted(in.get(0), new int[] {queries, heads, dim}, 1, 0, 2);
    float[] k = Layout.permuted(in.get(1), keyShape, 1, 0, 2);
    float[] v = Layout.permuted(in.get(2), keyShape, 1, 0, 2);
    UnaryOperator<float[]> back =
        it -> Layout.permuted(it, new int[] {heads, queries, dim}, 1, 0, 2);

    OnnxModel fused =
        new OnnxModel()
            .node(new Node("Attention", "q", "k", "v", OUT))
            .input("q", 1, heads, queries, dim)
            .input("k", 1, heads, keys, dim)
            .input("v", 1, heads, keys, dim)
            .output(OUT, 1, heads, queries, dim);
    Map<String, Input> inputs = new LinkedHashMap<>();
    inputs.put("q", new Input(q, 1, heads, queries, dim));
    inputs.put("k", new Input(k, 1, heads, keys, dim));
    inputs.put("v", new Input(v, 1, heads, keys, dim));

    OnnxModel parts =
        new OnnxModel()
            .node(new Node("MatMul", "q", "k", "scores"))
            .node(new Node("Mul", "scores", "scale", "scaled"))
            .node(new Node("Softmax", "scaled", "p").integer("axis", -1))
            .node(new Node("MatMul", "p", "v", OUT))
            .constant("scale", new float[] {(float) (1 / Math.sqrt(dim))}, 1)
            .input("q", 1, heads, queries, dim)
            .input("k", 1, heads, dim, keys)
            .input("v", 1, heads, keys, dim)
            .output(OUT, 1, heads, queries, dim);
    Map<String, Input> transposed = new LinkedHashMap<>(inputs);
    float[] kt = Layout.permuted(in.get(1), keyShape, 1, 2, 0);
    transposed.put("k", new Input(kt, 1, heads, dim, keys));
    return List.of(
        new Graph("Attention", fused, inputs, back),
        new Graph("MatMul, Softmax, MatMul", parts, transposed, back));
  }

  private final class SessionCall implements Call {
    private final String way;
    private final UnaryOperator<float[]> back;
    private final OrtSession session;
    private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();

    SessionCall(Graph graph, int threads) throws OrtException {
      way = graph.way;
      back = graph.back;
      try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
        options.setIntraOpNumThreads(threads);
        options.setInterOpNumThreads(1);
        options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
        session = environment.createSession(graph.model.bytes(), options);
      }
      for (Map.Entry<String, Input> input : graph.inputs.entrySet()) {
        float[] values = input.getValue().values();
        FloatBuffer direct =
            ByteBuffer.allocateDirect(4 * values.length)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer()
                .put(values)
                .rewind();
        inputs.put(
            input.getKey(),
            OnnxTensor.createTensor(environment, direct, Layout.longs(input.getValue().shape())));
      }
    }

    @Override
    public String way() {
      return way;
    }

    @Override
    public void run() throws OrtException {
      session.run(inputs).close();
    }

    @Override
    public float[] result() throws OrtException {
      try (OrtSession.Result result = session.run(inputs)) {
        FloatBuffer values = ((OnnxTensor) result.get(0)).getFloatBuffer();
        float[] array = new float[values.remaining()];
        values.get(array);
        return back.apply(array);
      }
    }

    @Override
    public void close() throws OrtException {
      inputs.values().forEach(OnnxTensor::close);
      session.close();
    }
  }
}
