package dev.orrery.model.clip;

import dev.orrery.kernels.attention.Visibility;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.elementwise.ChannelAffine;
import dev.orrery.kernels.image.ResizeBicubic;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AffineLayerNorm;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.layers.PatchEmbedding;
import dev.orrery.model.layers.PreNormBlock;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.List;

/**
 * The visual tower of CLIP as video models use it: the tokens that leave one of the last blocks, as
 * they are.
 *
 * <pre>
 * image [Y, X, 3] ─ bicubic to a square ─ normalise ─ patches ─ Linear ─┐
 *                                                       cls token ───────┴─ + positions ─ LN ─ blocks ─ features [N, I]
 * </pre>
 *
 * <p>Source: {@code VisionTransformer} in Wan 2.1's {@code clip.py} with {@code use_31_block};
 * {@code FrozenOpenCLIPImageEmbedderV2} of DynamiCrafter.
 */
public final class ImageEncoder {
  private static final float[] PIXEL_MEAN = {0.48145466f, 0.4578275f, 0.40821073f};
  private static final float[] PIXEL_STD = {0.26862954f, 0.26130258f, 0.27577711f};

  private final ImageEncoderConfig config;
  private final Backend backend;
  private final Tensor pixelScale;
  private final Tensor pixelOffset;
  private final PatchEmbedding patchEmbedding;
  private final Tensor classToken;
  private final Tensor positions;
  private final AffineLayerNorm preNorm;
  private final List<PreNormBlock> blocks = new ArrayList<>();
  private final ResizeBicubic resize;
  private final ChannelAffine affine;
  private final Add add;

  /** A tower with the names of Wan 2.1. */
  public ImageEncoder(Parameters p, ImageEncoderConfig config) {
    this(p, config, TowerNames.WAN);
  }

  /** A tower with the names of OpenCLIP. */
  public static ImageEncoder openClip(Parameters p, ImageEncoderConfig config) {
    return new ImageEncoder(p, config, TowerNames.OPEN_CLIP);
  }

  /** Declares what a checkpoint with the names of OpenCLIP may hold behind the blocks. */
  public static Weights withoutHead(Weights root) {
    root.ignore("ln_post", "follows the last block");
    root.ignore("proj", "follows the last block");
    return root;
  }

  private ImageEncoder(Parameters p, ImageEncoderConfig config, TowerNames names) {
    this.config = config;
    this.backend = p.backend();
    int dim = config.dim();
    float[] scale = new float[3];
    float[] offset = new float[3];
    for (int c = 0; c < 3; c++) {
      // From [-1, 1] to [0, 1] and then to zero mean and unit deviation.
      scale[c] = 0.5f / PIXEL_STD[c];
      offset[c] = (0.5f - PIXEL_MEAN[c]) / PIXEL_STD[c];
    }
    pixelScale = p.constant(scale);
    pixelOffset = p.constant(offset);
    patchEmbedding =
        new PatchEmbedding(
            p.at(names.patchEmbedding()), false, dim, 3, config.patch(), config.patch());
    classToken = names.classToken(p, dim);
    positions = names.positions(p, config.tokens(), dim);
    preNorm = new AffineLayerNorm(p.at(names.preNorm()), dim, TowerNames.EPS);
    for (int i = 0; i < config.blocks(); i++) {
      blocks.add(names.block(p, i, dim, config.heads(), Visibility.ALL));
    }
    resize = p.kernel(ResizeBicubic.class);
    affine = p.kernel(ChannelAffine.class);
    add = p.kernel(Add.class);
  }

  /**
   * Encodes an image.
   *
   * @param image {@code [Y, X, 3]} in [-1, 1], fp32, any size; it is squashed to a square
   * @param features {@code [tokens, dim]}
   */
  public void forward(Tensor image, Workspace workspace, Tensor features, Trace trace) {
    int side = config.imageSize();
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor square = frame.like(image, side, side, 3);
      resize.run(image, square);
      encode(square, frame, features, trace);
    }
  }

  /**
   * Encodes an image that has its size already.
   *
   * @param square {@code [side, side, 3]} in [-1, 1], fp32, replaced by what the tower sees
   * @param features {@code [tokens, dim]}
   */
  public void encode(Tensor square, Workspace.Frame outer, Tensor features, Trace trace) {
    int side = config.imageSize();
    try (Workspace.Frame frame = outer.inner()) {
      Tensor pixels = square.reshape((long) side * side, 3);
      affine.run(pixels, pixelScale, pixelOffset, pixels);
      trace.tap("preprocessed", square);
      backend.copy(classToken, features.slice(0, 1));
      Tensor tokens = features.slice(1, config.tokens());
      patchEmbedding.into(List.of(square.reshape(1, side, side, 3)), tokens, frame);
      add.run(features, positions, features);
      preNorm.into(features, features);
      trace.tap("after_pre_norm", features);
      for (int i = 0; i < blocks.size(); i++) {
        blocks.get(i).forward(features, null, frame, trace.at("block" + i));
      }
    }
  }
}
