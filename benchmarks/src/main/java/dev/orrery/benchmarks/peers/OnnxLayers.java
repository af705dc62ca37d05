package dev.orrery.benchmarks.peers;

import dev.orrery.benchmarks.peers.OnnxModel.Input;
import dev.orrery.benchmarks.peers.OnnxModel.Node;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Layers of transformers as nodes of an ONNX graph. Tokens are {@code [1, T, C]}. Methods return
 * names of results.
 */
public final class OnnxLayers {
  private final OnnxModel model = new OnnxModel();
  private final BlockValues values;
  private final Map<String, Input> inputs = new LinkedHashMap<>();
  private int results;

  OnnxLayers(BlockValues values) {
    this.values = values;
  }

  OnnxModel model() {
    return model;
  }

  Map<String, Input> inputs() {
    return inputs;
  }

  /** A node of one result. */
  public String node(String operator, UnaryOperator<Node> attributes, String... from) {
    String[] names = Arrays.copyOf(from, from.length + 1);
    names[from.length] = "r" + results++;
    model.node(attributes.apply(new Node(operator, names)));
    return names[from.length];
  }

  /** A node of one result without attributes. */
  public String node(String operator, String... from) {
    return node(operator, node -> node, from);
  }

  /**
   * What the block is given or remembers, as a tensor of another shape.
   *
   * @param shape as {@link BlockMemory#input} has it
   * @param seen as many values, or the first ones
   */
  public String input(String name, int[] shape, int... seen) {
    return input(name, Arrays.copyOf(values.input(name, shape), Layout.size(seen)), seen);
  }

  /**
   * Some first rows of what the block is given or remembers, {@code [rows, S, C]}, as {@code [S,
   * rows, C]}.
   *
   * @param shape as {@link BlockMemory#input} has it
   */
  public String inputByPosition(String name, int[] shape, int rows, int positions, int dim) {
    float[] some = Arrays.copyOf(values.input(name, shape), rows * positions * dim);
    float[] turned = Layout.permuted(some, new int[] {rows, positions, dim}, 1, 0, 2);
    return input(name, turned, positions, rows, dim);
  }

  /**
   * A row of what the block is given.
   *
   * @param shape as {@link BlockMemory#input} has it
   * @param row of the first axis
   * @param seen the shape of a row
   */
  public String row(String name, int[] shape, int row, int... seen) {
    int size = Layout.size(seen);
    float[] all = values.input(name, shape);
    return input(name + row, Arrays.copyOfRange(all, row * size, (row + 1) * size), seen);
  }

  private String input(String name, float[] given, int... shape) {
    inputs.put(name, new Input(given, shape));
    model.input(name, shape);
    return name;
  }

  /** A number. */
  public String number(double value) {
    return constant(new float[] {(float) value}, 1);
  }

  private String constant(float[] constant, int... shape) {
    String name = "c" + results++;
    model.constant(name, constant, shape);
    return name;
  }

  /** A weight, or rows of it, as a tensor of another shape. */
  public String weight(String name, int[] shape, int first, int... seen) {
    int size = Layout.size(seen);
    float[] all = values.weight(name, shape);
    return constant(Arrays.copyOfRange(all, first * size, (first + 1) * size), seen);
  }

  /**
   * Matrices of 4 x 4, that rows are multiplied with from the left.
   *
   * @param transposed whether columns are
   */
  public String matrices(String name, int count, boolean transposed) {
    float[] all = values.weight(name, count, 4, 4);
    int[] shape = {count, 4, 4};
    float[] order = transposed ? Layout.permuted(all, shape, 0, 2, 1) : all;
    return constant(order, shape);
  }

  /**
   * Groups of four channels of {@code x [1, F * S, C]} times the matrix of their frame.
   *
   * @param matrices see {@link #matrices}, one for each of F frames
   */
  public String byMatrices(String x, String matrices, int frames, int tokens, int dim) {
    String groups = reshaped(x, frames, (long) tokens * dim / 4, 4);
    return reshaped(node("MatMul", groups, matrices), 1, (long) frames * tokens, dim);
  }

  /** A product with {@code weight [out, in]} and its bias. */
  public String linear(String x, String path, int in, int out) {
    return node("Add", withoutBias(x, path, in, out), bias(path, out, 0, out));
  }

  /** A product with {@code weight [out, in]}. */
  public String withoutBias(String x, String path, int in, int out) {
    return outputs(x, path, in, out, 0, out);
  }

  /** Outputs {@code [from, to)} of a product with {@code weight [out, in]}. */
  public String outputs(String x, String path, int in, int out, int from, int to) {
    float[] weight = values.weight(path + ".weight", out, in);
    float[] rows = Arrays.copyOfRange(weight, from * in, to * in);
    float[] across = Layout.permuted(rows, new int[] {to - from, in}, 1, 0);
    return node("MatMul", x, constant(across, in, to - from));
  }

