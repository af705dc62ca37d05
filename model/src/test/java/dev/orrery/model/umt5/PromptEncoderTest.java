package dev.orrery.model.umt5;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.t5.T5Config;
import dev.orrery.model.t5.T5Encoder;
import dev.orrery.model.text.EncodedPrompt;
import dev.orrery.model.text.EncoderDigest;
import dev.orrery.runtime.checkpoint.Checkpoint;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.SafetensorsWriter;
import dev.orrery.runtime.checkpoint.TensorSpec;
import dev.orrery.runtime.checkpoint.Weights;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromptEncoderTest {
  private static final T5Config CONFIG = new T5Config(420, 16, 2, 4, 24, 2, 32, 128, 1e-6, false);
  private static final Path TOKENIZER = Path.of("src/test/resources/umt5/tokenizer.json");
  private static final int LIMIT = 12;

  @TempDir private Path folder;

  @Test
  void savedPromptsComeBackToTheBit() {
    Path weights = checkpoint(1, "shared.weight");
    EncodedPrompt encoded = encode(weights, "A castle &amp; a  lake");
    assertEquals(Optional.empty(), encoded.warning());
    Path file = folder.resolve("prompt.safetensors");
    encoded.save(file);
    EncodedPrompt loaded = EncodedPrompt.load(file);
    assertEquals("A castle &amp; a  lake", loaded.prompt());
    assertEquals(encoded.encoder(), loaded.encoder());
    assertEquals(Optional.empty(), loaded.warning());
    assertEquals(
        encoded.tensor(PromptEncoder.FEATURES).shape(),
        loaded.tensor(PromptEncoder.FEATURES).shape());
    assertArrayEquals(
        encoded.tensor(PromptEncoder.FEATURES).toFloats(),
        loaded.tensor(PromptEncoder.FEATURES).toFloats());
    loaded.requireEncoder(file, encoded.encoder());
  }

  @Test
  void featuresDependOnTheCleanedPromptAlone() {
    Path weights = checkpoint(1, "shared.weight");
    float[] plain = encode(weights, "castle & lake").tensor(PromptEncoder.FEATURES).toFloats();
    assertArrayEquals(
        plain, encode(weights, " castle  &amp; lake\n").tensor(PromptEncoder.FEATURES).toFloats());
    assertFalse(
        Arrays.equals(
            plain, encode(weights, "lake & castle").tensor(PromptEncoder.FEATURES).toFloats()));
  }

  @Test
  void longPromptsWarn() {
    Path weights = checkpoint(1, "shared.weight");
    EncodedPrompt encoded = encode(weights, "walks ".repeat(LIMIT));
    assertEquals(LIMIT, encoded.tensor(PromptEncoder.FEATURES).size(0));
    assertTrue(encoded.warning().orElseThrow().startsWith("prompt: the last 1 of 12 tokens"));
    Path file = folder.resolve("long.safetensors");
    encoded.save(file);
    assertEquals(encoded.warning(), EncodedPrompt.load(file).warning());
  }

  @Test
  void paddingIsZero() {
    EncodedPrompt encoded = encode(checkpoint(1, "shared.weight"), "castle");
    int rows = encoded.tensor(PromptEncoder.FEATURES).size(0);
    try (CpuBackend backend = CpuBackend.simd(1);
        TensorArena arena = backend.newArena()) {
      Tensor padded = encoded.padded(PromptEncoder.FEATURES, backend, arena, LIMIT);
      assertEquals(LIMIT, padded.size(0));
      assertArrayEquals(
          encoded.tensor(PromptEncoder.FEATURES).toFloats(), padded.slice(0, rows).toFloats());
      assertArrayEquals(
          new float[(LIMIT - rows) * CONFIG.dim()], padded.slice(rows, LIMIT).toFloats());
      assertEquals(
          "prompt: expected at most 1 encoded tokens, found 2",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> encoded.padded(PromptEncoder.FEATURES, backend, arena, rows - 1))
              .getMessage());
    }
  }

  /** Features of a GPU are 16-bit; a CPU computes with them as well. */
  @Test
  void featuresOfAnotherTypeAreConverted() {
    byte[] ones = {(byte) 0x80, 0x3f, 0, (byte) 0xc0};
    Tensor features = Tensor.host(DType.BF16, Shape.of(1, 2), MemorySegment.ofArray(ones));
    EncodedPrompt encoded =
        new EncodedPrompt("p", "e", Optional.empty(), Map.of(PromptEncoder.FEATURES, features));
    try (CpuBackend backend = CpuBackend.simd(1);
        TensorArena arena = backend.newArena()) {
      assertArrayEquals(
          new float[] {1, -2, 0, 0},
          encoded.padded(PromptEncoder.FEATURES, backend, arena, 2).toFloats());
    }
  }

  /** Both names of the tied table, each alone or both. */
  @Test
  void embeddingHasTwoNames() {
    float[] shared =
        encode(checkpoint(1, "shared.weight"), "castle").tensor(PromptEncoder.FEATURES).toFloats();
    for (String[] names :
        new String[][] {
          {"encoder.embed_tokens.weight"}, {"shared.weight", "encoder.embed_tokens.weight"}
        }) {
      assertArrayEquals(
          shared, encode(checkpoint(1, names), "castle").tensor(PromptEncoder.FEATURES).toFloats());
    }
  }

  @Test
  void digestTellsEncodersApart() throws Exception {
    String digest = digest(checkpoint(1, "shared.weight"), TOKENIZER);
    assertTrue(digest.matches("[0-9a-f]{64}"), digest);
    assertEquals(digest, digest(checkpoint(1, "shared.weight"), TOKENIZER));
    assertNotEquals(digest, digest(checkpoint(2, "shared.weight"), TOKENIZER));
    Path other = folder.resolve("tokenizer.json");
    Files.writeString(other, Files.readString(TOKENIZER) + " ");
    assertNotEquals(digest, digest(checkpoint(1, "shared.weight"), other));
    Path file = folder.resolve("prompt.safetensors");
    EncodedPrompt encoded = encode(checkpoint(2, "shared.weight"), "castle");
    CheckpointException e =
        assertThrows(CheckpointException.class, () -> encoded.requireEncoder(file, digest));
    assertTrue(e.getMessage().contains("expected a prompt encoded by " + digest), e::getMessage);
  }

  @Test
  void refusesOtherFiles() {
    Path file = folder.resolve("other.safetensors");
    Tensor features = Tensor.of(new float[] {1, Float.NaN}, 1, 2);
    Map<String, String> metadata = new LinkedHashMap<>();
    SafetensorsWriter.write(file, Map.of("features", features), metadata);
    assertRefused(file, "expected an encoded prompt, format orrery.encoded_prompt.1");
    metadata.put("format", "orrery.encoded_prompt.1");
    SafetensorsWriter.write(file, Map.of("features", features), metadata);
    assertRefused(file, "features: expected finite values, found NaN at 1");
    SafetensorsWriter.write(file, Map.of("features", features.reshape(2)), metadata);
    assertRefused(file, "features: expected F32, F16 or BF16 [tokens, channels], found F32[2]");
    SafetensorsWriter.write(file, Map.of("features", features.slice(0, 0)), metadata);
    assertRefused(file, "[tokens, channels]");
    SafetensorsWriter.write(file, Map.of("x", features), metadata);
    assertRefused(file, "x: expected finite values, found NaN at 1");
    Tensor finite = Tensor.of(new float[] {1, 2}, 1, 2);
    SafetensorsWriter.write(file, Map.of("features", finite), metadata);
    assertRefused(file, "metadata: expected prompt, found none");
  }

  @Test
  void refusesATokenizerThatIsTooLarge() {
    T5Config small = new T5Config(400, 16, 2, 4, 24, 2, 32, 128, 1e-6, false);
    try (CpuBackend backend = CpuBackend.simd(1);
        TensorArena arena = backend.newArena()) {
      Weights planned = Weights.of(PlannedTensors.of(DType.F32));
      T5Encoder encoder =
          T5Encoder.ofModel(Parameters.ofTransformer(planned, PlanningBackend.cpu(), arena), small);
      UnigramTokenizer tokenizer = UnigramTokenizer.read(TOKENIZER);
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () -> new PromptEncoder(tokenizer, encoder, backend, "", LIMIT));
      assertTrue(e.getMessage().contains("expected at most 400 tokens"), e::getMessage);
    }
  }

  /** Every tensor of the released encoder is asked for, with its shape. */
  @Test
  void plansTheReleasedEncoder() {
    PlannedTensors tensors = PlannedTensors.of(DType.BF16);
    try (TensorArena arena = PlanningBackend.cpu().newArena()) {
      T5Encoder.ofModel(
          Parameters.ofTransformer(Weights.of(tensors), PlanningBackend.cpu(), arena),
          T5Config.umt5Xxl());
    }
    assertEquals(242, tensors.requests().size());
    assertEquals(2 * 5_680_910_336L, tensors.byteSize());
  }

  private void assertRefused(Path file, String message) {
    CheckpointException e = assertThrows(CheckpointException.class, () -> EncodedPrompt.load(file));
    assertTrue(e.getMessage().startsWith(file + ": "), e::getMessage);
    assertTrue(e.getMessage().contains(message), e::getMessage);
  }

  private static EncodedPrompt encode(Path weights, String prompt) {
    try (CpuBackend backend = CpuBackend.simd(1);
        TensorArena arena = backend.newArena();
        Checkpoint checkpoint = Checkpoint.open(weights)) {
      Weights cursor = Weights.of(checkpoint);
      T5Encoder encoder =
          T5Encoder.ofModel(Parameters.ofTransformer(cursor, backend, arena), CONFIG);
      cursor.finish();
      UnigramTokenizer tokenizer = UnigramTokenizer.read(TOKENIZER);
      String digest = EncoderDigest.of(checkpoint, List.of(TOKENIZER));
      return new PromptEncoder(tokenizer, encoder, backend, digest, LIMIT).encode(prompt);
    }
  }

  private static String digest(Path weights, Path tokenizer) {
    try (Checkpoint checkpoint = Checkpoint.open(weights)) {
      return EncoderDigest.of(checkpoint, List.of(tokenizer));
    }
  }

  /** A checkpoint of random weights, with the embedding table under the given names. */
  private Path checkpoint(long seed, String... embeddings) {
    PlannedTensors planned = PlannedTensors.of(DType.F32);
    PlanningBackend plan = PlanningBackend.cpu();
    try (TensorArena arena = plan.newArena()) {
      T5Encoder.ofModel(Parameters.ofTransformer(Weights.of(planned), plan, arena), CONFIG);
    }
    Random random = new Random(seed);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (TensorSpec spec : planned.requests()) {
      float[] values = new float[Math.toIntExact(spec.shape().elements())];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      Tensor tensor = Tensor.of(values, spec.shape().extents());
      boolean embedding =
          List.of("shared.weight", "encoder.embed_tokens.weight").contains(spec.name());
      Stream.of(embedding ? embeddings : new String[] {spec.name()})
          .forEach(name -> tensors.put(name, tensor));
    }
    Path file = folder.resolve("encoder.safetensors");
    SafetensorsWriter.write(file, tensors, Map.of());
    return file;
  }
}
