package dev.orrery.kernels.attention;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.tensor.Tensor;

/**
 * {@link AttentionSimd} whose rows are transformed where it packs queries, keys and values and
 * where it stores outputs. Attempts and measurements: docs/kernels/PropeAttention.md.
 */
public final class PropeAttentionSimd extends CpuKernel implements PropeAttention {
  public PropeAttentionSimd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor imageFromWorld,
      Tensor worldFromImage,
      int plainKeys,
      double scale,
      Tensor room,
      Tensor out) {
    int queriesPerFrame = q.size(0) / imageFromWorld.size(0);
    int keysPerFrame = (k.size(0) - plainKeys) / worldFromImage.size(0);
    RowTransformSimd ofKeys = FrameMatricesSimd.of(worldFromImage, keysPerFrame).behind(plainKeys);
    AttentionSimd.attend(
        threads,
        1,
        q,
        FrameMatricesSimd.ofTransposed(imageFromWorld, queriesPerFrame),
        k,
        ofKeys,
        v,
        ofKeys,
        scale,
        out,
        FrameMatricesSimd.of(imageFromWorld, queriesPerFrame));
  }
}