  /** Numbers {@code [from, to)} of {@code bias [out]}. */
  public String bias(String path, int out, int from, int to) {
    return constant(Arrays.copyOfRange(values.weight(path + ".bias", out), from, to), to - from);
  }

  /** The same values in another shape. */
  public String reshaped(String x, long... shape) {
    String name = "c" + results++;
    model.constant(name, shape);
    return node("Reshape", x, name);
  }

  /** Axes in another order. */
  public String transposed(String x, long... order) {
    return node("Transpose", node -> node.integers("perm", order), x);
  }

  /** A layer norm without weights, then {@code x (1 + scale) + shift}. */
  public String modulated(String x, String shift, String scale, int dim, double eps) {
    float[] ones = new float[dim];
    Arrays.fill(ones, 1);
    String normed = layerNorm(x, constant(ones, dim), constant(new float[dim], dim), eps);
    return node("Add", node("Mul", normed, node("Add", scale, number(1))), shift);
  }

  /** A layer norm with the weight and the bias of a path. */
  public String layerNorm(String x, String path, int dim, double eps) {
    String weight = constant(values.weight(path + ".weight", dim), dim);
    String bias = constant(values.weight(path + ".bias", dim), dim);
    return layerNorm(x, weight, bias, eps);
  }

  private String layerNorm(String x, String weight, String bias, double eps) {
    return node(
        "LayerNormalization",
        node -> node.decimal("epsilon", (float) eps).integer("axis", -1),
        x,
        weight,
        bias);
  }

  /** A root-mean-square norm over the last axis, with the weight of a path. */
  public String rmsNorm(String x, String path, int dim, double eps) {
    return node(
        "RMSNormalization",
        node -> node.decimal("epsilon", (float) eps).integer("axis", -1),
        x,
        constant(values.weight(path + ".weight", dim), dim));
  }

  /**
   * Turns pairs of neighbouring channels of each head.
   *
   * @param table name of {@code [R, P, 2]} of the block's inputs, cosines and sines
   * @param rows R
   * @param first row of the first token; the rows from there on are for as many successive tokens
   *     each
   */
  public String rotated(
      String x, String table, int rows, int first, int tokens, int pairs, int heads) {
    float[] both = values.input(table, rows, pairs, 2);
    int tokensOfRow = tokens / (rows - first);
    float[] cosines = new float[tokens * pairs];
    float[] sines = new float[tokens * pairs];
    for (int i = 0; i < cosines.length; i++) {
      int row = first + i / pairs / tokensOfRow;
      int pair = row * pairs + i % pairs;
      cosines[i] = both[2 * pair];
      sines[i] = both[2 * pair + 1];
    }
    return node(
        "RotaryEmbedding",
        node -> node.integer("interleaved", 1).integer("num_heads", heads),
        x,
        constant(cosines, 1, tokens, pairs),
        constant(sines, 1, tokens, pairs));
  }

  /** Attention of {@code q [B, Tq, C]} to {@code k, v [B, Tk, C]}. */
  public String attention(String q, String k, String v, int heads) {
    return attention(q, k, v, heads, false);
  }

  /**
   * The same.
   *
   * @param causal whether no query sees a later key
   */
  public String attention(String q, String k, String v, int heads, boolean causal) {
    return node(
        "Attention",
        node ->
            node.integer("q_num_heads", heads)
                .integer("kv_num_heads", heads)
                .integer("is_causal", causal ? 1 : 0),
        q,
        k,
        v);
  }

  /** {@code x + gate y}. */
  public String gated(String x, String gate, String y) {
    return node("Add", x, node("Mul", gate, y));
  }

  /** GELU by tanh. */
  public String geluTanh(String x) {
    return node("Gelu", node -> node.text("approximate", "tanh"), x);
  }

  /** GELU by the error function. */
  public String geluErf(String x) {
    return node("Gelu", x);
  }

  /** A norm of 32 groups of channels of {@code x [N, P, C]}, for each n. */
  public String groupNorm(String x, String path, int dim, double eps) {
    String first =
        node(
            "GroupNormalization",
            node -> node.decimal("epsilon", (float) eps).integer("num_groups", 32),
            transposed(x, 0, 2, 1),
            constant(values.weight(path + ".weight", dim), dim),
            constant(values.weight(path + ".bias", dim), dim));
    return transposed(first, 0, 2, 1);
  }

  /** One list of tokens behind another. */
  public String concatenated(String first, String second) {
    return node("Concat", node -> node.integer("axis", 1), first, second);
  }
}
