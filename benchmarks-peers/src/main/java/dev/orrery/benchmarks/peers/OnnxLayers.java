package dev.orrery.benchmarks.peers;

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
  private final Map<String, OnnxRuntime.Input> inputs = new LinkedHashMap<>();
  private int results;

  OnnxLayers(BlockValues values) {
    this.values = values;
  }

  OnnxModel model() {
    return model;
  }

  Map<String, OnnxRuntime.Input> inputs() {
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
   * @param seen as many values
   */
  public String input(String name, int[] shape, int... seen) {
    inputs.put(name, new OnnxRuntime.Input(values.input(name, shape), seen));
    model.input(name, seen);
    return name;
  }

  /**
   * Some rows of what the block is given.
   *
   * @param shape as {@link BlockMemory#input} has it
   * @param row of the first axis
   * @param seen the shape of a row
   */
  public String row(String name, int[] shape, int row, int... seen) {
    int size = Layout.size(seen);
    float[] all = values.input(name, shape);
    String of = name + row;
    inputs.put(
        of, new OnnxRuntime.Input(Arrays.copyOfRange(all, row * size, (row + 1) * size), seen));
    model.input(of, seen);
    return of;
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

  /** A product with {@code weight [out, in]} and its bias. */
  public String linear(String x, String path, int in, int out) {
    String bias = constant(values.weight(path + ".bias", out), out);
    return node("Add", withoutBias(x, path, in, out), bias);
  }

  /** A product with {@code weight [out, in]}. */
  public String withoutBias(String x, String path, int in, int out) {
    float[] weight = values.weight(path + ".weight", out, in);
    String across = constant(Layout.permuted(weight, new int[] {out, in}, 1, 0), in, out);
    return node("MatMul", x, across);
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
   * @param table name of {@code [T, P, 2]} of the block's inputs, cosines and sines
   */
  public String rotated(String x, String table, int tokens, int pairs, int heads) {
    float[] both = values.input(table, tokens, pairs, 2);
    float[] cosines = new float[tokens * pairs];
    float[] sines = new float[tokens * pairs];
    for (int i = 0; i < cosines.length; i++) {
      cosines[i] = both[2 * i];
      sines[i] = both[2 * i + 1];
    }
    return node(
        "RotaryEmbedding",
        node -> node.integer("interleaved", 1).integer("num_heads", heads),
        x,
        constant(cosines, 1, tokens, pairs),
        constant(sines, 1, tokens, pairs));
  }

  /** Attention of {@code q [1, Tq, C]} to {@code k, v [1, Tk, C]}. */
  public String attention(String q, String k, String v, int heads) {
    return node(
        "Attention",
        node -> node.integer("q_num_heads", heads).integer("kv_num_heads", heads),
        q,
        k,
        v);
  }

  /** {@code x + gate y}. */
  public String gated(String x, String gate, String y) {
    return node("Add", x, node("Mul", gate, y));
  }

  /** GELU by tanh. */
  public String gelu(String x) {
    return node("Gelu", node -> node.text("approximate", "tanh"), x);
  }

  /** One list of tokens behind another. */
  public String concatenated(String first, String second) {
    return node("Concat", node -> node.integer("axis", 1), first, second);
  }
}
