package dev.orrery.benchmarks;

import static dev.orrery.benchmarks.GpuCase.BF16_BYTES;
import static dev.orrery.benchmarks.GpuCase.attention;
import static dev.orrery.benchmarks.GpuCase.causalConv3d;
import static dev.orrery.benchmarks.GpuCase.conv2d;
import static dev.orrery.benchmarks.GpuCase.elements;
import static dev.orrery.benchmarks.GpuCase.matmul;
import static dev.orrery.benchmarks.GpuCase.matmulResidual;
import static dev.orrery.benchmarks.GpuCase.quantizeRows;
import static dev.orrery.benchmarks.GpuCase.quantizedMatmul;
import static dev.orrery.benchmarks.GpuCase.temporalAttention;

import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.image.FramesToBytes;
import dev.orrery.kernels.layout.AppendColumns;
import dev.orrery.kernels.layout.NearestUpsample;
import dev.orrery.kernels.layout.TimeUnshuffle;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.kernels.linear.MatmulResidual;
import dev.orrery.kernels.norm.ChannelRmsNorm;
import dev.orrery.kernels.norm.LayerNorm;
import dev.orrery.kernels.norm.LayerNormModulate;
import dev.orrery.kernels.norm.RmsNorm;
import dev.orrery.kernels.position.RmsNormRope;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.runtime.checkpoint.Quantization;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the released Matrix-Game 2.0 (variant universal, 352 x 640 pixels) asks of a GPU once its
 * caches are full. A pass of the transformer has 3 latent frames of 22 x 40 tokens, 30 layers of
 * 1536 channels, and action modules in 15 of them; its caches hold 6 latent frames. Calls that
 * touch less than 2 MB are left out: they take no longer than their launch.
 */
final class MatrixGame2Cases {
  /** Passes of the transformer over a chunk: three denoising steps and one for the caches. */
  static final int PASSES = 4;

  /** Latent frames of a chunk, each decoded by itself. */
  static final int LATENT_FRAMES = 3;

  /** Video frames of a chunk. */
  static final int VIDEO_FRAMES = 12;

  /** How the transformer's checkpoint may be quantised. */
  static final List<Quantization> FORMS =
      List.of(Quantization.INT8, Quantization.FP8, Quantization.int4(128));

  /** Products that only linear layers of the blocks have. */
  private static final Set<String> QUANTIZABLE =
      Set.of("2640x1536x1536", "2640x1536x8960", "2640x8960x1536");

  private static final int IN_AND_OUT = 2 * BF16_BYTES;
  private static final String T_C = "T x C";
  private static final String T_H_D = "T x H x D";
  private static final String P_C = "P x C";

  private MatrixGame2Cases() {}

  /** All calls under the dtype that activations have on a GPU. */
  static Map<DType, List<GpuCase>> byDtype() {
    Map<DType, List<GpuCase>> cases = new LinkedHashMap<>();
    List<GpuCase> transformer = new ArrayList<>(transformer());
    FORMS.forEach(form -> transformer.addAll(quantized(form)));
    cases.put(DType.BF16, transformer);
    cases.put(DType.F16, decoder());
    return cases;
  }

  /** Calls of one pass of the transformer, in the order of their first use. */
  static List<GpuCase> transformer() {
    return List.of(
        matmul("time embedding and projection", 7, "3x1536x1536"),
        matmul("patch embedding", 1, "2640x144x1536"),
        elements(LayerNormModulate.class, "blocks and head", 61, T_C, "2640x1536", IN_AND_OUT),
        matmul("q, k, v; q of the image", 120, "2640x1536x1536"),
        // The 12 heads share a table with a cosine and a sine in fp32 for each pair of channels.
        elements(
            RmsNormRope.class, "q, k", 60, T_H_D, "2640x12x128", IN_AND_OUT + Float.BYTES / 12.0),
        attention("self-attention", 30, "2640x5280x12x128"),
        matmulResidual("o of both attentions", 60, "2640x1536x1536"),
        elements(LayerNorm.class, "before the image", 30, T_C, "2640x1536", IN_AND_OUT),
        elements(RmsNorm.class, "q of the image", 30, T_C, "2640x1536", IN_AND_OUT),
        attention("cross-attention to the image", 30, "2640x257x12x128"),
        elements(AppendColumns.class, "mouse window", 15, T_C, "2640x1560", IN_AND_OUT),
        matmul("mouse MLP, first layer", 15, "2640x1560x1024"),
        matmul("mouse MLP, second layer; q, k, v", 60, "2640x1024x1024"),
        elements(LayerNorm.class, "mouse", 15, T_C, "2640x1024", IN_AND_OUT),
        elements(RmsNormRope.class, "mouse q, k; keyboard q", 45, T_H_D, "2640x16x64", IN_AND_OUT),
        temporalAttention("mouse", 15, "3x6x880x16x64"),
        matmulResidual("mouse and keyboard", 30, "2640x1024x1536"),
        matmul("keyboard q", 15, "2640x1536x1024"),
        matmul("keyboard k, v", 30, "3x1536x1024"),
        attention("keyboard", 15, "2640x6x16x64"),
        matmul("FFN, first layer", 30, "2640x1536x8960"),
        matmulResidual("FFN, second layer", 30, "2640x8960x1536"),
        matmul("head", 1, "2640x1536x64"));
  }

