package dev.orrery.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.cuda.CudaTestDevice;
import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.elementwise.Softmax;
import dev.orrery.kernels.image.FramesToBytes;
import dev.orrery.kernels.layout.AppendColumns;
import dev.orrery.kernels.layout.NearestUpsample;
import dev.orrery.kernels.layout.TimeUnshuffle;
import dev.orrery.kernels.norm.ChannelRmsNorm;
import dev.orrery.kernels.norm.LayerNorm;
import dev.orrery.kernels.norm.LayerNormModulate;
import dev.orrery.kernels.norm.RmsNorm;
import dev.orrery.kernels.position.RmsNormRope;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.Quantization;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The report runs as it does on a GPU, on the emulated one and on small shapes. */
class GpuReportTest {
  private static final GpuStopwatch.Effort SMALL = new GpuStopwatch.Effort(2, 3, 1);

  private static final List<GpuCase> EVERY_OPERATION =
      List.of(
          GpuCase.matmul("", 1, "6x16x8"),
          GpuCase.matmulResidual("", 1, "6x16x8"),
          GpuCase.quantizeRows("", 1, "6x32", Quantization.INT8),
          GpuCase.quantizeRows("", 1, "6x32", Quantization.FP8),
          quantized("6x32x8", Quantization.INT8, false),
          quantized("6x32x8", Quantization.INT8, true),
          quantized("6x32x8", Quantization.FP8, false),
          quantized("6x32x8", Quantization.FP8, true),
          quantized("6x64x8", Quantization.int4(32), false),
          quantized("6x64x8", Quantization.int4(32), true),
          GpuCase.attention("", 1, "5x7x2x64"),
          GpuCase.temporalAttention("", 1, "3x6x4x2x64"),
          GpuCase.causalConv3d("", 1, "3x3x3x8x8x1x3x4"),
          GpuCase.causalConv3d("", 1, "1x1x1x8x8x2x3x4"),
          GpuCase.conv2d("", 1, "3x3x8x8x2x3x4"),
          elements(LayerNorm.class, "6x16"),
          elements(LayerNormModulate.class, "6x16"),
          elements(RmsNorm.class, "6x16"),
          elements(ChannelRmsNorm.class, "6x16"),
          elements(RmsNormRope.class, "6x2x128"),
          elements(RmsNormRope.class, "6x2x64"),
          elements(Add.class, "6x16"),
          elements(AppendColumns.class, "6x32"),
          elements(TimeUnshuffle.class, "2x3x16"),
          elements(NearestUpsample.class, "2x4x6x8"),
          elements(FramesToBytes.class, "2x4x6x3"));

  private static final Peers PEERS =
      Peers.of(
          json(
              """
              {"library": "Other 1.0", "largeMatmulTeraflops": 500, "peers": [
                {"operation": "Matmul", "size": "6x16x8", "dtype": "bfloat16", "way": "linear",
                 "microseconds": 12.5}]}
              """));

  @Test
  void everyOperationIsMeasuredInBothDtypes() {
    Set<Class<? extends Kernel>> needed =
        MatrixGame2Cases.byDtype().values().stream()
            .flatMap(List::stream)
            .map(GpuCase::operation)
            .collect(Collectors.toCollection(LinkedHashSet::new));
    EVERY_OPERATION.stream().map(GpuCase::operation).forEach(needed::remove);
    assertEquals(Set.of(), needed, "operations that this test leaves out");
    try (CudaBackend backend = CudaTestDevice.openForModels();
        GpuReport report = new GpuReport(backend, Peers.NONE, SMALL)) {
      List<GpuReport.Row> rows =
          report.measure(Map.of(DType.BF16, EVERY_OPERATION, DType.F16, EVERY_OPERATION));
      assertEquals(2 * EVERY_OPERATION.size(), rows.size());
      assertEquals(
          rows.size(),
          rows.stream().map(GpuReport.Row::name).distinct().count(),
          "names of calls that are not the same");
      for (GpuReport.Row row : rows) {
        assertNull(row.failure(), row::name);
        assertTrue(row.microseconds() > 0, row::name);
      }
    }
  }

  @Test
  void aCaseThatFailsStandsBesideTheOthers() {
    try (CudaBackend backend = CudaTestDevice.openForModels();
        GpuReport report = new GpuReport(backend, PEERS, SMALL)) {
      GpuCase matmul = GpuCase.matmul("here", 7, "6x16x8");
      List<GpuReport.Row> rows =
          report.measure(
              Map.of(DType.BF16, List.of(elements(Softmax.class, "3x3"), matmul, matmul)));
      assertEquals(3, rows.size());
      assertTrue(rows.get(0).failure().contains("Softmax"), rows.get(0)::failure);
      assertEquals(rows.get(1), rows.get(2), "the same call is measured once");

      JsonValue stored = json(report.json(new Roofline("a GPU", 90, 500e12, 4e12), rows));
      assertEquals("Other 1.0", stored.string("peer"));
      List<JsonValue> kernels = stored.get("kernels").asList();
      assertEquals(2, kernels.size());
      JsonValue row = kernels.getFirst();
      assertEquals("Matmul", row.string("kernel"));
      assertEquals("M x K x N = 6 x 16 x 8", row.string("shape"));
      assertEquals(7, row.integer("calls"));
      assertEquals(12.5, row.number("peerMicroseconds"));
      assertEquals("linear", row.string("peerWay"));
    }
  }

  @Test
  void casesForTheOtherLibraryAreListedOnce() {
    GpuCase matmul = GpuCase.matmul("", 1, "6x16x8");
    List<JsonValue> cases =
        json(GpuReport.cases(Map.of(DType.F16, List.of(matmul, matmul)))).asList();
    assertEquals(1, cases.size());
    assertEquals("Matmul", cases.getFirst().string("operation"));
    assertEquals("6x16x8", cases.getFirst().string("size"));
    assertEquals("float16", cases.getFirst().string("dtype"));
  }

  private static GpuCase quantized(String size, Quantization form, boolean added) {
    return GpuCase.quantizedMatmul("", 1, size, form, added);
  }

  private static GpuCase elements(Class<? extends Kernel> operation, String size) {
    return GpuCase.elements(operation, "", 1, "", size, 4);
  }

  private static JsonValue json(String text) {
    return JsonValue.parse("test", text.getBytes(StandardCharsets.UTF_8));
  }
}
