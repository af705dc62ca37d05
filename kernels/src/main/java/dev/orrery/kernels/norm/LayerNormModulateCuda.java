package dev.orrery.kernels.norm;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.RowKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code LayerNormModulate.cu}: a team of threads for each token. */
public final class LayerNormModulateCuda extends RowKernel implements LayerNormModulate {
  private final ByDType functions;

  public LayerNormModulateCuda(CudaDevice device) {
    super(device);
    functions = functions("LayerNormModulate", "layer_norm_modulate");
  }

  @Override
  public void launch(Tensor x, Tensor shift, Tensor scale, double eps, Tensor out) {
    int tokens = x.size(0);
    int channels = x.size(1);
    launchRows(
        functions.of(x.dtype()),
        tokens,
        1,
        channels,
        x,
        shift,
        scale,
        (float) eps,
        out,
        tokens / shift.size(0),
        tokens,
        channels);
  }
}
