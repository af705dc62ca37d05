package dev.orrery.weights.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.TensorSpec;
import dev.orrery.weights.synthesize.SyntheticCheckpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointReportTest {
  @TempDir Path folder;

  @Test
  void groupsNumberedBlocks() {
    List<TensorSpec> specs = new ArrayList<>();
    for (int block : new int[] {0, 1, 2, 4, 10}) {
      specs.add(new TensorSpec("blocks." + block + ".ffn.0.weight", DType.BF16, Shape.of(48, 16)));
      specs.add(new TensorSpec("blocks." + block + ".ffn.2.weight", DType.BF16, Shape.of(16, 48)));
    }
    specs.add(new TensorSpec("blocks.11.ffn.0.weight", DType.BF16, Shape.of(48, 17)));
    specs.add(new TensorSpec("head.scale", DType.F32, Shape.of()));
    Path path = write("x.safetensors", specs, Map.of("config", "c".repeat(200), "a", "b\u001b[0m"));
    assertEquals(
        path
            + "\n  a = b?[0m\n  config = "
            + "c".repeat(160)
            + """
            ...
              tensor                           dtype    shape      count        size
              blocks.{0..2,4,10}.ffn.0.weight  BF16     [48, 16]      x5     7.5 KiB
              blocks.{0..2,4,10}.ffn.2.weight  BF16     [16, 48]      x5     7.5 KiB
              blocks.11.ffn.0.weight           BF16     [48, 17]             1.6 KiB
              head.scale                       F32      []                       4 B
              F32: 1 tensors, 1 parameters, 4 bytes (4 B)
              BF16: 11 tensors, 8,496 parameters, 16,992 bytes (16.6 KiB)
              12 tensors, 8,497 parameters, 16,996 bytes (16.6 KiB)

            """,
        CheckpointReport.of(path).text(false));
  }

  @Test
  void listsEveryTensorOnDemand() {
    List<TensorSpec> specs =
        List.of(
            new TensorSpec("a.0.w", DType.F16, Shape.of(2)),
            new TensorSpec("a.1.w", DType.F16, Shape.of(2)));
    CheckpointReport report = CheckpointReport.of(write("x.safetensors", specs, Map.of()));
    assertTrue(report.text(false).contains("a.{0..1}.w"));
    assertFalse(report.text(true).contains("{"));
    assertTrue(report.text(true).contains("a.0.w") && report.text(true).contains("a.1.w"));
  }

  @Test
  void reportsAllCheckpointsOfAFolder() throws IOException {
    Files.createDirectories(folder.resolve("dit"));
    write("vae.safetensors", List.of(new TensorSpec("v", DType.F32, Shape.of(3))), Map.of());
    write("dit/m-1.safetensors", List.of(new TensorSpec("a", DType.BF16, Shape.of(2))), Map.of());
    write(
        "dit/m-2.safetensors",
        List.of(new TensorSpec("b", DType.BF16, Shape.of(4))),
        Map.of("k", "v"));
    Path index =
        Files.writeString(
            folder.resolve("dit/m.safetensors.index.json"),
            "{\"weight_map\":{\"a\":\"m-1.safetensors\",\"b\":\"m-2.safetensors\"}}");
    CheckpointReport report = CheckpointReport.of(folder);
    assertEquals(
        List.of(index, folder.resolve("vae.safetensors")),
        report.contents().stream().map(CheckpointReport.Content::path).toList());
    assertEquals(new CheckpointReport.Total(3, 9, 24), report.total());
    assertTrue(
        report
            .text(false)
            .endsWith(folder + ": 2 checkpoints, 3 tensors, 9 parameters, 24 bytes (24 B)\n"));

    JsonValue json =
        JsonValue.parse(
            "report",
            report
                .json(Optional.empty(), Optional.empty(), Optional.empty())
                .getBytes(StandardCharsets.UTF_8));
    assertEquals(9, json.get("total").integer("parameters"));
    JsonValue dit = json.get("checkpoints").asList().getFirst();
    assertEquals("v", dit.get("metadata").string("k"));
    assertEquals(12, dit.get("dtypes").get("BF16").integer("bytes"));
    JsonValue b = dit.get("tensors").asList().get(1);
    assertEquals("b", b.string("name"));
    assertEquals("BF16", b.string("dtype"));
    assertEquals(4, b.integers("shape")[0]);
    assertEquals(8, b.integer("bytes"));
  }

  /** Types of the format that nothing computes with, and one that it does not have yet. */
  @Test
  void reportsTypesThatNothingComputesWith() throws IOException {
    String header =
        """
        {"a":{"dtype":"F8_E8M0","shape":[2,3],"data_offsets":[0,6]},\
        "b":{"dtype":"F4","shape":[6],"data_offsets":[6,9]},\
        "c":{"dtype":"F6_E3M2","shape":[4],"data_offsets":[9,12]},\
        "d":{"dtype":"C64","shape":[],"data_offsets":[12,20]},\
        "e":{"dtype":"F8_E4M3FNUZ","shape":[1],"data_offsets":[20,21]},\
        "f":{"dtype":"F2_E1M0_NEW","shape":[9],"data_offsets":[21,24]},\
        "g":{"dtype":"BF16","shape":[1],"data_offsets":[24,26]}}""";
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + 26).order(ByteOrder.LITTLE_ENDIAN);
    Path path = folder.resolve("x.safetensors");
    Files.write(path, bytes.putLong(json.length).put(json).array());
    CheckpointReport report = CheckpointReport.of(path);
    String text = report.text(false);
    assertTrue(text.contains("  a       F8_E8M0      [2, 3]                 6 B\n"), text);
    assertTrue(text.contains("  f       F2_E1M0_NEW  [9]                    3 B\n"), text);
    assertTrue(text.contains("  BF16: 1 tensors, 1 parameters, 2 bytes (2 B)\n  C64: 1"), text);
    JsonValue parsed =
        JsonValue.parse(
            "report",
            report
                .json(Optional.empty(), Optional.empty(), Optional.empty())
                .getBytes(StandardCharsets.UTF_8));
    JsonValue content = parsed.get("checkpoints").asList().getFirst();
    assertEquals(3, content.get("dtypes").get("F4").integer("bytes"));
    assertEquals(6, content.get("dtypes").get("F4").integer("parameters"));
    assertEquals("F2_E1M0_NEW", content.get("tensors").asList().get(5).string("dtype"));
  }

  @Test
  void refusesAFolderWithoutCheckpoints() {
    CheckpointException refusal =
        assertThrows(CheckpointException.class, () -> CheckpointReport.of(folder));
    assertEquals(
        folder + ": expected .safetensors, .pth, .pt or .ckpt files, found none",
        refusal.getMessage());
  }

  @Test
  void sizesAreInBinaryUnits() {
    assertEquals("0 B", ReportText.size(0));
    assertEquals("1023 B", ReportText.size(1023));
    assertEquals("1.0 KiB", ReportText.size(1024));
    assertEquals("1.5 MiB", ReportText.size(3 << 19));
    assertEquals("6.0 GiB", ReportText.size(6_476_969_216L));
  }

  private Path write(String name, List<TensorSpec> specs, Map<String, String> metadata) {
    Path path = folder.resolve(name);
    SyntheticCheckpoint.write(path, specs, 1, metadata, bytes -> {});
    return path;
  }
}
