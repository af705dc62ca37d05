package dev.orrery.model.t5;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.layout.GatherRows;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.layers.WeightedRmsNorm;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.memory.WorkspaceSize;
import dev.orrery.runtime.trace.Trace;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The encoder of T5 v1.1 and UMT5: one row of features for every token of a text. They differ in
 * their relative biases, which T5 has once for all blocks and UMT5 once for each.
 *
 * <p>It takes the tokens of the text alone, without padding, so it needs no mask: padded keys would
 * be masked and padded rows are thrown away, the numbers are the same.
 *
 * <p>Source: {@code T5EncoderModel} and {@code UMT5EncoderModel} of Hugging Face transformers,
 * whose tensor names it reads.
 */
public final class T5Encoder {
  private static final String EMBEDDING = "shared.weight";
  private static final String TIED_EMBEDDING = "encoder.embed_tokens.weight";

  private final T5Config config;
  private final Backend backend;
  private final Tensor embedding;
  private final List<T5Block> blocks = new ArrayList<>();
  private final WeightedRmsNorm finalNorm;
  private final GatherRows gatherRows;

  private T5Encoder(Tensor embedding, Parameters stack, T5Config config) {
    this.config = config;
    this.embedding = embedding;
    backend = stack.backend();
    Tensor biases = null;
    for (int i = 0; i < config.layers(); i++) {
      Parameters block = stack.at("block." + i);
      if (i == 0 || !config.sharedBiases()) {
        biases = T5Block.biasTable(block, config);
      }
      blocks.add(new T5Block(block, config, biases));
    }
    finalNorm = new WeightedRmsNorm(stack.at("final_layer_norm"), config.dim(), config.eps());
    gatherRows = stack.kernel(GatherRows.class);
  }

  /**
   * Reads the weights of a whole model, whose encoder lies under {@code encoder}.
   *
   * @param p at the root of the model's names. The embedding table may be stored under either of
   *     its two names, or under both
   */
  public static T5Encoder ofModel(Parameters p, T5Config config) {
    boolean shared = p.has(EMBEDDING) || !p.has(TIED_EMBEDDING);
    Tensor embedding =
        p.get(shared ? EMBEDDING : TIED_EMBEDDING, config.vocabulary(), config.dim());
    if (shared && p.has(TIED_EMBEDDING)) {
      p.unused(TIED_EMBEDDING, config.vocabulary(), config.dim());
    }
    return new T5Encoder(embedding, p.at("encoder"), config);
  }

  /**
   * Reads the weights of an encoder that was saved by itself.
   *
   * @param p at the root of the encoder's names
   */
  public static T5Encoder ofEncoder(Parameters p, T5Config config) {
    Tensor embedding = p.get("embed_tokens.weight", config.vocabulary(), config.dim());
    return new T5Encoder(embedding, p, config);
  }

  public T5Config config() {
    return config;
  }

  /**
   * Encodes a prompt.
   *
   * @param ids its tokens with the end token, without padding, at least one
   * @param out {@code [L, dim]}, a row for each token
   * @throws IllegalArgumentException if a token is not in the vocabulary
   */
  public void forward(int[] ids, Workspace workspace, Tensor out, Trace trace) {
    if (ids.length == 0) {
      throw new IllegalArgumentException("ids: expected one or more tokens, found none");
    }
    GatherRows.check(ids, config.vocabulary());
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor rows = frame.empty(DType.I32, ids.length);
      backend.copy(Tensor.host(DType.I32, Shape.of(ids.length), MemorySegment.ofArray(ids)), rows);
      gatherRows.run(embedding, rows, out);
      trace.tap("embedded", out);
    }
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor oneHot = frame.empty(DType.F32, 2L * ids.length - 1, config.buckets());
      backend.copy(RelativeBuckets.oneHot(ids.length, config), oneHot);
      for (int i = 0; i < blocks.size(); i++) {
        blocks.get(i).forward(out, oneHot, frame, trace.at("block" + i));
      }
    }
    finalNorm.into(out, out);
    trace.tap("out", out);
  }

  /**
   * The workspace that a pass takes, measured on a plan.
   *
   * @param activations dtype of the result
   */
  public WorkspaceSize workspaceSize(int tokens, DType activations) {
    PlanningBackend plan = PlanningBackend.like(backend);
    try (TensorArena arena = plan.newArena()) {
      DType stored = embedding.dtype();
      Parameters planned =
          Parameters.ofTransformer(Weights.of(PlannedTensors.of(stored)), plan, arena)
              .beside(activations);
      Workspace measuring = Workspace.measuring();
      Tensor out = arena.empty(activations, tokens, config.dim());
      ofEncoder(planned, config).forward(new int[tokens], measuring, out, Trace.NONE);
      return measuring.highWater();
    }
  }
}
