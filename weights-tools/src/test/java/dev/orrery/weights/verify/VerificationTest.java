package dev.orrery.weights.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.Families;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.SyntheticScale;
import dev.orrery.model.matrixgame2.MatrixGame2;
import dev.orrery.model.session.Progress;
import dev.orrery.model.worldplay.WorldPlay;
import dev.orrery.runtime.checkpoint.Checkpoint;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.SafetensorsWriter;
import dev.orrery.runtime.checkpoint.StoredType;
import dev.orrery.runtime.checkpoint.TensorSpec;
import dev.orrery.weights.synthesize.SyntheticModel;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class VerificationTest {
  @TempDir Path folder;

  /** Bit patterns of each type: numbers at the edges, infinities, NaN of several kinds. */
  static Stream<Arguments> patterns() {
    return Stream.of(
        Arguments.of(
            DType.F64,
            new long[] {0x7fef_ffff_ffff_ffffL, 1, 0x8000_0000_0000_0000L},
            new long[] {0x7ff0_0000_0000_0000L, 0xfff0_0000_0000_0000L},
            new long[] {0x7ff0_0000_0000_0001L, 0xffff_ffff_ffff_ffffL, 0x7ff8_0000_0000_0000L}),
        Arguments.of(
            DType.F32,
            new long[] {0x7f7f_ffff, 1, 0x8000_0000L},
            new long[] {0x7f80_0000, 0xff80_0000L},
            new long[] {0x7f80_0001, 0xffff_ffffL, 0x7fc0_0000}),
        Arguments.of(
            DType.F16,
            new long[] {0x7bff, 1, 0x8000},
            new long[] {0x7c00, 0xfc00},
            new long[] {0x7c01, 0xffff, 0x7e00}),
        Arguments.of(
            DType.BF16,
            new long[] {0x7f7f, 1, 0x8000, 0x7c00},
            new long[] {0x7f80, 0xff80},
            new long[] {0x7f81, 0xffff, 0x7fc0}),
        Arguments.of(
            DType.F8_E5M2,
            new long[] {0x7b, 1, 0x80},
            new long[] {0x7c, 0xfc},
            new long[] {0x7d, 0x7e, 0xff}),
        Arguments.of(
            DType.F8_E4M3,
            new long[] {0x7e, 1, 0x80, 0x7c, 0xfe},
            new long[0],
            new long[] {0x7f, 0xff}),
        Arguments.of(DType.I8, new long[] {0x7f, 0x80, 0xff}, new long[0], new long[0]),
        Arguments.of(DType.U64, new long[] {-1, 0x7ff8L << 48}, new long[0], new long[0]));
  }

  @ParameterizedTest
  @MethodSource("patterns")
  void countsWhatIsNoNumber(DType dtype, long[] numbers, long[] infinite, long[] notANumber) {
    int size = dtype.byteSize();
    int count = numbers.length + infinite.length + notANumber.length;
    byte[] bytes = new byte[count * size];
    int at = 0;
    for (long[] patterns : new long[][] {numbers, infinite, notANumber}) {
      for (long pattern : patterns) {
        for (int i = 0; i < size; i++) {
          bytes[at++] = (byte) (pattern >>> 8 * i);
        }
      }
    }
    Tensor tensor = Tensor.host(dtype, Shape.of(count), MemorySegment.ofArray(bytes));
    Path file = folder.resolve("x.safetensors");
    SafetensorsWriter.write(file, Map.of("w", tensor), Map.of());
    Verification found = Verification.of(file, Families.ALL, Optional.empty(), Progress.NONE);
    ValueScan.Counts counts = found.scans().getFirst().tensors().getFirst();
    assertEquals(infinite.length, counts.infinite());
    assertEquals(notANumber.length, counts.notANumber());
    String line =
        "%s: tensor w: %d NaN and %d infinite of %d values"
            .formatted(file, notANumber.length, infinite.length, count);
    boolean clean = infinite.length + notANumber.length == 0;
    assertEquals(clean ? List.of() : List.of(line), found.faults());
    assertEquals(Optional.empty(), found.family());
  }

  /** Types that nothing computes with: NaN where the format says so, and none in the unknown. */
  @Test
  void countsWhatIsNoNumberInTypesThatNothingComputesWith() {
    byte[] all = new byte[256];
    for (int i = 0; i < 256; i++) {
      all[i] = (byte) i;
    }
    byte[] complex = new byte[32];
    ByteBuffer.wrap(complex)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .put(new float[] {1, Float.NaN, Float.POSITIVE_INFINITY, Float.NaN})
        .put(new float[] {Float.NEGATIVE_INFINITY, 2, 3, 4});
    assertEquals("1 NaN and 0 infinite of 256", counted("F8_E8M0", 256, all));
    assertEquals("1 NaN and 0 infinite of 256", counted("F8_E4M3FNUZ", 256, all));
    assertEquals("1 NaN and 0 infinite of 256", counted("F8_E5M2FNUZ", 256, all));
    assertEquals("2 NaN and 1 infinite of 4", counted("C64", 4, complex));
    assertEquals("", counted("F4", 512, all));
    assertEquals("", counted("NEW_TYPE", 3, all));
  }

  private String counted(String type, long elements, byte[] bytes) {
    Path file = folder.resolve("x.safetensors");
    TensorSpec spec = new TensorSpec("w", new StoredType(type), Shape.of(elements), bytes.length);
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, List.of(spec), Map.of())) {
      writer.append("w", MemorySegment.ofArray(bytes));
      writer.finish();
    }
    List<String> faults =
        Verification.of(file, Families.ALL, Optional.empty(), Progress.NONE).faults();
    return String.join("\n", faults).replace(file + ": tensor w: ", "").replace(" values", "");
  }

  @Test
  void tellsAllThatDiffersFromTheNetworks() throws IOException {
    Path model = model();
    Path vae = model.resolve("vae.safetensors");
    Map<String, Tensor> tensors = tensors(vae);
    List<String> names = List.copyOf(tensors.keySet());
    Tensor first = tensors.remove(names.get(0));
    tensors.remove(names.get(1));
    tensors.put(names.get(3), Tensor.of(new float[5], 5));
    tensors.put("surplus", Tensor.of(new float[5], 5));
    rewrite(vae, tensors);
    Files.delete(model.resolve("image_encoder.safetensors"));
    List<String> faults =
        Verification.of(model, Families.ALL, Optional.empty(), Progress.NONE).faults();
    assertEquals(5, faults.size(), faults.toString());
    String start = vae + ": tensor ";
    assertTrue(
        faults.contains(
            start + names.get(0) + ": expected shape " + first.shape() + ", but missing"),
        faults.toString());
    assertTrue(
        faults.stream()
            .anyMatch(
                line ->
                    line.startsWith(start + names.get(3) + ": expected shape [")
                        && line.endsWith("], found [5]")),
        faults.toString());
    assertTrue(
        faults.contains(vae + ": tensor surplus: surplus, the VAE has no such tensor"),
        faults.toString());
    assertEquals(
        model.resolve("image_encoder.safetensors") + ": expected the weights of the image encoder",
        faults.getLast());
  }

  /** One run of a folder with a fault of every kind, several of each, tells them all. */
  @Test
  void tellsEveryFaultOfAFolderInOneRun() throws IOException {
    Path model = model();
    // Shards that are missing or cut off, and one that lacks what the index promises.
    Path dit = model.resolve("dit.safetensors");
    Map<String, Tensor> tensors = tensors(dit);
    List<String> names = List.copyOf(tensors.keySet());
    Files.delete(dit);
    StringBuilder map = new StringBuilder();
    for (int shard = 0; shard < 4; shard++) {
      Map<String, Tensor> part = new LinkedHashMap<>();
      for (int i = shard; i < names.size(); i += 4) {
        String file = "dit-" + shard + ".safetensors";
        map.append(map.isEmpty() ? "" : ",").append("\"%s\":\"%s\"".formatted(names.get(i), file));
        part.put(names.get(i), tensors.get(names.get(i)));
      }
      if (shard == 0) {
        part.remove(names.get(0));
        part.put("extra", Tensor.of(new float[1], 1));
      }
      rewrite(Files.createFile(model.resolve("dit-" + shard + ".safetensors")), part);
    }
    Files.writeString(
        model.resolve("dit.safetensors.index.json"), "{\"weight_map\":{" + map + "}}");
    Files.delete(model.resolve("dit-1.safetensors"));
    Files.delete(model.resolve("dit-2.safetensors"));
    Path cut = model.resolve("dit-3.safetensors");
    Files.write(cut, Arrays.copyOf(Files.readAllBytes(cut), 20));
    // Element types that no network takes, several values that are no numbers, surplus tensors.
    Path vae = model.resolve("vae.safetensors");
    Map<String, Tensor> others = tensors(vae);
    List<String> vaeNames = List.copyOf(others.keySet());
    List<String> typed = List.of(vaeNames.get(1), vaeNames.get(5), vaeNames.get(7));
    List<DType> types = List.of(DType.I64, DType.I8, DType.BOOL);
    for (int i = 0; i < 3; i++) {
      Shape shape = others.get(typed.get(i)).shape();
      byte[] zeros = new byte[(int) shape.elements() * types.get(i).byteSize()];
      others.put(typed.get(i), Tensor.host(types.get(i), shape, MemorySegment.ofArray(zeros)));
    }
    List<String> broken = List.of(vaeNames.get(0), vaeNames.get(9));
    for (String name : broken) {
      others.get(name).segment().fill((byte) 0xff);
    }
    for (int i = 0; i < 20; i++) {
      others.put("surplus" + i, Tensor.of(new float[1], 1));
    }
    rewrite(vae, others);
    // A checkpoint of no network that cannot be opened.
    Path page = Files.writeString(model.resolve("x.pt"), "<html>");

    List<String> faults =
        Verification.of(model, Families.ALL, Optional.empty(), Progress.NONE).faults();

    String index = model.resolve("dit.safetensors.index.json") + ": tensor ";
    assertTold(faults, index + names.get(0) + ": expected in dit-0.safetensors, but missing there");
    assertTold(faults, index + "extra: found in dit-0.safetensors, but not in the weight_map");
    for (String missing : List.of("dit-1.safetensors", "dit-2.safetensors")) {
      assertTold(faults, model.resolve(missing) + ": cannot be read: no such file or folder");
    }
    assertTold(faults, cut + ": header length: expected at most the 12 bytes left");
    for (int i = 0; i < 3; i++) {
      assertTold(
          faults,
          vae + ": tensor " + typed.get(i) + ": expected F32, F16 or BF16, found " + types.get(i));
    }
    for (String name : broken) {
      assertTold(faults, vae + ": tensor " + name + ": ", " NaN and 0 infinite of ");
    }
    for (int i = 0; i < 20; i++) {
      assertTold(faults, vae + ": tensor surplus" + i + ": surplus, the VAE has no such tensor");
    }
    assertTold(faults, page + ": expected a PyTorch archive, found an HTML page");
    // The surplus tensor of the shard is one of the transformer, too; nothing else is told.
    assertTold(
        faults,
        model.resolve("dit-0.safetensors") + ": tensor extra: surplus, the transformer has");
    assertEquals(32, faults.size(), String.join("\n", faults));
  }

  /** What was typed relative is told relative. */
  @Test
  void namesFilesAsTheUserDoes() throws IOException {
    Path here = Path.of("").toAbsolutePath();
    Path model = here.relativize(model().toRealPath());
    for (String network : List.of("vae", "dit")) {
      Path file = model.resolve(network + ".safetensors");
      Map<String, Tensor> tensors = tensors(file);
      tensors.put("surplus", Tensor.of(new float[] {Float.NaN}, 1));
      rewrite(file, tensors);
    }
    Files.writeString(
        model.resolve("y.safetensors.index.json"), "{\"weight_map\":{\"a\":\"y-1.safetensors\"}}");
    List<String> faults =
        Verification.of(model, Families.ALL, Optional.empty(), Progress.NONE).faults();
    assertEquals(5, faults.size(), faults.toString());
    for (Path one : List.of(model.resolve("vae.safetensors"), model.resolve("dit.safetensors"))) {
      List<String> found =
          Verification.of(one, Families.ALL, Optional.of(MatrixGame2.FAMILY), Progress.NONE)
              .faults();
      assertEquals(2, found.size(), found.toString());
      faults = Stream.concat(faults.stream(), found.stream()).toList();
    }
    for (String fault : faults) {
      assertTrue(fault.startsWith(model + "/"), fault);
    }
  }

  private static void assertTold(List<String> faults, String start, String... parts) {
    assertEquals(
        1,
        faults.stream()
            .filter(line -> line.startsWith(start) && Stream.of(parts).allMatch(line::contains))
            .count(),
        start + " in\n" + String.join("\n", faults));
  }

  @Test
  void aFileOfAModelIsComparedWithItsNetwork() throws IOException {
    Path model = model();
    Path dit = model.resolve("dit.safetensors");
    Optional<ModelFamily> family = Optional.of(MatrixGame2.FAMILY);
    assertEquals(List.of(), Verification.of(dit, Families.ALL, family, Progress.NONE).faults());
    Files.copy(model.resolve("vae.safetensors"), dit, StandardCopyOption.REPLACE_EXISTING);
    assertEquals(
        List.of(
            dit
                + ": expected the weights of the transformer, found those of the VAE of"
                + " matrix-game-2"),
        Verification.of(dit, Families.ALL, family, Progress.NONE).faults());
    // Not right below the folder of all tests, in which other models may lie.
    Path elsewhere =
        Files.copy(dit, Files.createDirectory(folder.resolve("other")).resolve("x.safetensors"));
    CheckpointException e =
        assertThrows(
            CheckpointException.class,
            () -> Verification.of(elsewhere, Families.ALL, family, Progress.NONE));
    assertEquals(
        elsewhere
            + ": expected a checkpoint in the folder of a matrix-game-2 model, beside its"
            + " config.json",
        e.getMessage());
  }

  @Test
  void aFolderOfOneNetworkIsNotComparedUnasked() throws IOException {
    Path model = folder.resolve("world");
    SyntheticModel.write(WorldPlay.FAMILY, SyntheticScale.TINY, 1, model, Progress.NONE);
    for (String network : List.of("transformer", "vae", "text_encoder")) {
      Verification found =
          Verification.of(model.resolve(network), Families.ALL, Optional.empty(), Progress.NONE);
      assertEquals(Optional.empty(), found.family());
      assertEquals(List.of(), found.faults());
    }
    Path dit = model.resolve("transformer/diffusion_pytorch_model.safetensors");
    Optional<ModelFamily> family = Optional.of(WorldPlay.FAMILY);
    assertEquals(List.of(), Verification.of(dit, Families.ALL, family, Progress.NONE).faults());
  }

  @Test
  void foldersOfAnotherFamilyAreRefused() throws IOException {
    Path model = model();
    CheckpointException e =
        assertThrows(
            CheckpointException.class,
            () ->
                Verification.of(model, Families.ALL, Optional.of(WorldPlay.FAMILY), Progress.NONE));
    assertTrue(e.getMessage().contains("config.json"), e.getMessage());
  }

  private Path model() throws IOException {
    Path model = folder.resolve("model");
    SyntheticModel.write(MatrixGame2.FAMILY, SyntheticScale.TINY, 1, model, Progress.NONE);
    return model;
  }

  private static Map<String, Tensor> tensors(Path file) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    try (Checkpoint checkpoint = Checkpoint.open(file)) {
      for (String name : checkpoint.names()) {
        Tensor tensor = checkpoint.find(name, Shape.of()).orElseThrow();
        byte[] copy = tensor.segment().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
        tensors.put(name, Tensor.host(tensor.dtype(), tensor.shape(), MemorySegment.ofArray(copy)));
      }
    }
    return tensors;
  }

  /** One line for a checkpoint of another network, and not one for each of its tensors. */
  @Test
  void aCheckpointOfAnotherNetworkIsNamed() throws IOException {
    Path jafar = synthetic("genie-jafar");
    Path onexgpt = synthetic("genie-1xgpt");
    Path weights = jafar.resolve("jafar.safetensors");
    Files.copy(onexgpt.resolve("model.safetensors"), weights, StandardCopyOption.REPLACE_EXISTING);
    String expected = weights + ": expected the weights of the model, found ";
    assertEquals(List.of(expected + "those of the transformer of genie-1xgpt"), faults(jafar));
    assertEquals(List.of(expected + "those of the transformer of genie-1xgpt"), faults(weights));
    rewrite(weights, Map.of("b", Tensor.of(new float[1], 1), "a", Tensor.of(new float[1], 1)));
    assertEquals(List.of(expected + "2 tensors of none, such as a"), faults(jafar));
    for (Path model : List.of(onexgpt, synthetic("oasis"), synthetic("matrix-game-2"))) {
      assertEquals(List.of(), faults(model));
    }
    Path vae = onexgpt.resolve("magvit2.safetensors");
    Files.copy(
        folder.resolve("oasis/oasis500m.safetensors"), vae, StandardCopyOption.REPLACE_EXISTING);
    assertEquals(
        List.of(
            vae
                + ": expected the weights of the image tokenizer, found those of the transformer"
                + " of oasis"),
        faults(onexgpt));
  }

  private Path synthetic(String family) throws IOException {
    Path model = folder.resolve(family);
    SyntheticModel.write(
        Families.ALL.ofId(family).orElseThrow(), SyntheticScale.TINY, 1, model, Progress.NONE);
    return model;
  }

  private static List<String> faults(Path path) {
    Optional<ModelFamily> family =
        Files.isDirectory(path)
            ? Optional.empty()
            : Families.ALL.recognizing(path.resolveSibling(""));
    return Verification.of(path, Families.ALL, family, Progress.NONE).faults();
  }

  private static void rewrite(Path file, Map<String, Tensor> tensors) throws IOException {
    Files.delete(file);
    SafetensorsWriter.write(file, tensors, Map.of());
  }
}
