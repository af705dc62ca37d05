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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files that are no saved sessions are refused in one line, before memory is taken. The number of
 * changes that are tried is fixed, unless {@code -Dfuzz.seconds} says how long to go on.
 */
public abstract class HostileSessionTest {
  private static final int CHUNKS = 2;
  private static final int CHANGES = 300;
  private static final long SECONDS = Long.getLong("fuzz.seconds", 0);
  private static final long SEED = 4711;

  @TempDir Path folder;

  private CountingBackend backend;
  private WorldModel model;
  private MemoryPlan plan;
  private Path file;
  private Map<String, Tensor> tensors;
  private Map<String, String> metadata;

  /** A tiny model of the family. */
  protected abstract TinyWorld world();

  @BeforeEach
  void save() {
    backend = new CountingBackend(CpuBackend.simd(2));
    model = world().load(backend);
    plan = model.memory();
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

  /** Another kind of machine may go on, which is said once, in one line. */
  @Test
  void anotherMachineIsAWarning() {
    try (WarningLog log = new WarningLog(SavedSession.class)) {
      model.resume(file, Progress.NONE).close();
      assertEquals(List.of(), log.messages());
      String before = metadata.get("session");
      metadata.put(
          "session",
          before.replaceAll("\"machine\" : \"[^\"]*\"", "\"machine\" : \"Vector API, 64 bits\""));
      SafetensorsWriter.write(file, tensors, metadata);
      model.resume(file, Progress.NONE).close();
      assertEquals(
          List.of(
              file
                  + ": saved on another machine (Vector API, 64 bits, not "
                  + backend.machine()
                  + "): bytes may differ from here on"),
          log.messages());
      assertFalse(log.messages().getFirst().contains("\n"));
    }
  }

  /** Tensors that lie over one another, or have a hole between them. */
  @Test
  void tensorsLieSideBySide() throws Exception {
    byte[] whole = Files.readAllBytes(file);
    int length = (int) ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong();
    String header = new String(whole, Long.BYTES, length, StandardCharsets.UTF_8);
    assertTrue(header.contains("\"data_offsets\":[0,8]"), header);
    for (String places : List.of("[8,16]", "[1,9]", "[0,7]", "[0,9]", "[-8,0]", "[8,0]")) {
      String changed = header.replace("\"data_offsets\":[0,8]", "\"data_offsets\":" + places);
      byte[] json = changed.getBytes(StandardCharsets.UTF_8);
      ByteBuffer bytes =
          ByteBuffer.allocate(whole.length + json.length - length).order(ByteOrder.LITTLE_ENDIAN);
      bytes.putLong(json.length).put(json).put(whole, Long.BYTES + length, data(whole, length));
      Files.write(file, bytes.array());
      assertRefusedOrGoesOn(false);
    }
  }

  private static int data(byte[] whole, int header) {
    return whole.length - Long.BYTES - header;
  }

  /**
   * Whatever is changed or cut off, the file is refused in one line or is a session. A long run
   * comes to every byte and every place.
   */
  @Test
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void changedAndCutFilesAreRefusedOrPlay() throws Exception {
    byte[] whole = Files.readAllBytes(file);
    int header = (int) ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong();
    FileChanges changes = new FileChanges(whole, Long.BYTES + header, SEED);
    int enough = world().isPlayedEverywhere() ? CHANGES : CHANGES / 3;
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    int refused = 0;
    while (SECONDS > 0 ? System.nanoTime() < end : changes.done() < enough) {
      boolean mayGoOn = !changes.cutsNext();
      Files.write(file, changes.next());
      refused += assertRefusedOrGoesOn(mayGoOn) ? 0 : 1;
    }
    int done = changes.done();
    assertTrue(refused > done / 3 && refused < done, refused + " refused of " + done);
  }

  /**
   * Makes a chunk of numbers that may be garbage: finite ones can be so large that sums of them are
   * none, which samplers of tokens say.
   */
  private void step(WorldSession session) {
    try {
      session.step(rest());
    } catch (IllegalStateException e) {
      assertTrue(
          e.getMessage().matches("logits of token \\d+: expected numbers, found NaN"),
          e.getMessage());
    }
  }

  /**
   * Resumes the file, takes no more than any session, and makes a chunk; or is refused before
   * anything is taken.
   *
   * @param mayGoOn whether it can be one
   * @return whether it went on
   */
  private boolean assertRefusedOrGoesOn(boolean mayGoOn) {
    long before = backend.takenBytes();
    long held = backend.heldBytes();
    boolean goesOn;
    try (WorldSession session = model.resume(file, Progress.NONE)) {
      step(session);
      goesOn = true;
      assertEquals(before + plan.session() + plan.workspace(), backend.takenBytes());
    } catch (CheckpointException e) {
      goesOn = false;
      assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
      assertEquals(1, e.getMessage().lines().count(), e.getMessage());
      assertEquals(before, backend.takenBytes(), e.getMessage());
    }
    assertTrue(mayGoOn || !goesOn, "went on");
    assertEquals(held, backend.heldBytes());
    return goesOn;
  }
}
