package dev.orrery.runtime.quantize;

import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.checkpoint.Quantization;
import dev.orrery.runtime.checkpoint.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A matrix {@code [N, K]} with fewer bits, see {@link Quantization}. Rows are quantised alone and
 * in parallel; the result does not depend on how many threads do so.
 *
 * @param values int8, fp8 or packed four-bit values
 * @param scales fp32
 * @param error how far it is from the matrix
 */
public record QuantizedMatrix(Tensor values, Tensor scales, QuantizationError error) {
  /**
   * Quantises a matrix.
   *
   * @param matrix {@code [N, K]}, fp32, fp16 or bf16, on the host
   * @param form the form to store it in
   * @param choice how to find scales
   * @throws IllegalArgumentException if the matrix does not fit the form or has a value that is not
   *     finite
   */
  public static QuantizedMatrix of(Tensor matrix, Quantization form, ScaleChoice choice) {
    List<TensorSpec> stored = form.stored(new TensorSpec("matrix", matrix.dtype(), matrix.shape()));
    TensorSpec valueSpec = stored.getFirst();
    TensorSpec scaleSpec = stored.getLast();
    int rows = matrix.size(0);
    int columns = matrix.size(1);
    int rowBytes = rows == 0 ? 0 : Math.toIntExact(valueSpec.byteSize() / rows);
    int rowScales = rows == 0 ? 0 : Math.toIntExact(scaleSpec.shape().elements() / rows);
    byte[] values = new byte[Math.toIntExact(valueSpec.byteSize())];
    float[] scales = new float[Math.toIntExact(scaleSpec.shape().elements())];
    RowQuantizer quantizer = RowQuantizer.of(form, choice);
    FloatView elements = FloatView.of(matrix);
    RowError[] errors = new RowError[rows];
    IntStream.range(0, rows)
        .parallel()
        .forEach(
            r -> {
              float[] row = new float[columns];
              elements.copy((long) r * columns, row, 0, columns);
              requireFinite(row, r);
              byte[] codes = new byte[rowBytes];
              float[] rowScale = new float[rowScales];
              float[] restored = new float[columns];
              quantizer.quantize(row, codes, rowScale, restored);
              System.arraycopy(codes, 0, values, r * rowBytes, rowBytes);
              System.arraycopy(rowScale, 0, scales, r * rowScales, rowScales);
              errors[r] = RowError.between(row, restored);
            });
    return new QuantizedMatrix(
        Tensor.host(valueSpec.dtype(), valueSpec.shape(), MemorySegment.ofArray(values)),
        Tensor.host(DType.F32, scaleSpec.shape(), MemorySegment.ofArray(scales)),
        RowError.total(errors));
  }

  private static void requireFinite(float[] row, int index) {
    for (int k = 0; k < row.length; k++) {
      if (!Float.isFinite(row[k])) {
        throw new IllegalArgumentException(
            "expected finite values, found " + row[k] + " at [" + index + ", " + k + "]");
      }
    }
  }

  private record RowError(double squares, double squaredError, double largest) {
    static RowError between(float[] row, float[] restored) {
      double squares = 0;
      double squaredError = 0;
      double largest = 0;
      for (int k = 0; k < row.length; k++) {
        double error = (double) restored[k] - row[k];
        squares += (double) row[k] * row[k];
        squaredError += error * error;
        largest = Math.max(largest, Math.abs(error));
      }
      return new RowError(squares, squaredError, largest);
    }

    /** Sums up in the order of the rows, so that the sums are the same every time. */
    static QuantizationError total(RowError[] rows) {
      double squares = Arrays.stream(rows).mapToDouble(RowError::squares).sum();
      double squaredError = Arrays.stream(rows).mapToDouble(RowError::squaredError).sum();
      double largest = Arrays.stream(rows).mapToDouble(RowError::largest).max().orElse(0);
      return new QuantizationError(
          squaredError == 0 ? 0 : Math.sqrt(squaredError / squares), largest);
    }
  }
}
