package dev.orrery.weights.convert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.family.Recipe;
import dev.orrery.model.session.Progress;
import dev.orrery.runtime.checkpoint.Checkpoint;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.SafetensorsFile;
import dev.orrery.runtime.checkpoint.SafetensorsWriter;
import dev.orrery.runtime.checkpoint.StoredType;
import dev.orrery.runtime.checkpoint.TensorSpec;
import dev.orrery.weights.synthesize.SyntheticCheckpoint;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConversionTest {
  private static final Path TORCH = Path.of("src/test/resources/torch");

  @TempDir Path folder;
  private Path results;

  @BeforeEach
  void makeFolder() throws IOException {
    results = Files.createDirectory(folder.resolve("results"));
  }

  @Test
  void anArchiveBecomesWhatPythonWrites() throws IOException {
    Path out = results.resolve("generator.safetensors");
    Conversion conversion = keeping(NameRule.stripping(List.of("model.")));
    assertEquals(
        List.of(out),
        conversion.convert(TORCH.resolve("generator.pt"), "generator", out, Progress.NONE));
    assertSameTensors(TORCH.resolve("generator.safetensors"), out);
    Path dict = results.resolve("dict.safetensors");
    keeping(NameRule.KEEP).convert(TORCH.resolve("state_dict.pth"), "", dict, Progress.NONE);
    assertSameTensors(TORCH.resolve("state_dict.safetensors"), dict);
  }

  @Test
  void prefixesAreRemovedInOrder() throws IOException {
    Path in =
        write(
            Map.of(
                "generator._fsdp_wrapped_module.model.a._fsdp_wrapped_module.w",
                    Tensor.of(one(), 1),
                "b", Tensor.of(one(), 1)));
    Path out = results.resolve("x.safetensors");
    keeping(NameRule.stripping(List.of("generator.", "model.")))
        .convert(in, "", out, Progress.NONE);
    assertEquals(List.of("a.w", "b"), names(out).stream().sorted().toList());
  }

  @Test
  void namesThatWouldCollideAreRefused() throws IOException {
    Path in = write(Map.of("model.a", Tensor.of(one(), 1), "a", Tensor.of(one(), 1)));
    assertRefused(in, NameRule.stripping(List.of("model.")), "expected a name of its own without");
    Path only = write(Map.of("model.", Tensor.of(one(), 1)));
    assertRefused(only, NameRule.stripping(List.of("model.")), "found \"\"");
    assertRefused(only, NameRule.stripping(List.of("net.")), "begin with net., found none");
    NameRule nothing = NameRule.of(new Recipe.Prefixes(List.of(), List.of("model.")));
    assertRefused(only, nothing, "expected tensors, found none");
  }

  /** Every value lies between two neighbours of the narrow type and goes to the nearer one. */
  @Test
  void elementsAreRoundedOnce() throws IOException {
    double[] values = {
      1 + 0x1p-8,
      1 + 0x1p-8 + 0x1p-40,
      1 + 3 * 0x1p-8 - 0x1p-40,
      -1 - 0x1p-11 - 0x1p-45,
      1 + 0x1p-11,
      1 + 0x1p-24 + 0x1p-50,
      0x1p-24 * 0.75,
      0x1p-149 * 0.5000001,
      65519.99,
      -0.0,
      Double.NaN,
      Double.NEGATIVE_INFINITY
    };
    assertConverted(
        values,
        TargetType.BF16,
        new double[] {
          1,
          1 + 0x1p-7,
          1 + 0x1p-7,
          -1,
          1,
          1,
          0x1.8p-25,
          0,
          65536,
          -0.0,
          Double.NaN,
          Double.NEGATIVE_INFINITY
        });
    assertConverted(
        values,
        TargetType.FP16,
        new double[] {
          1 + 0x1p-8,
          1 + 0x1p-8,
          1 + 3 * 0x1p-8,
          -1 - 0x1p-10,
          1,
          1,
          0x1p-24,
          0,
          65504,
          -0.0,
          Double.NaN,
          Double.NEGATIVE_INFINITY
        });
    assertConverted(
        values,
        TargetType.FP32,
        new double[] {
          1 + 0x1p-8,
          1 + 0x1p-8,
          1 + 3 * 0x1p-8,
          -1 - 0x1p-11,
          1 + 0x1p-11,
          1 + 0x1p-23,
          0x1.8p-25,
          0x1p-149,
          65519.99f,
          -0.0,
          Double.NaN,
          Double.NEGATIVE_INFINITY
        });
  }

  @Test
  void valuesBeyondTheRangeAreRefusedByName() throws IOException {
    Path in = write(Map.of("big", Tensor.of(new float[] {65520}, 1)));
    CheckpointException e =
        assertThrows(
            CheckpointException.class,
            () ->
                new Conversion(NameRule.KEEP, TargetType.FP16, Conversion.ONE_FILE)
                    .convert(in, "", results.resolve("x.safetensors"), Progress.NONE));
    assertEquals(
        in + ": tensor big: expected values within the range of F16, found 65520.0",
        e.getMessage());
    assertNothingIn(results);
  }

  @Test
  void onlyFloatingPointTensorsChangeTheirType() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (DType dtype : DType.values()) {
      byte[] bytes = new byte[2 * dtype.byteSize()];
      tensors.put(dtype.name(), Tensor.host(dtype, Shape.of(2), MemorySegment.ofArray(bytes)));
    }
    Path out = results.resolve("x.safetensors");
    new Conversion(NameRule.KEEP, TargetType.BF16, Conversion.ONE_FILE)
        .convert(write(tensors), "", out, Progress.NONE);
    try (SafetensorsFile file = SafetensorsFile.open(out)) {
      for (DType dtype : DType.values()) {
        boolean changes = dtype == DType.F64 || dtype.isWeightType();
        assertEquals(
            StoredType.of(changes ? DType.BF16 : dtype),
            file.tensors().get(dtype.name()).type(),
            dtype.name());
      }
    }
  }

  @Test
  void typesThatNothingComputesWithAreCopied() throws IOException {
    Path in = folder.resolve("in.safetensors");
    List<TensorSpec> specs =
        List.of(
            new TensorSpec("a", new StoredType("F6_E2M3"), Shape.of(4), 3),
            new TensorSpec("b", new StoredType("NEW"), Shape.of(100), 2),
            new TensorSpec("c", DType.F32, Shape.of(1)));
    try (SafetensorsWriter writer = SafetensorsWriter.create(in, specs, Map.of())) {
      writer.append("a", MemorySegment.ofArray(new byte[] {1, 2, 3}));
      writer.append("b", MemorySegment.ofArray(new byte[] {4, 5}));
      writer.append("c", Tensor.of(one(), 1).segment());
      writer.finish();
    }
    Path out = results.resolve("x.safetensors");
    List<Path> written =
        new Conversion(NameRule.KEEP, TargetType.BF16, 3).convert(in, "", out, Progress.NONE);
    assertEquals(4, written.size());
    try (Checkpoint checkpoint = Checkpoint.open(written.getLast())) {
      assertEquals(specs.get(0), checkpoint.info("a").orElseThrow().spec());
      assertEquals(specs.get(1), checkpoint.info("b").orElseThrow().spec());
      assertEquals("BF16", checkpoint.info("c").orElseThrow().type().name());
      byte[] bytes = checkpoint.bytes("a").toArray(ValueLayout.JAVA_BYTE);
      assertArrayEquals(new byte[] {1, 2, 3}, bytes);
    }
  }

  @Test
  void shardsAndTheirIndexAreOneCheckpoint() throws IOException {
    List<TensorSpec> specs = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      // 40 bytes each, but the fourth with 400.
      specs.add(new TensorSpec("t" + i, DType.F32, Shape.of(i == 3 ? 100 : 10)));
    }
    Path in = folder.resolve("in.safetensors");
    SyntheticCheckpoint.write(in, specs, 1, Map.of("k", "v"), bytes -> {});
    Path out = results.resolve("m.safetensors");
    List<Path> files =
        new Conversion(NameRule.KEEP, TargetType.KEEP, 80).convert(in, "", out, Progress.NONE);
    assertEquals(
        List.of(
            "m-00001-of-00005.safetensors",
            "m-00002-of-00005.safetensors",
            "m-00003-of-00005.safetensors",
            "m-00004-of-00005.safetensors",
            "m-00005-of-00005.safetensors",
            "m.safetensors.index.json"),
        files.stream().map(file -> file.getFileName().toString()).toList());
    assertSameTensors(in, files.getLast());
    try (SafetensorsFile shard = SafetensorsFile.open(files.get(2))) {
      assertEquals(List.of("t3"), List.copyOf(shard.tensors().keySet()));
      assertEquals(Map.of("k", "v", "format", "pt"), shard.metadata());
    }
    try (Stream<Path> all = Files.list(results)) {
      assertEquals(6, all.count());
    }
    // And back into one file.
    Path whole = results.resolve("whole.safetensors");
    keeping(NameRule.KEEP).convert(files.getLast(), "", whole, Progress.NONE);
    assertSameTensors(in, whole);
  }

  @Test
  void nothingThatExistsIsReplaced() throws IOException {
    Path in = write(Map.of("a", Tensor.of(one(), 1)));
    for (String existing : List.of("x.safetensors", "x.safetensors.index.json")) {
      Path file = Files.writeString(results.resolve(existing), "old");
      CheckpointException e = assertRefused(in, NameRule.KEEP, "exists already");
      assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
      assertEquals("old", Files.readString(file));
      Files.delete(file);
    }
  }

  @Test
  void whatIsCancelledLeavesNothing() throws IOException {
    Path in = folder.resolve("in.safetensors");
    List<TensorSpec> specs =
        List.of(
            new TensorSpec("a", DType.F32, Shape.of(3 << 20)),
            new TensorSpec("b", DType.F32, Shape.of(3 << 20)));
    SyntheticCheckpoint.write(in, specs, 1, Map.of(), bytes -> {});
    Progress cancelling =
        (what, done, total) -> {
          assertEquals("converting x, MiB", what);
          assertEquals(24, total);
          if (done >= 16) {
            throw new CancellationException();
          }
        };
    for (long shard : new long[] {Conversion.ONE_FILE, 1 << 20}) {
      Conversion conversion = new Conversion(NameRule.KEEP, TargetType.KEEP, shard);
      assertThrows(
          CancellationException.class,
          () -> conversion.convert(in, "", results.resolve("x.safetensors"), cancelling));
      assertNothingIn(results);
    }
  }

  /** A tensor of 320 MB passes through 25 MB of heap. */
  @Test
  void memoryDoesNotDependOnTheSize() throws IOException {
    long elements = 80_000_000;
    Path in = folder.resolve("large.safetensors");
    String header =
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[%d],\"data_offsets\":[0,%d]}}"
            .formatted(elements, 4 * elements);
    try (FileChannel file =
        FileChannel.open(in, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer start = ByteBuffer.allocate(8 + header.length()).order(ByteOrder.LITTLE_ENDIAN);
      start.putLong(header.length()).put(header.getBytes(java.nio.charset.StandardCharsets.UTF_8));
      file.write(start.flip());
      // A hole of zeros up to the last byte.
      file.write(ByteBuffer.allocate(1), 8 + header.length() + 4 * elements - 1);
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    Path out = results.resolve("x.safetensors");
    new Conversion(NameRule.KEEP, TargetType.BF16, Conversion.ONE_FILE)
        .convert(in, "", out, Progress.NONE);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(allocated < 25_000_000, allocated + " bytes allocated");
    try (SafetensorsFile file = SafetensorsFile.open(out)) {
      assertEquals(2 * elements, file.byteSize());
    }
  }

  private static Conversion keeping(NameRule names) {
    return new Conversion(names, TargetType.KEEP, Conversion.ONE_FILE);
  }

  private void assertConverted(double[] values, TargetType type, double[] expected)
      throws IOException {
    byte[] bytes = new byte[8 * values.length];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().put(values);
    Tensor wide = Tensor.host(DType.F64, Shape.of(values.length), MemorySegment.ofArray(bytes));
    Path out = results.resolve(type + ".safetensors");
    new Conversion(NameRule.KEEP, type, Conversion.ONE_FILE)
        .convert(write(Map.of("w", wide)), "", out, Progress.NONE);
    try (SafetensorsFile file = SafetensorsFile.open(out)) {
      FloatView found = FloatView.of(file.tensor("w"));
      for (int i = 0; i < values.length; i++) {
        assertEquals((float) expected[i], found.get(i), type + " of " + values[i]);
      }
    }
  }

  private CheckpointException assertRefused(Path in, NameRule names, String expected) {
    CheckpointException e =
        assertThrows(
            CheckpointException.class,
            () -> keeping(names).convert(in, "", results.resolve("x.safetensors"), Progress.NONE));
    assertTrue(e.getMessage().contains(expected), e.getMessage());
    return e;
  }

  private static void assertSameTensors(Path expected, Path found) {
    try (Checkpoint a = Checkpoint.open(expected);
        Checkpoint b = Checkpoint.open(found)) {
      assertEquals(a.names().stream().sorted().toList(), b.names().stream().sorted().toList());
      for (String name : a.names()) {
        Tensor left = a.find(name, Shape.of()).orElseThrow();
        Tensor right = b.find(name, Shape.of()).orElseThrow();
        assertEquals(left.dtype(), right.dtype(), name);
        assertEquals(left.shape(), right.shape(), name);
        assertArrayEquals(
            left.segment().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE),
            right.segment().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE),
            name);
      }
    }
  }

  private static List<String> names(Path file) {
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      return List.copyOf(opened.tensors().keySet());
    }
  }

  private static float[] one() {
    return new float[] {1};
  }

  private Path write(Map<String, Tensor> tensors) {
    Path file = folder.resolve("in.safetensors");
    SafetensorsWriter.write(file, tensors, Map.of());
    return file;
  }

  private static void assertNothingIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(), files.toList());
    }
  }
}
