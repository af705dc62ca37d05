package dev.orrery.weights.convert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.position.RotaryTable;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.Families;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.Recipe;
import dev.orrery.model.genie1x.Genie1x;
import dev.orrery.model.matrixgame2.MatrixGame2;
import dev.orrery.model.oasis.Oasis;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.model.worldplay.WorldPlay;
import dev.orrery.model.worldplayhy.WorldPlayHy;
import dev.orrery.runtime.checkpoint.Checkpoint;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.weights.torch.TorchFiles;
import dev.orrery.weights.verify.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecipeRunTest {
  private static final String CLIP = TinyReleases.CLIP;
  private static final String STEM = TinyReleases.STEM;

  @TempDir Path root;
  private Path results;
  private Path made;

  @BeforeEach
  void makeFolder() throws IOException {
    results = Files.createDirectory(root.resolve("results"));
    made = results.resolve("model");
  }

  @Test
  void matrixGame2LoadsAfterConversion() throws IOException {
    Path release = TinyReleases.matrixGame2(root);
    List<String> told =
        run(MatrixGame2.FAMILY, TargetType.KEEP, Conversion.ONE_FILE)
            .make(List.of(release), made, Progress.NONE);
    assertEquals(4, told.size(), told.toString());
    Path dit = Path.of("base_distilled_model", "base_distill.safetensors");
    assertEquals(
        "base_distilled_model/base_distill: linked to " + release.resolve(dit), told.get(1));
    assertTrue(Files.isSameFile(release.resolve(dit), made.resolve(dit)));
    assertEquals(CLIP + ": converted from " + release.resolve(CLIP + ".pth"), told.get(3));
    try (Checkpoint clip = Checkpoint.find(made, CLIP)) {
      assertTrue(clip.names().stream().allMatch(name -> name.startsWith("visual.")));
    }
    assertLoads(made);
    assertLoads(made.resolve("base_distilled_model"));
  }

  private static void assertLoads(Path folder) {
    try (CpuBackend backend = CpuBackend.simd(1);
        WorldModel model = MatrixGame2.load(folder, backend, Progress.NONE)) {
      assertEquals(32, model.width());
    }
  }

  @Test
  void typesAndShardsReachAllWeights() throws IOException {
    run(MatrixGame2.FAMILY, TargetType.FP16, 100_000)
        .make(List.of(TinyReleases.matrixGame2(root)), made, Progress.NONE);
    for (String name : List.of("base_distilled_model/base_distill", "Wan2.1_VAE", CLIP)) {
      Path stem = made.resolve(name);
      Path folder = stem.getParent();
      try (Checkpoint checkpoint = Checkpoint.find(folder, stem.getFileName().toString())) {
        assertTrue(checkpoint.files().size() > 1 || checkpoint.byteSize() <= 100_000, name);
        for (String tensor : checkpoint.names()) {
          assertEquals(
              DType.F16, checkpoint.find(tensor, Shape.of()).orElseThrow().dtype(), tensor);
        }
      }
    }
    assertLoads(made);
  }

  @Test
  void worldPlayLoadsAfterConversion() throws IOException {
    Path tiny = TinyReleases.synthetic(root, WorldPlay.FAMILY);
    Path worldPlay = TinyReleases.worldPlay(root, tiny);
    Path wan = TinyReleases.wan(root, tiny);
    List<String> told =
        run(WorldPlay.FAMILY, TargetType.KEEP, Conversion.ONE_FILE)
            .make(List.of(worldPlay, wan), made, Progress.NONE);
    assertTrue(told.contains("config.json: written"), told.toString());
    assertTrue(
        told.contains(
            "transformer/"
                + STEM
                + ": converted from "
                + worldPlay.resolve("wan_distilled_model/model.pt")),
        told.toString());
    Path index = Path.of("text_encoder", "model.safetensors.index.json");
    assertTrue(Files.isSameFile(wan.resolve(index), made.resolve(index)));
    try (Checkpoint before = Checkpoint.find(tiny.resolve("transformer"), STEM);
        Checkpoint after = Checkpoint.find(made.resolve("transformer"), STEM)) {
      assertEquals(
          before.names().stream().sorted().toList(), after.names().stream().sorted().toList());
    }
    Verification verification =
        Verification.of(made, Families.ALL, Optional.empty(), Progress.NONE);
    assertEquals(List.of(), verification.faults());
    assertEquals(Optional.of(WorldPlay.FAMILY), verification.family());
    assertEquals(3, verification.scans().size());
    try (CpuBackend backend = CpuBackend.simd(1);
        WorldModel model = WorldPlay.load(made, backend, Progress.NONE)) {
      assertEquals(List.of(1280, 704), List.of(model.width(), model.height()));
    }
    try (CpuBackend backend = CpuBackend.simd(1)) {
      assertEquals(
          4,
          WorldPlay.open(made)
              .prompts()
              .orElseThrow()
              .encode("ab", backend, Progress.NONE)
              .tensor("features")
              .size(0));
    }
  }

  @Test
  void worldPlayHyLoadsAfterConversionWithEncodersInAnyOrder() throws IOException {
    Path tiny = TinyReleases.synthetic(root, WorldPlayHy.FAMILY);
    List<Path> released = TinyReleases.worldPlayHy(root, tiny);
    run(WorldPlayHy.FAMILY, TargetType.KEEP, Conversion.ONE_FILE)
        .make(
            List.of(
                released.get(0),
                released.get(1),
                released.get(4),
                released.get(2),
                released.get(3)),
            made,
            Progress.NONE);
    Verification verification =
        Verification.of(made, Families.ALL, Optional.empty(), Progress.NONE);
    assertEquals(List.of(), verification.faults());
    assertEquals(Optional.of(WorldPlayHy.FAMILY), verification.family());
    assertEquals(5, verification.scans().size());
    assertSameValues(tiny.resolve("vae"), made.resolve("vae"), STEM);
    assertSameValues(tiny.resolve("glyph_encoder"), made.resolve("glyph_encoder"), "model");
    assertSameValues(tiny.resolve("image_encoder"), made.resolve("image_encoder"), "model");
    assertTrue(
        Files.isSameFile(
            released.getFirst().resolve("ar_distilled_action_model/model.safetensors"),
            made.resolve("transformer/model.safetensors")));
    try (CpuBackend backend = CpuBackend.simd(1);
        WorldModel model = WorldPlayHy.load(made, backend, Progress.NONE)) {
      assertEquals(List.of(832, 480), List.of(model.width(), model.height()));
    }
  }

  @Test
  void worldPlayHyDoesWithoutEncodersAndKnowsTheOtherVariants() throws IOException {
    Path tiny = TinyReleases.synthetic(root, WorldPlayHy.FAMILY);
    List<Path> released = TinyReleases.worldPlayHy(root, tiny);
    Path worldPlay = released.getFirst();
    Files.move(
        worldPlay.resolve("ar_distilled_action_model/model.safetensors"),
        Files.createDirectory(worldPlay.resolve("ar_rl_model")).resolve(STEM + ".safetensors"));
    Recipe recipe = WorldPlayHy.FAMILY.recipe().orElseThrow().variant("ar-rl");
    new RecipeRun(WorldPlayHy.FAMILY, recipe, TargetType.KEEP, Conversion.ONE_FILE)
        .make(released.subList(0, 2), made, Progress.NONE);
    assertEquals(50, WorldPlayHy.open(made).steps());
    assertFalse(WorldPlayHy.open(made).prompts().orElseThrow().canEncode());
    Path other = root.resolve("other");
    CheckpointException missing =
        assertThrows(
            CheckpointException.class,
            () ->
                run(WorldPlayHy.FAMILY, TargetType.KEEP, Conversion.ONE_FILE)
                    .make(released.subList(0, 2), other, Progress.NONE));
    assertTrue(missing.getMessage().contains("ar_distilled_action_model"), missing.getMessage());
    CheckpointException unknown =
        assertThrows(CheckpointException.class, () -> recipe.parts(List.of(worldPlay, root, root)));
    assertTrue(
        unknown.getMessage().startsWith(root + ": expected merges.txt or tokenizer.json"),
        unknown.getMessage());
    CheckpointException twice =
        assertThrows(
            CheckpointException.class,
            () -> recipe.parts(List.of(worldPlay, root, released.get(2), released.get(2))));
    assertTrue(twice.getMessage().contains("expected one QWEN_DIR"), twice.getMessage());
    assertFalse(Files.exists(other));
  }

  private static void assertSameValues(Path expected, Path found, String stem) {
    Map<String, float[]> before = TinyReleases.values(expected, stem);
    Map<String, float[]> after = TinyReleases.values(found, stem);
    assertEquals(before.keySet(), after.keySet());
    before.forEach((name, values) -> assertArrayEquals(values, after.get(name), name));
  }

  @Test
  void worldPlayDoesWithoutATextEncoder() throws IOException {
    Path tiny = TinyReleases.synthetic(root, WorldPlay.FAMILY);
    Path wan = TinyReleases.wan(root, tiny);
    delete(wan.resolve("text_encoder"));
    run(WorldPlay.FAMILY, TargetType.BF16, Conversion.ONE_FILE)
        .make(List.of(TinyReleases.worldPlay(root, tiny), wan), made, Progress.NONE);
    assertFalse(Files.exists(made.resolve("text_encoder")));
    assertFalse(Files.exists(made.resolve("tokenizer")));
    assertEquals(
        List.of(), Verification.of(made, Families.ALL, Optional.empty(), Progress.NONE).faults());
  }

  @Test
  void oasisLoadsAfterConversion() throws IOException {
    Path tiny = TinyReleases.synthetic(root, Oasis.FAMILY);
    Path release = TinyReleases.oasis(root, tiny);
    // The sizes of a release are known; those of a smaller one stand beside it.
    Files.copy(tiny.resolve("config.json"), release.resolve("config.json"));
    run(Oasis.FAMILY, TargetType.KEEP, Conversion.ONE_FILE)
        .make(List.of(release), made, Progress.NONE);
    assertSameTensors(tiny, made, "oasis500m");
    assertTrue(
        Files.isSameFile(
            release.resolve("vit-l-20.safetensors"), made.resolve("vit-l-20.safetensors")));
    assertPlays(Oasis.FAMILY);
  }

  /**
   * The reference stores the frequencies of its positions once for the network and once for each
   * block. Who saves shared tensors once keeps any of these names, and some keep none.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "spatial_rotary_emb.freqs temporal_rotary_emb.freqs blocks.0.s_attn.rotary_emb.freqs"
            + " blocks.0.t_attn.rotary_emb.freqs blocks.1.s_attn.rotary_emb.freqs"
            + " blocks.1.t_attn.rotary_emb.freqs",
        "blocks.1.s_attn.rotary_emb.freqs temporal_rotary_emb.freqs",
        "spatial_rotary_emb.freqs"
      })
  void oasisKeepsItsFrequenciesUnderAnyName(String names) throws IOException {
    Path tiny = TinyReleases.synthetic(root, Oasis.FAMILY);
    byte[] byFormula = firstFrame(tiny);
    for (float factor : new float[] {1, 3}) {
      Map<String, Tensor> copies = new LinkedHashMap<>();
      for (String name : names.split(" ")) {
        copies.put(name, frequencies(name, factor));
      }
      Path folder = Files.createDirectory(root.resolve("factor" + factor));
      Path release = TinyReleases.oasis(folder, tiny, copies);
      Files.copy(tiny.resolve("config.json"), release.resolve("config.json"));
      Path model = results.resolve("factor" + factor);
      run(Oasis.FAMILY, TargetType.KEEP, Conversion.ONE_FILE)
          .make(List.of(release), model, Progress.NONE);
      Map<String, float[]> found = TinyReleases.values(model, "oasis500m");
      copies.forEach((name, tensor) -> assertArrayEquals(tensor.toFloats(), found.get(name), name));
      assertEquals(
          TinyReleases.values(tiny, "oasis500m").size() + copies.size(), found.size(), names);
      assertEquals(
          List.of(),
          Verification.of(model, Families.ALL, Optional.empty(), Progress.NONE).faults());
      assertEquals(factor == 1, Arrays.equals(byFormula, firstFrame(model)), names);
    }
  }

  /** What the reference computes for the tiny model: pi 1 to 128, or powers of 10000. */
  private static Tensor frequencies(String name, float factor) {
    boolean spatial = name.contains("s_attn") || name.startsWith("spatial");
    float[] values = spatial ? RotaryTable.linspace(1, 128, 4) : new float[8];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          factor * (spatial ? values[i] * (float) Math.PI : (float) Math.pow(1e4, -i / 8.0));
    }
    return Tensor.of(values, values.length);
  }

  /** The first frame of a model whose autoencoder is small enough to see all of it. */
  private static byte[] firstFrame(Path folder) {
    try (CpuBackend backend = CpuBackend.simd(1);
        WorldModel model = Oasis.FAMILY.open(folder).load(backend, Progress.NONE)) {
      byte[] rgb = new byte[3 * model.width() * model.height()];
      new Random(1).nextBytes(rgb);
      RgbImage image = new RgbImage(model.width(), model.height(), rgb);
      try (WorldSession session = model.start(Start.of(List.of(image, image), 1))) {
        return session.step(model.actionSpace().action(model.actionSpace().rest())).rgb();
      }
    }
  }

  /** The averaged weights under the network's names, and nothing of what trained them. */
  @Test
  void genie1xgptLoadsAfterConversion() throws IOException {
    Path tiny = TinyReleases.synthetic(root, Genie1x.FAMILY);
    Path data = TinyReleases.magvit2(root, tiny);
    run(Genie1x.FAMILY, TargetType.KEEP, Conversion.ONE_FILE)
        .make(List.of(tiny, data), made, Progress.NONE);
    assertSameTensors(tiny, made, "magvit2");
    assertPlays(Genie1x.FAMILY);
  }

  @Test
  void aTokenizerWithoutAveragesIsRefused() throws IOException {
    Path tiny = TinyReleases.synthetic(root, Genie1x.FAMILY);
    Path data = Files.createDirectory(root.resolve("data"));
    TorchFiles.writeLightning(
        data.resolve("magvit2.ckpt"),
        Map.of("encoder.conv_in.weight", Tensor.of(new float[27], 1, 3, 3, 3)));
    RecipeRun run = run(Genie1x.FAMILY, TargetType.KEEP, Conversion.ONE_FILE);
    CheckpointException e =
        assertThrows(
            CheckpointException.class, () -> run.make(List.of(tiny, data), made, Progress.NONE));
    assertTrue(e.getMessage().contains("model_ema.encoderconv_inweight"), e.getMessage());
    assertNothingMade();
  }

  private static void assertSameTensors(Path one, Path other, String stem) throws IOException {
    Map<String, float[]> found = TinyReleases.values(other, stem);
    Map<String, float[]> expected = TinyReleases.values(one, stem);
    assertEquals(expected.keySet(), found.keySet());
    expected.forEach((name, values) -> assertArrayEquals(values, found.get(name), name));
  }

  private void assertPlays(ModelFamily family) {
    Verification verification =
        Verification.of(made, Families.ALL, Optional.empty(), Progress.NONE);
    assertEquals(List.of(), verification.faults());
    assertEquals(Optional.of(family), verification.family());
    try (CpuBackend backend = CpuBackend.simd(1);
        WorldModel model = family.open(made).load(backend, Progress.NONE)) {
      assertTrue(model.width() > 0);
    }
  }

  @Test
  void anotherNetworkIsRefusedAndNothingIsLeft() throws IOException {
    Path release = TinyReleases.matrixGame2(root);
    Map<String, Tensor> vae = new LinkedHashMap<>();
    vae.put("conv1.weight", Tensor.of(new float[3], 3));
    TorchFiles.write(release.resolve("Wan2.1_VAE.pth"), "", vae);
    RecipeRun run = run(MatrixGame2.FAMILY, TargetType.KEEP, Conversion.ONE_FILE);
    CheckpointException e =
        assertThrows(
            CheckpointException.class, () -> run.make(List.of(release), made, Progress.NONE));
    assertTrue(
        e.getMessage().startsWith(made.resolve("Wan2.1_VAE.safetensors") + ": tensor "),
        e.getMessage());
    assertTrue(e.getMessage().endsWith(" more faults"), e.getMessage());
    assertNothingMade();
    Files.delete(release.resolve("Wan2.1_VAE.pth"));
    assertEquals(
        release.resolve("Wan2.1_VAE.safetensors") + ": cannot be read: no such file or folder",
        assertThrows(
                CheckpointException.class, () -> run.make(List.of(release), made, Progress.NONE))
            .getMessage());
    assertNothingMade();
  }

  @Test
  void whatIsCancelledLeavesNothing() throws IOException {
    Path release = TinyReleases.matrixGame2(root);
    Progress cancelling =
        (what, done, total) -> {
          if (what.contains(CLIP)) {
            throw new CancellationException();
          }
        };
    assertThrows(
        CancellationException.class,
        () ->
            run(MatrixGame2.FAMILY, TargetType.KEEP, Conversion.ONE_FILE)
                .make(List.of(release), made, cancelling));
    assertNothingMade();
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  private void assertNothingMade() throws IOException {
    try (Stream<Path> files = Files.list(results)) {
      assertEquals(List.of(), files.toList());
    }
  }

  private static RecipeRun run(ModelFamily family, TargetType type, long shardBytes) {
    return new RecipeRun(family, family.recipe().orElseThrow(), type, shardBytes);
  }
}
