package dev.orrery.model.siglip;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.image.ResizeFilter;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AffineLayerNorm;
import dev.orrery.model.layers.FeedForward;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.layers.PatchEmbedding;
import dev.orrery.model.layers.PreNormBlock;
import dev.orrery.model.layers.SelfAttention;
import dev.orrery.model.session.ImageResizer;
import dev.orrery.model.session.StartResources;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.List;

/**
 * The visual tower of SigLIP: a row of features for each patch of a picture. The head that makes
 * one row of them all is not used. Everything is computed in fp32.
 *
 * <pre>
 * picture ─ cut to a bucket ─ bicubic to a square ─ [-1, 1] ─ patches ─ Linear ─ + positions ─ blocks ─ LN ─ features
 * </pre>
 *
 * <p>Source: {@code SiglipVisionModel} of Hugging Face transformers, whose tensor names it reads,
 * and its image processor, which resizes as Pillow does.
 */
public final class SiglipEncoder {
  private final SiglipConfig config;
  private final Backend backend;
  private final PatchEmbedding patchEmbedding;
  private final Tensor positions;
  private final List<PreNormBlock> blocks = new ArrayList<>();
  private final AffineLayerNorm postNorm;
  private final Add add;

  /**
   * Reads the weights.
   *
   * @param root at the root of the checkpoint's names
   */
  public SiglipEncoder(Parameters root, SiglipConfig config) {
    this.config = config;
    backend = root.backend();
    Parameters p = root.at("vision_model").beside(DType.F32);
    int dim = config.dim();
    patchEmbedding =
        new PatchEmbedding(
            p.at("embeddings.patch_embedding"), true, dim, 3, config.patch(), config.patch());
    positions = p.likeActivations("embeddings.position_embedding.weight", config.tokens(), dim);
    for (int i = 0; i < config.layers(); i++) {
      blocks.add(block(p.at("encoder.layers." + i), config));
    }
    postNorm = new AffineLayerNorm(p.at("post_layernorm"), dim, config.eps());
    add = p.kernel(Add.class);
  }

  /** Declares what a checkpoint may hold beside the tower. */
  public static Weights withoutHead(Weights root) {
    root.ignore("vision_model.head", "the features of all patches are used");
    return root;
  }

  private static PreNormBlock block(Parameters p, SiglipConfig config) {
    int dim = config.dim();
    Parameters self = p.at("self_attn");
    SelfAttention.Inputs inputs =
        new SelfAttention.Inputs(
            Linear.of(self.at("q_proj"), dim, dim),
            Linear.of(self.at("k_proj"), dim, dim),
            Linear.of(self.at("v_proj"), dim, dim));
    return new PreNormBlock(
        new AffineLayerNorm(p.at("layer_norm1"), dim, config.eps()),
        new SelfAttention(p, inputs, Linear.of(self.at("out_proj"), dim, dim), config.heads()),
        new AffineLayerNorm(p.at("layer_norm2"), dim, config.eps()),
        FeedForward.of(
            p.at("mlp.fc1"), p.at("mlp.fc2"), Activation.GELU_TANH, dim, config.hidden(), dim));
  }

  public SiglipConfig config() {
    return config;
  }

  /**
   * Encodes a picture of any size: the original one, whose edges are cut as {@link ImageBucket}
   * says.
   *
   * @param resources memory for the time of a start
   * @return {@code [tokens, dim]}, of the resources, in the dtype of a transformer's activations
   */
  public Tensor encode(RgbImage image, StartResources resources) {
    ImageBucket bucket = ImageBucket.of(image.height(), image.width());
    RgbImage cut = ImageResizer.cover(image, bucket.height(), bucket.width(), backend);
    TensorArena arena = resources.arena();
    int seen = config.side() * config.patch();
    Tensor pixels = arena.empty(DType.F32, seen, seen, 3);
    backend.copy(pixels(squashed(cut)), pixels);
    Tensor features = arena.empty(DType.F32, config.tokens(), config.dim());
    forward(pixels, resources.workspace(), features, Trace.NONE);
    DType dtype = backend.computeTypes().transformer();
    Tensor out = arena.empty(dtype, config.tokens(), config.dim());
    backend.kernel(Convert.class).run(features, out);
    return out;
  }

  /** The picture as the square that the encoder sees. */
  RgbImage squashed(RgbImage image) {
    int side = config.imageSize();
    return ImageResizer.resize(image, side, side, ResizeFilter.BICUBIC, backend);
  }

  /**
   * The pixels of whole patches, in [-1, 1].
   *
   * @return {@code [side * patch, side * patch, 3]} on the host, fp32
   */
  Tensor pixels(RgbImage square) {
    int seen = config.side() * config.patch();
    byte[] bytes = square.crop(0, 0, seen, seen).rgb();
    float[] values = new float[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      float share = (float) (Byte.toUnsignedInt(bytes[i]) * (1 / 255.0));
      values[i] = (share - 0.5f) / 0.5f;
    }
    return Tensor.of(values, seen, seen, 3);
  }

  /**
   * Runs the network.
   *
   * @param pixels of {@link #pixels}, on the backend
   * @param features {@code [tokens, dim]}
   */
  void forward(Tensor pixels, Workspace workspace, Tensor features, Trace trace) {
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor image = pixels.reshape(1, pixels.size(0), pixels.size(1), 3);
      patchEmbedding.into(List.of(image), features, frame);
      add.run(features, positions, features);
      trace.tap("embeddings", features);
      for (int i = 0; i < blocks.size(); i++) {
        blocks.get(i).forward(features, null, frame, trace.at("layer" + i));
      }
      trace.tap("before_post_layernorm", features);
      postNorm.into(features, features);
      trace.tap("last_hidden_state", features);
    }
  }
}
