package dev.orrery.model.worldplayhy;

import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.elementwise.Silu;
import dev.orrery.kernels.position.RotaryTable;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AdaptiveLayerNorm;
import dev.orrery.model.layers.AdaptiveLayerNorm.ShiftScaleGate;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.LinearInput;
import dev.orrery.model.layers.ModulationProjection;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.layers.PatchEmbedding;
import dev.orrery.model.layers.TimestepMlp;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The diffusion transformer of WorldPlay-8B: from noisy latents of a chunk, the picture it began
 * with, the prompt, the cameras and what it was reminded of to the velocity that leads to clean
 * latents.
 *
 * <pre>
 * picture, quoted text, prompt ─ text stream ─ keys and values in every block, once per start
 * noisy [F, h, w, 32] | condition [F, h, w, 33] ─ Linear ─ tokens [F * S, C]
 * timesteps [F] ─ MLP ─ (+) ─ vec [F, C] ─ SiLU ─ Linear of each block and of the head
 * actions [F] ── MLP ──┘
 * tokens ─ blocks ─ LN modulated by vec ─ Linear ─ velocity [F, h, w, 32]
 * </pre>
 *
 * <p>Source: the double-stream transformer of HY-WorldPlay on HunyuanVideo-1.5, which computes the
 * modulation for every token; here it is computed once for each latent frame.
 */
final class WorldPlayHyTransformer {
  /**
   * Names of the weights that may be quantised: those of the linear layers inside the blocks,
   * around the attention and in the MLP, of both streams. Embeddings, modulation, the head, norms
   * and biases stay.
   */
  static final Predicate<String> QUANTIZABLE =
      Pattern.compile(
              "double_blocks\\.\\d+\\.((img|txt)_(attn_(q|k|v|proj)|mlp\\.fc[12])"
                  + "|img_attn_prope_proj)\\.weight")
          .asMatchPredicate();

  private final WorldPlayHyTransformerConfig config;
  private final DType activations;
  private final PatchEmbedding input;
  private final TimestepMlp time;
  private final TimestepMlp action;
  private final TextStream text;
  private final List<VideoBlock> blocks = new ArrayList<>();
  private final ModulationProjection headModulation;
  private final AdaptiveLayerNorm headNorm;
  private final Linear head;
  private final Add add;
  private final Silu silu;
  private final Convert convert;

  WorldPlayHyTransformer(Parameters p, WorldPlayHyTransformerConfig config) {
    this.config = config;
    activations = p.activations();
    int dim = config.dim();
    int channels = config.channels();
    Parameters conditioning = p.beside(DType.F32);
    input = new PatchEmbedding(p.at("img_in.proj"), true, dim, 2L * channels + 1, 1, 1, 1);
    int waves = WorldPlayHyTransformerConfig.FREQ_DIM;
    time = new TimestepMlp(conditioning.at("time_in"), "mlp.0", "mlp.2", waves, dim);
    action = new TimestepMlp(conditioning.at("action_in"), "mlp.0", "mlp.2", waves, dim);
    text = new TextStream(p, time, config);
    for (int i = 0; i < config.layers(); i++) {
      blocks.add(new VideoBlock(p.at("double_blocks." + i), config));
    }
    headModulation =
        new ModulationProjection(conditioning.at("final_layer.adaLN_modulation.1"), 2, dim);
    headNorm = new AdaptiveLayerNorm(p, WorldPlayHyTransformerConfig.EPS);
    head = Linear.of(p.at("final_layer.linear"), dim, channels);
    add = p.kernel(Add.class);
    silu = p.kernel(Silu.class);
    convert = p.kernel(Convert.class);
  }

  /** Runs once for a start. */
  TextStream text() {
    return text;
  }

  /**
   * Room for what a prompt and a picture leave.
   *
   * @param tokens of the longest prompt with its picture
   * @param arena owner of it
   */
  TextMemory newTextMemory(int tokens, TensorArena arena) {
    return new TextMemory(config, activations, tokens, arena);
  }

  /**
   * Room for what remembered frames leave.
   *
   * @param tokens of the most of them
   * @param arena owner of it
   */
  ContextMemory newContextMemory(long tokens, TensorArena arena) {
    return new ContextMemory(config, activations, tokens, arena);
  }

  /** Cosines and sines for the slots of a window, {@code [frames * rows * columns, pairs, 2]}. */
  float[] rotary(int frames, int rows, int columns) {
    return RotaryTable.video(0, frames, rows, columns, config.rotary(), config.rotaryTheta());
  }

  /**
   * Latent frames that go through the transformer together.
   *
   * @param latents {@code [F, h, w, channels]}, fp32
   * @param condition the latent of the picture and a mask for the frame that begins with it, zeros
   *     for all others, {@code [F, h, w, channels + 1]}, fp32
   * @param timesteps {@code [F]}, 0 to 1000, fp32
   * @param actions action classes {@code [F]}, as fp32
   */
  record Frames(Tensor latents, Tensor condition, Tensor timesteps, Tensor actions) {}

  /**
   * One forward pass.
   *
   * @param seen what the frames see of each other and of the remembered ones
   * @param prompt what the text stream left
   * @param memory of the remembered frames; is read, or filled by a pass without velocities
   * @param velocity {@code [F, h, w, channels]}, fp32; null for a pass that fills the memory
   */
  void forward(
      Frames frames,
      SeenFrames seen,
      TextMemory prompt,
      ContextMemory memory,
      Workspace workspace,
      Tensor velocity,
      Trace trace) {
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor activated = condition(frames, frame, trace);
      Tensor x = input.forward(List.of(frames.latents(), frames.condition()), frame);
      trace.tap("img_in", x);
      int last = blocks.size() - 1;
      for (int i = 0; i <= last; i++) {
        VideoBlock.Use use =
            velocity != null
                ? VideoBlock.Use.READS
                : i == last ? VideoBlock.Use.FILLS_ONLY : VideoBlock.Use.FILLS;
        Trace inside = trace.at("block" + i);
        blocks
            .get(i)
            .forward(x, activated, seen, prompt.block(i), memory.block(i), use, frame, inside);
      }
      if (velocity != null) {
        headInto(x, activated, velocity, frame);
      }
    }
  }

  /** SiLU of what timesteps and actions say, {@code [F, C]}. */
  private Tensor condition(Frames frames, Workspace.Frame frame, Trace trace) {
    Tensor vec = time.forward(frames.timesteps(), frame);
    try (Workspace.Frame inner = frame.inner()) {
      add.run(vec, action.forward(frames.actions(), inner), vec);
    }
    trace.tap("vec", vec);
    silu.run(vec, vec);
    return vec;
  }

  private void headInto(Tensor x, Tensor activated, Tensor velocity, Workspace.Frame outer) {
    try (Workspace.Frame frame = outer.inner()) {
      Tensor vectors = frame.empty(DType.F32, 2, activated.size(0), config.dim());
      Tensor shift = vectors.row(0);
      Tensor scale = vectors.row(1);
      headModulation.into(LinearInput.of(activated, frame), List.of(shift, scale));
      headNorm.into(x, new ShiftScaleGate(shift, scale, null), x);
      Tensor y = head.forward(x, frame);
      convert.run(y, velocity.reshape(y.shape().extents()));
    }
  }
}
