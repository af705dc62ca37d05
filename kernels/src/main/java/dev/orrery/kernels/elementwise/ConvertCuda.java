package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Launches {@code Convert.cu}: eight consecutive elements a thread. */
public final class ConvertCuda extends CudaKernel implements Convert {
  private static final List<DType> TYPES = List.of(DType.F32, DType.F16, DType.BF16);
  private static final int THREADS = 256;
  private static final int ELEMENTS_PER_BLOCK = THREADS * 8;

  private final Map<DType, Map<DType, CudaFunction>> functions = new EnumMap<>(DType.class);

  public ConvertCuda(CudaDevice device) {
    super(device);
    for (DType from : TYPES) {
      Map<DType, CudaFunction> row = new EnumMap<>(DType.class);
      for (DType to : TYPES) {
        row.put(to, device.function("Convert", "convert" + suffix(from) + suffix(to)));
      }
      functions.put(from, row);
    }
  }

  @Override
  public void launch(Tensor x, Tensor out) {
    stream()
        .launch(
            functions.get(x.dtype()).get(out.dtype()),
            Math.toIntExact(Math.ceilDiv(x.elements(), ELEMENTS_PER_BLOCK)),
            1,
            1,
            THREADS,
            0,
            x,
            out,
            x.elements());
  }
}
