package dev.orrery.model.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.SafetensorsFile;
import dev.orrery.runtime.checkpoint.SafetensorsWriter;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are no saved sessions are refused in one line, before memory is taken. */
public abstract class HostileSessionTest {
  private static final int CHUNKS = 2;
  private static final int CHANGES = 300;
  private static final long SEED = 4711;

  @TempDir Path folder;

  private CountingBackend backend;
  private WorldModel model;
  private Path file;
  private Map<String, Tensor> tensors;
  private Map<String, String> metadata;

  /** A tiny model of the family. */
  protected abstract TinyWorld world();

  @BeforeEach
  void save() {
    backend = new CountingBackend(CpuBackend.simd(2));
    model = world().load(backend);
    file = folder.resolve("world.safetensors");
    try (WorldSession session = world().start(model)) {
      for (int i = 0; i < CHUNKS; i++) {
        session.step(rest());
      }
      session.save(file, Progress.NONE);
    }
    tensors = new LinkedHashMap<>();
    try (SafetensorsFile saved = SafetensorsFile.open(file)) {
      metadata = new LinkedHashMap<>(saved.metadata());
      for (String name : saved.tensors().keySet()) {
        Tensor mapped = saved.tensor(name);
        byte[] bytes = mapped.segment().toArray(ValueLayout.JAVA_BYTE);
        tensors.put(
            name, Tensor.host(mapped.dtype(), mapped.shape(), MemorySegment.ofArray(bytes)));
      }
    }
  }

  private Action rest() {
    return model.actionSpace().action(model.actionSpace().rest());
  }

  @AfterEach
  void close() {
    model.close();
    assertEquals(0, backend.openArenas());
    backend.close();
  }

  /** A tensor of the saved session. */
  protected final Tensor tensor(String name) {
    Tensor tensor = tensors.get(name);
    assertTrue(tensor != null, () -> "no " + name + " among " + tensors.keySet());
    return tensor;
  }

  /** Replaces a tensor, or takes it out. */
  protected final void put(String name, Tensor tensor) {
    if (tensor == null) {
      tensors.remove(name);
    } else {
      tensors.put(name, tensor);
    }
  }

  /** Replaces a number. */
  protected final void put(String name, long value) {
    tensor(name);
    put(name, Tensor.host(DType.I64, Shape.of(1), MemorySegment.ofArray(new long[] {value})));
  }