  /** Whether a call of the transformer is another one where its linear layers are quantised. */
  static boolean isQuantizable(GpuCase work) {
    boolean linear = work.operation() == Matmul.class || work.operation() == MatmulResidual.class;
    return linear && QUANTIZABLE.contains(work.size());
  }

  /**
   * Calls of one pass in the place of those that {@link #isQuantizable}. Layers that share an input
   * share its quantised copy: q, k and v of self-attention, else each layer has one of its own.
   */
  static List<GpuCase> quantized(Quantization form) {
    List<GpuCase> calls = new ArrayList<>();
    if (form.format() != Quantization.Format.INT4) {
      calls.add(quantizeRows("before q, k, v; q of the image; o; FFN", 150, "2640x1536", form));
      calls.add(quantizeRows("inside the FFN", 30, "2640x8960", form));
    }
    for (GpuCase work : transformer()) {
      if (isQuantizable(work)) {
        boolean added = work.operation() == MatmulResidual.class;
        calls.add(quantizedMatmul(work.use(), work.calls(), work.size(), form, added));
      }
    }
    return calls;
  }

  /** Calls that decode one latent frame into four video frames, in the order of their first use. */
  static List<GpuCase> decoder() {
    return List.of(
        causalConv3d("latents to features", 1, "3x3x3x16x384x1x44x80"),
        elements(ChannelRmsNorm.class, "44 x 80", 11, P_C, "3520x384", IN_AND_OUT),
        causalConv3d("44 x 80", 10, "3x3x3x384x384x1x44x80"),
        elements(Add.class, "44 x 80", 6, P_C, "3520x384", 3 * BF16_BYTES),
        matmul("attention of pixels: q, k, v, proj", 4, "3520x384x384"),
        attention("attention of pixels", 1, "3520x3520x1x384"),
        causalConv3d("doubling of frames", 1, "3x1x1x384x768x1x44x80"),
        elements(TimeUnshuffle.class, "44 x 80", 1, "T x P x C", "1x3520x768", IN_AND_OUT),
        // A quarter of the output is read.
        elements(NearestUpsample.class, "to 88 x 160", 1, "T x Y x X x C", "2x88x160x384", 2.5),
        conv2d("after upsampling", 1, "3x3x384x192x2x88x160"),
        elements(ChannelRmsNorm.class, "88 x 160, first", 1, P_C, "28160x192", IN_AND_OUT),
        causalConv3d("88 x 160, first", 1, "3x3x3x192x384x2x88x160"),
        matmul("88 x 160, shortcut", 1, "28160x192x384"),
        elements(ChannelRmsNorm.class, "88 x 160", 5, P_C, "28160x384", IN_AND_OUT),
        causalConv3d("88 x 160", 5, "3x3x3x384x384x2x88x160"),
        elements(Add.class, "88 x 160", 3, P_C, "28160x384", 3 * BF16_BYTES),
        causalConv3d("doubling of frames", 1, "3x1x1x384x768x2x88x160"),
        elements(TimeUnshuffle.class, "88 x 160", 1, "T x P x C", "2x14080x768", IN_AND_OUT),
        elements(NearestUpsample.class, "to 176 x 320", 1, "T x Y x X x C", "4x176x320x384", 2.5),
        conv2d("after upsampling", 1, "3x3x384x192x4x176x320"),
        elements(ChannelRmsNorm.class, "176 x 320", 6, P_C, "225280x192", IN_AND_OUT),
        causalConv3d("176 x 320", 6, "3x3x3x192x192x4x176x320"),
        elements(Add.class, "176 x 320", 3, P_C, "225280x192", 3 * BF16_BYTES),
        elements(NearestUpsample.class, "to 352 x 640", 1, "T x Y x X x C", "4x352x640x192", 2.5),
        conv2d("after upsampling", 1, "3x3x192x96x4x352x640"),
        elements(ChannelRmsNorm.class, "352 x 640", 7, P_C, "901120x96", IN_AND_OUT),
        causalConv3d("352 x 640", 6, "3x3x3x96x96x4x352x640"),
        elements(Add.class, "352 x 640", 3, P_C, "901120x96", 3 * BF16_BYTES),
        causalConv3d("features to pixels", 1, "3x3x3x96x3x4x352x640"),
        elements(
            FramesToBytes.class, "352 x 640", 1, "T x Y x X x C", "4x352x640x3", BF16_BYTES + 1));
  }
}
