package dev.orrery.kernels.attention;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

/**
 * {@link AttentionSimd} of what int8 queries and keys stand for: these are multiplied by their
 * scales where they are packed, and products are those of fp32. So it takes as long as without
 * quantisation, and what that takes before.
 */
public final class AttentionInt8Simd extends CpuKernel implements AttentionInt8 {
  public AttentionInt8Simd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(
      Tensor q, Tensor k, Tensor v, Cameras cameras, double scale, Room room, Tensor out) {
    Int8HeadsCpu.quantize(threads, q, k, cameras, room);
    RowTransformSimd ofValues = RowTransformSimd.NONE;
    RowTransformSimd ofOutputs = RowTransformSimd.NONE;
    if (cameras != null) {
      int keysPerFrame = cameras.keysPerFrame(k.size(0));
      int queriesPerFrame = cameras.queriesPerFrame(q.size(0));
      ofValues =
          FrameMatricesSimd.of(cameras.worldFromImage(), keysPerFrame).behind(cameras.plainKeys());
      ofOutputs = FrameMatricesSimd.of(cameras.imageFromWorld(), queriesPerFrame);
    }
    AttentionSimd.attend(
        threads,
        1,
        room.queries(),
        scaled(room.queryScales(), 1),
        room.keys(),
        scaled(room.keyScales(), KEYS_OF_A_SCALE),
        v,
        ofValues,
        scale,
        out,
        ofOutputs);
  }

  /**
   * Multiplies rows by scales.
   *
   * @param scales {@code [blocks, H]}
   * @param together tokens of a block
   */
  private static RowTransformSimd scaled(Tensor scales, int together) {
    FloatView of = FloatView.of(scales);
    int heads = scales.size(1);
    return (token, head, row, at, headDim) -> {
      float scale = of.get(token / together * heads + head);
      for (int i = at; i < at + headDim; i++) {
        row[i] *= scale;
      }
    };
  }
}