  /** Replaces a tensor's first value, and restores it after the refusal. */
  protected final void assertRefused(String name, float first, String reason) {
    MemorySegment values = tensor(name).segment();
    float before = values.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0);
    values.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 0, first);
    assertRefused(reason);
    values.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 0, before);
  }

  /** Replaces a tensor for a while. */
  protected final void assertRefused(String name, Tensor replacement, String reason) {
    Tensor before = tensors.get(name);
    put(name, replacement);
    assertRefused(reason);
    put(name, before);
  }

  /** Replaces a number for a while. */
  protected final void assertRefused(String name, long replacement, String reason) {
    Tensor before = tensor(name);
    put(name, replacement);
    assertRefused(reason);
    put(name, before);
  }

  /** Replaces a part of the description for a while. */
  private void assertRefused(String from, String to, String reason) {
    String before = metadata.get("session");
    assertTrue(before.contains(from), before);
    metadata.put("session", before.replace(from, to));
    assertRefused(reason);
    metadata.put("session", before);
  }

  private void assertRefused(String reason) {
    SafetensorsWriter.write(file, tensors, metadata);
    assertFileRefused(reason);
  }

  private void assertFileRefused(String reason) {
    long held = backend.heldBytes();
    long taken = backend.takenBytes();
    String message =
        assertThrows(CheckpointException.class, () -> model.resume(file, Progress.NONE))
            .getMessage();
    assertEquals(file + ": " + reason, message);
    assertEquals(taken, backend.takenBytes(), "memory was taken: " + reason);
    assertEquals(held, backend.heldBytes());
  }

  @Test
  void descriptionsAreCompared() {
    assertRefused(
        "\"transformer\" : \"F32\"",
        "\"transformer\" : \"BF16\"",
        "precision of the transformer: expected F32, found BF16");
    assertRefused(
        "\"autoencoder\" : \"F32\"",
        "\"autoencoder\" : \"F16\"",
        "precision of the autoencoder: expected F32, found F16");
    assertRefused(
        "\"autoencoder\" : \"F32\"",
        "\"autoencoder\" : \"FP32\"",
        "autoencoder: expected a dtype, found \"FP32\"");
    String digits = metadata.get("session").replaceAll("(?s).*fingerprint\" : \"(\\w+).*", "$1");
    String others = "0".repeat(64);
    assertRefused(
        digits, others, "fingerprint of the model: expected " + digits + ", found " + others);
    assertRefused("\"chunk\" : 2", "\"chunk\" : 3", "chunk: expected 3, found 2");
    assertRefused("\"chunk\" : 2", "\"chunk\" : -1", "chunk: expected 0 or more, found -1");
    String frames = metadata.get("session").replaceAll("(?s).*frames\" : (\\d+).*", "$1");
    assertRefused(
        "\"frames\" : " + frames, "\"frames\" : 7", "frames: expected " + frames + ", found 7");
    assertRefused(
        "\"framesPerSecond\"", "\"fps\"", "framesPerSecond: expected an integer, found nothing");
    assertRefused("\"seed\"", "\"seeds\"", "seed: expected an integer, found nothing");
    assertRefused("\"family\" : \"", "\"family\" : \"no-", family());
    String steps = metadata.get("session").replaceAll("(?s).*steps\" : (\\d+).*", "$1");
    assertRefused(
        "\"steps\" : " + steps, "\"steps\" : 99", "steps: expected " + steps + ", found 99");
  }

  private String family() {
    String id = metadata.get("session").replaceAll("(?s).*family\" : \"([^\"]+).*", "$1");
    return "family: expected " + id + ", found no-" + id;
  }

  @Test
  void formatsAreCompared() {
    String before = metadata.put("format", "orrery.session.2");
    assertRefused(
        "expected a saved session, format orrery.session.1, found format orrery.session.2");
    metadata.remove("format");
    assertRefused("expected a saved session, format orrery.session.1, found format null");
    metadata.put("format", before);
    String description = metadata.remove("session");
    assertRefused("metadata: expected session, but missing");
    metadata.put("session", description + "x");
    SafetensorsWriter.write(file, tensors, metadata);
    assertThrows(CheckpointException.class, () -> model.resume(file, Progress.NONE));
  }

  @Test
  void namesTypesAndShapesAreCompared() {
    String name = aTensorOfManyValues();
    Tensor values = tensor(name);
    assertRefused(name, (Tensor) null, name + ": expected, but missing");
    Tensor one = Tensor.of(new float[1], 1);
    assertRefused(name, one, name + ": expected " + values + ", found F32[1]");
    assertRefused("another", one, "another: expected none, found F32[1]");
    byte[] bytes = new byte[Math.toIntExact(values.elements())];
    Tensor small = Tensor.host(DType.I8, values.shape(), MemorySegment.ofArray(bytes));
    assertRefused(name, small, name + ": expected " + values + ", found " + small);
    assertRefused("chunk", one, "chunk: expected I64[1], found F32[1]");
    assertRefused("chunk", -1, "chunk: expected 0 to 2147483647, found -1");
  }

  private String aTensorOfManyValues() {
    return tensors.entrySet().stream()
        .filter(it -> it.getValue().dtype() != DType.I64 && it.getValue().elements() > 1)
        .findFirst()
        .orElseThrow()
        .getKey();
  }

  /** What the convolutions of a streaming decoder remember, where there is one. */
  @Test
  void historiesOfTheDecoderAreThoseOfTheModel() {
    if (!tensors.containsKey("decoder.features.histories")) {
      assertTrue(
          tensors.keySet().stream().noneMatch(name -> name.startsWith("decoder.")),
          "the decoder remembers something");
      return;
    }
    long histories =
        tensor("decoder.features.histories").segment().get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
    assertRefused(
        "decoder.features.histories",
        histories + 1,
        "decoder.features.histories: expected 0 or " + histories + ", found " + (histories + 1));
    assertRefused(
        "decoder.features.started0", 2, "decoder.features.started0: expected 0 to 1, found 2");
  }

  /** A file may be larger than all memory, and say so in few bytes. */
  @Test
  void hugeExtentsTakeNoMemory() throws Exception {
    String header =
        "{\"__metadata__\":{\"format\":\"orrery.session.1\",\"session\":"
            + quoted(metadata.get("session"))
            + "},\"chunk\":{\"dtype\":\"F32\",\"shape\":[1099511627776],"
            + "\"data_offsets\":[0,4398046511104]}}";
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(0);
      sparse.write(
          ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).array());
      sparse.write(json);
      sparse.setLength(8 + json.length + 4398046511104L);
    }
    assertFileRefused("chunk: expected I64[1], found F32[1099511627776]");
  }

  private static String quoted(String text) {
    return '"' + text.replace("\"", "\\\"").replace("\n", "\\n") + '"';
  }

  /** Headers have a limit far below that of checkpoints. */
  @Test
  void longHeadersAreRefused() {
    metadata.put("padding", "x".repeat(9 << 20));
    SafetensorsWriter.write(file, tensors, metadata);
    String message =
        assertThrows(CheckpointException.class, () -> model.resume(file, Progress.NONE))
            .getMessage();
    assertTrue(
        message.startsWith(file + ": header length: expected at most 8388608 bytes, found"),
        message);
  }

  /** Whatever is changed or cut off, the file is refused in one line or is a session. */
  @Test
  void changedAndCutFilesAreRefusedOrPlay() throws Exception {
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random(SEED);
    int refused = 0;
    long held = backend.heldBytes();
    for (int i = 0; i < CHANGES; i++) {
      byte[] changed = whole.clone();
      if (i % 3 == 0) {
        changed = Arrays.copyOf(whole, random.nextInt(whole.length));
      } else {
        // Most of the meaning is in the header.
        int reach = i % 3 == 1 ? Math.min(whole.length, 8 << 10) : whole.length;
        changed[random.nextInt(reach)] = (byte) random.nextInt();
      }
      Files.write(file, changed);
      long before = backend.takenBytes();
      try (WorldSession session = model.resume(file, Progress.NONE)) {
        session.step(rest());
      } catch (CheckpointException e) {
        refused++;
        assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
        assertFalse(e.getMessage().contains("\n"), e.getMessage());
        assertEquals(before, backend.takenBytes(), e.getMessage());
      }
      assertEquals(held, backend.heldBytes(), "change " + i);
    }
    assertTrue(refused > CHANGES / 3 && refused < CHANGES, refused + " refused");
  }
}
