package dev.orrery.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.attention.Visibility;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What benchmarks of products say of a call is what the contract counts of its launch, and the
 * bytes of the tensors that the launch gets.
 */
class KernelWorkTest {
  @Test
  void attention() {
    AttentionBenchmark benchmark = new AttentionBenchmark();
    benchmark.size = "2x3x5x2x16";
    assertCounts(benchmark, benchmark::run, 0);
  }

  @Test
  void attentionInt8() {
    AttentionInt8Benchmark benchmark = new AttentionInt8Benchmark();
    benchmark.size = "3x130x2x16";
    assertCounts(benchmark, benchmark::run, 0);
  }

  @Test
  void biasedAttention() {
    BiasedAttentionBenchmark benchmark = new BiasedAttentionBenchmark();
    benchmark.size = "3x5x2x16";
    assertCounts(benchmark, benchmark::run, 0);
  }

  @Test
  void temporalAttention() {
    for (Visibility visibility : Visibility.values()) {
      TemporalAttentionBenchmark benchmark = new TemporalAttentionBenchmark();
      benchmark.size = "2x3x5x2x16";
      benchmark.visibility = visibility;
      assertCounts(benchmark, benchmark::run, 0);
    }
  }

  @Test
  void causalConv3d() {
    for (String size : List.of("3x3x3x4x5x2x6x7", "1x1x1x4x5x2x6x7")) {
      CausalConv3dBenchmark benchmark = new CausalConv3dBenchmark();
      benchmark.size = size;
      assertCounts(benchmark, benchmark::run, 0);
    }
  }

  @Test
  void conv2d() {
    for (String size : List.of("1x4x5x2x6x8", "2x4x5x2x6x8")) {
      Conv2dBenchmark benchmark = new Conv2dBenchmark();
      benchmark.size = size;
      assertCounts(benchmark, benchmark::run, 0);
    }
  }

  @Test
  void matmul() {
    for (DType weights : List.of(DType.F32, DType.BF16)) {
      MatmulBenchmark benchmark = new MatmulBenchmark();
      benchmark.size = "3x16x5";
      benchmark.weights = weights;
      assertCounts(benchmark, benchmark::run, 0);
    }
  }

  /** The residual is read and written. */
  @Test
  void matmulResidual() {
    MatmulResidualBenchmark benchmark = new MatmulResidualBenchmark();
    benchmark.size = "6x16x5";
    assertCounts(benchmark, benchmark::run, 4 * 6 * 5);
  }

  @Test
  void quantizedMatmuls() {
    MatmulInt8Benchmark int8 = new MatmulInt8Benchmark();
    int8.size = "3x64x5";
    assertCounts(int8, int8::run, 0);
    MatmulFp8Benchmark fp8 = new MatmulFp8Benchmark();
    fp8.size = "3x64x5";
    assertCounts(fp8, fp8::run, 0);
    MatmulInt4Benchmark int4 = new MatmulInt4Benchmark();
    int4.size = "3x64x5";
    int4.group = 32;
    assertCounts(int4, int4::run, 0);
  }

  /**
   * @param again bytes of tensors that are read and written, which count twice
   */
  private static <B extends KernelBenchmark & KernelCase> void assertCounts(
      B benchmark, Runnable call, double again) {
    List<TimedBackend.Batch> batches = new ArrayList<>();
    TimedBackend backend = new TimedBackend(CpuBackend.simd(1), batches::add);
    benchmark.open(backend);
    try {
      backend.batch(call);
      TimedBackend.Launch launch = batches.getFirst().launches().getLast();
      assertEquals(launch.operations(), benchmark.operations(), benchmark.shape());
      double bytes = tensors(Arrays.asList(launch.arguments())).mapToDouble(Tensor::byteSize).sum();
      assertEquals(bytes + again, benchmark.bytes(), benchmark.shape());
    } finally {
      benchmark.close();
    }
  }

  private static Stream<Tensor> tensors(List<?> values) {
    return values.stream()
        .flatMap(
            value ->
                switch (value) {
                  case null -> Stream.of();
                  case Tensor tensor -> Stream.of(tensor);
                  case Record record -> tensors(components(record));
                  default -> Stream.of();
                });
  }

  private static List<Object> components(Record record) {
    List<Object> values = new ArrayList<>();
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      try {
        values.add(component.getAccessor().invoke(record));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
    return values;
  }
}
