package dev.orrery.model.qwen;

import dev.orrery.kernels.attention.BiasedAttention;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.layout.GatherRows;
import dev.orrery.kernels.position.RotaryTable;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.memory.WorkspaceSize;
import dev.orrery.runtime.trace.Trace;
import java.lang.foreign.MemorySegment;
import java.util.function.IntConsumer;

/**
 * The language part of Qwen2.5-VL as video models use it: what leaves the last layer but two, as it
 * is, a row for each token. A token sees itself and what lies before it, so that padding behind the
 * last one would change nothing, and there is none.
 *
 * <p>The weights stay where the checkpoint has them. Of the embeddings only the rows of the prompt
 * are read, and a layer is on the backend while it runs, so that an encoder of 13 GB takes the
 * memory of one of its layers. Everything is computed in fp32, whatever the weights are stored in:
 * reading them takes longer.
 *
 * <p>Source: {@code Qwen2_5_VLForConditionalGeneration} of Hugging Face transformers, called by
 * HunyuanVideo-1.5 with {@code hidden_state_skip_layer = 2}; positions of text alone are the same
 * along all three axes, which makes its rotary embedding an ordinary one.
 */
public final class QwenTextEncoder {
  private static final String EMBEDDING = "embed_tokens.weight";
  private static final String UNREAD = "the video model reads what leaves the layer before";

  private final QwenConfig config;
  private final Weights weights;
  private final Backend backend;
  private final Tensor embedding;

  /**
   * Finds the weights, whose names may begin with {@code model}, {@code model.language_model},
   * {@code language_model} or nothing.
   *
   * @param root cursor at the root of the checkpoint, which must stay open
   * @param backend where the encoder runs
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if a tensor is missing or has another
   *     shape
   */
  public QwenTextEncoder(Weights root, QwenConfig config, Backend backend) {
    this.config = config;
    this.backend = backend;
    weights = languagePart(root);
    embedding = weights.get(EMBEDDING, config.vocabulary(), config.dim());
    try (PlanningBackend plan = PlanningBackend.like(backend);
        TensorArena passing = plan.newArena()) {
      for (int i = 0; i < config.readLayers(); i++) {
        layer(weights, i, plan, passing);
      }
    }
    for (int i = config.readLayers(); i < config.layers(); i++) {
      weights.ignore("layers." + i, UNREAD);
    }
    weights.ignore("norm", UNREAD);
    for (String head : new String[] {"lm_head", "visual", "model.visual"}) {
      root.ignore(head, UNREAD);
    }
  }

  private static Weights languagePart(Weights root) {
    for (String prefix : new String[] {"model.language_model", "language_model"}) {
      if (root.has(prefix)) {
        return root.at(prefix);
      }
    }
    return root.has(EMBEDDING) ? root : root.at("model");
  }

  private QwenLayer layer(Weights from, int index, Backend on, TensorArena arena) {
    Parameters p = Parameters.ofTransformer(from.at("layers." + index), on, arena);
    return new QwenLayer(p.beside(DType.F32), config);
  }

  public QwenConfig config() {
    return config;
  }

  /**
   * Encodes a text.
   *
   * @param ids its tokens, at least one
   * @param progress gets the number of layers that are done
   * @return {@code [L, dim]} on the host, fp32, a row for each token
   * @throws IllegalArgumentException if a token is not in the vocabulary
   */
  public Tensor encode(int[] ids, IntConsumer progress, Trace trace) {
    if (ids.length == 0) {
      throw new IllegalArgumentException("ids: expected one or more tokens, found none");
    }
    GatherRows.check(ids, config.vocabulary());
    Tensor rows = embedded(ids);
    Tensor rotary = rotary(ids.length);
    Tensor causal = BiasedAttention.causal(config.heads(), ids.length);
    try (TensorArena arena = backend.newArena()) {
      Tensor x = moved(rows, arena);
      Tensor table = moved(rotary, arena);
      Tensor mask = moved(causal, arena);
      Workspace workspace = Workspace.of(arena, workspaceSize(ids.length));
      trace.tap("embedded", x);
      for (int i = 0; i < config.readLayers(); i++) {
        try (TensorArena ofLayer = backend.newArena();
            Workspace.Frame frame = workspace.frame()) {
          layer(weights, i, backend, ofLayer).forward(x, table, mask, frame, trace.at("layer" + i));
          trace.tap("layer" + i, x);
          backend.synchronize();
        }
        progress.accept(i + 1);
      }
      backend.copy(x, rows);
      backend.synchronize();
    }
    return rows;
  }

  /** Rows of the embedding table, on the host. */
  private Tensor embedded(int[] ids) {
    int dim = config.dim();
    float[] values = new float[Math.multiplyExact(ids.length, dim)];
    FloatView table = FloatView.of(embedding);
    for (int i = 0; i < ids.length; i++) {
      table.copy((long) ids[i] * dim, values, i * dim, dim);
    }
    return Tensor.host(DType.F32, Shape.of(ids.length, dim), MemorySegment.ofArray(values));
  }

  /** The table of so many positions, {@code [tokens, headDim / 2, 2]}. */
  private Tensor rotary(int tokens) {
    int pairs = config.headDim() / 2;
    float[] frequencies = RotaryTable.frequencies(pairs, config.theta());
    float[] positions = new float[tokens];
    for (int i = 0; i < tokens; i++) {
      positions[i] = i;
    }
    if (config.halfFrequencies()) {
      for (int k = 0; k < pairs; k++) {
        frequencies[k] = Float.float16ToFloat(Float.floatToFloat16(frequencies[k]));
      }
    }
    return Tensor.of(RotaryTable.line(positions, frequencies), tokens, pairs, 2);
  }

  private Tensor moved(Tensor host, TensorArena arena) {
    Tensor copy = arena.empty(host.dtype(), host.shape().extents());
    backend.copy(host, copy);
    return copy;
  }

  /**
   * Bytes that encoding takes on the backend: the tokens, the workspace and one layer, which a CPU
   * has mapped.
   *
   * @param tokens of the text
   */
  public long plannedBytes(int tokens) {
    try (PlanningBackend plan = PlanningBackend.like(backend);
        TensorArena arena = plan.newArena()) {
      PlannedTensors asked = PlannedTensors.of(embedding.dtype());
      layer(Weights.of(asked), 0, plan, arena);
      arena.empty(DType.F32, tokens, config.dim());
      arena.empty(DType.F32, tokens, config.headDim() / 2, 2);
      arena.empty(DType.F32, config.heads(), 2L * tokens - 1);
      long mapped = backend.usesHostMemory() ? asked.byteSize() : 0;
      return mapped + arena.byteSize() + workspaceSize(tokens).bytes(arena.reinterprets());
    }
  }

  /** The workspace of a layer, measured on a plan. */
  private WorkspaceSize workspaceSize(int tokens) {
    try (PlanningBackend plan = PlanningBackend.like(backend);
        TensorArena arena = plan.newArena()) {
      Workspace measuring = Workspace.measuring();
      Tensor x = arena.empty(DType.F32, tokens, config.dim());
      Tensor table = arena.empty(DType.F32, tokens, config.headDim() / 2, 2);
      Tensor mask = arena.empty(DType.F32, config.heads(), 2L * tokens - 1);
      Weights planned = Weights.of(PlannedTensors.of(embedding.dtype()));
      try (Workspace.Frame frame = measuring.frame()) {
        layer(planned, 0, plan, arena).forward(x, table, mask, frame, Trace.NONE);
      }
      return measuring.highWater();
    }
  }
}
