package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.RowKernel;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code QuantizeRows.cu}: a team of threads for each row. */
public final class QuantizeRowsCuda extends RowKernel implements QuantizeRows {
  private final ByDType toInt8;
  private final ByDType toFp8;

  public QuantizeRowsCuda(CudaDevice device) {
    super(device);
    toInt8 = functions("QuantizeRows", "quantize_rows" + suffix(DType.I8));
    toFp8 = functions("QuantizeRows", "quantize_rows" + suffix(DType.F8_E4M3));
  }

  @Override
  public void launch(Tensor x, ScaledRows out) {
    int rows = x.size(0);
    int columns = x.size(1);
    ByDType functions = out.values().dtype() == DType.I8 ? toInt8 : toFp8;
    launchRows(
        functions.of(x.dtype()), rows, 1, columns, x, out.values(), out.scales(), rows, columns);
  }
}
