package dev.orrery.model.worldplayhy;

import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AffineLayerNorm;
import dev.orrery.model.layers.FeedForward;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;

/**
 * The tokens of the text stream: those of the picture, of the quoted text and of the prompt, in
 * this order, each with a vector that says which of the three it is.
 *
 * <pre>
 * vision [729, 1152] ─ LN, Linear, GELU erf, Linear, LN ─────────────── + type 2 ┐
 * glyphs [m, 1472] ─── LN, Linear, GELU erf, Linear, GELU erf, Linear ─ + type 1 ┼ tokens [T, C]
 * text [n, 3584] ───── refiner ──────────────────────────────────────── + type 0 ┘
 * </pre>
 */
final class PromptEmbedding {
  private static final int TEXT = 0;
  private static final int GLYPHS = 1;
  private static final int VISION = 2;
  private static final int TYPES = 3;

  private final TokenRefiner refiner;
  private final GlyphMapper glyphMapper;
  private final AffineLayerNorm visionNorm1;
  private final FeedForward visionLayers;
  private final AffineLayerNorm visionNorm2;
  private final Tensor types;
  private final Add add;

  PromptEmbedding(Parameters p, WorldPlayHyTransformerConfig config) {
    int dim = config.dim();
    int vision = config.states().vision();
    double eps = WorldPlayHyTransformerConfig.STATES_EPS;
    refiner = new TokenRefiner(p.at("txt_in"), config);
    glyphMapper =
        new GlyphMapper(
            p.at("byt5_in"), config.states().glyph(), config.states().glyphHidden(), dim);
    Parameters picture = p.at("vision_in.proj");
    visionNorm1 = new AffineLayerNorm(picture.at("0"), vision, eps);
    visionLayers =
        FeedForward.of(picture.at("1"), picture.at("3"), Activation.GELU_ERF, vision, vision, dim);
    visionNorm2 = new AffineLayerNorm(picture.at("4"), dim, eps);
    types = p.likeActivations("cond_type_embedding.weight", TYPES, dim);
    add = p.kernel(Add.class);
  }

  /**
   * Embeds what the encoders say.
   *
   * @param timestep 0, {@code [1]}, fp32
   * @param out {@code [T, C]}
   */
  void into(PromptStates states, Tensor timestep, Tensor out, Workspace workspace, Trace trace) {
    int pictureEnd = states.vision().size(0);
    int firstText = states.firstText();
    Tensor text = out.slice(firstText, states.tokens());
    refiner.into(states.text(), states.textMean(), timestep, text, workspace);
    trace.tap("txt_refined", text);
    addType(text, TEXT);
    states
        .glyphs()
        .ifPresent(
            glyphs -> glyphsInto(glyphs, out.slice(pictureEnd, firstText), workspace, trace));
    visionInto(states.vision(), out.slice(0, pictureEnd), workspace, trace);
  }

  private void glyphsInto(Tensor glyphs, Tensor out, Workspace workspace, Trace trace) {
    glyphMapper.into(glyphs, out, workspace);
    trace.tap("byt5_mapped", out);
    addType(out, GLYPHS);
  }

  private void visionInto(Tensor vision, Tensor out, Workspace workspace, Trace trace) {
    try (Workspace.Frame frame = workspace.frame()) {
      visionLayers.into(visionNorm1.forward(vision, frame), out, frame);
    }
    visionNorm2.into(out, out);
    trace.tap("vision_mapped", out);
    addType(out, VISION);
  }

  private void addType(Tensor tokens, int type) {
    add.run(tokens, types.slice(type, type + 1), Add.Rows.EACH, tokens);
  }
}
