package dev.orrery.model.vid2world;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.family.NetworkBuilder;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.family.SyntheticScale;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.golden.MemoryTensors;
import dev.orrery.model.sampling.NoiseSource;
import dev.orrery.model.session.ActionScript;
import dev.orrery.model.session.GeneratedChunk;
import dev.orrery.model.session.RandomWeights;
import dev.orrery.model.session.SessionPlan;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.SharedStart;
import dev.orrery.model.session.StartMemory;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.TensorSource;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.Trace;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * A window that has slid is one that begins with the pictures it holds: the next frame is, bit for
 * bit, the first one of a start from the last nine, under what was done during them and with the
 * draws of that frame.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Vid2WorldSlideTest {
  private static final int PAST = 9;
  private static final int FRAMES = PAST + 1;
  private static final NoiseSource NOISE = NoiseSource.seeded(7);

  /** What begins a window: pictures, what was done during them, and which frame's draws come. */
  private record Window(List<float[]> pictures, List<Vid2WorldAction> actions, int draws) {}

  private final Backend backend = CpuBackend.simd(2);
  private final TensorArena arena = backend.newArena();
  private Vid2WorldConfig config;
  private Vid2WorldNetworks networks;

  private StartMemory memory;
  private final List<TensorArena> windows = new ArrayList<>();

  /** The pictures of the start and those that were made, as the decoder gave them. */
  private final List<float[]> pictures = new ArrayList<>();

  /** Rest during the start, and what was done during each frame that was made. */
  private final List<Vid2WorldAction> actions = new ArrayList<>();

  @BeforeAll
  void play(@TempDir Path folder) throws IOException {
    URL tiny = Vid2World.FAMILY.syntheticFiles(SyntheticScale.TINY).get(Vid2WorldConfig.FILE);
    String json;
    try (InputStream in = tiny.openStream()) {
      json = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    Files.writeString(
        folder.resolve(Vid2WorldConfig.FILE),
        json.replaceFirst("\"window\": \\d+", "\"window\": " + (PAST + 1)));
    Vid2World model = Vid2World.open(folder);
    config = Vid2WorldConfig.read(folder);
    assertEquals(PAST, config.past());
    Map<NetworkWeights<?>, TensorSource> weights = new HashMap<>();
    for (NetworkWeights<?> network : model.networks()) {
      PlannedTensors asked = PlannedTensors.of(DType.F32);
      network.read(asked);
      weights.put(network, new MemoryTensors(RandomWeights.of(asked, weights.size())));
    }
    networks = model.build(new NetworkBuilder(weights, backend, arena));
    SessionPlan plan = model.planSession(weights, PlanningBackend.like(backend));
    memory = StartMemory.of(new StartMemory.Host(backend, plan, null));
    ActionScript script =
        ActionScript.parse(Vid2WorldSessionTest.SCRIPT, config.actions().controls());
    for (int i = 0; i < PAST; i++) {
      float[] values = new float[3 * config.width() * config.height()];
      for (int j = 0; j < values.length; j++) {
        values[j] = (float) Math.sin(0.3 * i + 0.01 * j * (i + 1));
      }
      pictures.add(values);
      actions.add(config.rest());
    }
    PixelGenerator generator = generator(pictures, NOISE);
    for (int frame = 0; frame < FRAMES; frame++) {
      actions.add((Vid2WorldAction) script.at(frame));
      pictures.add(make(generator, frame, actions.getLast()));
    }
  }

  @AfterAll
  void close() {
    windows.forEach(TensorArena::close);
    memory.release();
    arena.close();
    backend.close();
  }

  private PixelGenerator generator(List<float[]> past, NoiseSource noise) {
    float[] all = new float[past.size() * past.getFirst().length];
    for (int i = 0; i < past.size(); i++) {
      System.arraycopy(past.get(i), 0, all, i * past.get(i).length, past.get(i).length);
    }
    Vid2WorldStart start = new Vid2WorldStart(config, arena);
    start.take(Golden.host(all, past.size(), config.height(), config.width(), 3), backend);
    SessionResources resources = new SharedStart(memory, 0, noise, start, null).newResources();
    windows.add(resources.arena());
    return new PixelGenerator(config, networks, start, resources);
  }

  private float[] make(PixelGenerator generator, int frame, Vid2WorldAction action) {
    GeneratedChunk chunk = generator.generate(frame, action, (i, n) -> {}, Trace.NONE);
    float[] made = Golden.floats(backend, chunk.decodable());
    chunk.completion().run();
    return made;
  }

  /** The first frame of a start from a window. */
  private float[] first(Window window) {
    FrameDraws.Kind kind = FrameDraws.Kind.START;
    long shift = FrameDraws.stream(window.draws(), kind) - FrameDraws.stream(0, kind);
    PixelGenerator generator =
        generator(window.pictures(), (stream, out) -> NOISE.fill(stream + shift, out));
    SessionState before = SessionState.capture(backend, generator);
    Map<String, Tensor> told = new HashMap<>(before.tensors());
    float[] held = told.get("held").toFloats();
    for (int i = 0; i < PAST; i++) {
      float[] values = window.actions().get(i).values();
      System.arraycopy(values, 0, held, i * values.length, values.length);
    }
    told.put("held", Golden.host(held, told.get("held").shape().extents()));
    SessionState.stored(told).restore(backend, generator);
    return make(generator, 0, config.rest());
  }

  /** The window before a frame that was made. */
  private Window before(int frame) {
    return new Window(
        pictures.subList(frame, frame + PAST), actions.subList(frame, frame + PAST), frame);
  }

  private float[] made(int frame) {
    return pictures.get(PAST + frame);
  }

  /** The first that slides, the ninth, and the first whose past was made entirely. */
  @Test
  void theNextFrameIsTheFirstOfAStartFromTheLastNine() {
    for (int frame : new int[] {0, 1, 8, 9}) {
      assertArrayEquals(made(frame), first(before(frame)), "frame " + frame);
    }
  }

  /** What a window that slides could do wrongly, seen by the same comparison. */
  @Test
  void otherStartsGiveOtherFrames() {
    Window right = before(FRAMES - 1);
    List<float[]> bytes = new ArrayList<>();
    List<float[]> clamped = new ArrayList<>();
    for (float[] picture : right.pictures()) {
      float[] one = picture.clone();
      float[] other = picture.clone();
      for (int i = 0; i < one.length; i++) {
        one[i] = Math.clamp(picture[i], -1, 1);
        other[i] = (Math.round((picture[i] + 1) * 127.5f)) / 127.5f - 1;
      }
      clamped.add(one);
      bytes.add(other);
    }
    assertFalse(
        Arrays.deepEquals(clamped.toArray(), right.pictures().toArray()), "nothing to clamp");
    assertOther("pictures are clamped", new Window(clamped, right.actions(), right.draws()));
    assertOther("pictures are rounded to bytes", new Window(bytes, right.actions(), right.draws()));
    Window earlier = before(FRAMES - 2);
    assertOther(
        "pictures have not slid", new Window(earlier.pictures(), right.actions(), right.draws()));
    assertOther(
        "actions have not slid", new Window(right.pictures(), earlier.actions(), right.draws()));
    assertOther(
        "draws are those of another frame",
        new Window(right.pictures(), right.actions(), earlier.draws()));
  }

  private void assertOther(String what, Window window) {
    double error = Golden.relativeError(made(FRAMES - 1), first(window));
    assertTrue(error > 1e-5, what + ": " + error);
  }
}
