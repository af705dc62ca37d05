package dev.orrery.model.worldplay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.camera.Camera;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.camera.Intrinsics;
import dev.orrery.model.camera.RigidTransform;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.sampling.NoiseSource;
import dev.orrery.model.session.FrameDecoder;
import dev.orrery.model.session.GeneratedChunk;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.taehv.TaehvConfig;
import dev.orrery.model.vae22.Vae22Config;
import dev.orrery.model.vae22.Vae22Decoder;
import dev.orrery.model.vae22.Vae22Fixture;
import dev.orrery.model.wan.DecoderSettings;
import dev.orrery.model.wan.WanFrameDecoder;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.ActivationTrace;
import dev.orrery.runtime.trace.Trace;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole sessions of eight chunks against the reference implementation's pipeline. */
class RolloutGoldenTest {
  private static final double LIMIT = 1e-4;
  private static final int PATCH = 2;

  static List<Golden.Arguments> cases() {
    return Golden.cases("worldplay", "rollout");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void fromText(Golden.Arguments arguments) {
    run(arguments, "t2v.");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void fromAPicture(Golden.Arguments arguments) {
    run(arguments, "i2v.");
  }

  private static void run(Golden.Arguments arguments, String session) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      JsonValue json = golden.config();
      WorldPlayTransformerConfig config =
          new WorldPlayTransformerConfig(
              json.integer("heads"),
              json.integer("head_dim"),
              json.integer("in_channels"),
              json.integer("text_dim"),
              json.integer("freq_dim"),
              json.integer("ffn_dim"),
              json.integer("layers"),
              PATCH,
              1e-6);
      Weights weights = Weights.of(golden.weights("transformer."));
      WorldPlayTransformer dit =
          new WorldPlayTransformer(Parameters.ofTransformer(weights, backend, arena), config);
      weights.finish();
      Workspace workspace = Workspace.of(arena, Golden.AMPLE);
      DType tokens = backend.computeTypes().transformer();
      Tensor encoded = golden.tensor("text").row(0);
      List<KvCache.View> texts = dit.emptyTexts(encoded.size(0), arena);
      dit.textsInto(Golden.moved(backend, arena, tokens, encoded), workspace, texts);

      Tensor noise = golden.channelsLast(session + "noise");
      FieldOfViewOverlap overlap = FieldOfViewOverlap.ofPoints(golden.floats("points_local"));
      String image = session + "image_latent";
      NoiseSource noises =
          (chunk, out) -> {
            long first = chunk * WorldPlayGenerator.FRAMES;
            float[] values = noise.slice(first, first + WorldPlayGenerator.FRAMES).toFloats();
            System.arraycopy(values, 0, out, 0, out.length);
          };
      SessionResources resources = Golden.resources(backend, noises);
      int ratio = Vae22Config.SPATIAL_RATIO;
      Vae22Config vae = Vae22Fixture.config(json.get("vae"));
      WorldPlayConfig model =
          new WorldPlayConfig(
              ratio * json.integer("Hl"),
              ratio * json.integer("Wl"),
              config,
              vae,
              DecoderSettings.own(TaehvConfig.wan22()));
      int latentValues = model.latentHeight() * model.latentWidth() * config.channels();
      WorldPlayCondition prompted = new WorldPlayCondition(texts, latentValues);
      WorldPlayCondition condition =
          golden.has(image) ? prompted.withImage(golden.channelsLast(image).toFloats()) : prompted;
      WorldPlayGenerator generator =
          new WorldPlayGenerator(model, dit, condition, new MemoryRetrieval(overlap, 0), resources);
      FrameDecoder decoder = decoder(golden, model, arena, resources);
      CameraPath path = path(golden);
      PlayedPath played = new PlayedPath();
      path.cameras().forEach(played::add);
      long[] labels = golden.longs("action");
      for (int frame = 0; frame < labels.length; frame++) {
        assertEquals(labels[frame], played.label(frame), "action of frame " + frame);
      }
      Tensor wanted = golden.channelsLast(session + "latents");
      double limit = arguments.isGpu() ? Golden.GPU_LIMIT : LIMIT;
      for (int chunk = 0; chunk < json.integer("chunks"); chunk++) {
        int first = chunk * WorldPlayGenerator.FRAMES;
        assertSelected(golden, session, overlap, path, chunk);
        Trace trace = chunk == 0 ? new ActivationTrace(backend) : Trace.NONE;
        GeneratedChunk made = generator.generate(played, (pass, passes) -> {}, trace);
        Tensor clean = made.decodable();
        if (trace instanceof ActivationTrace activations) {
          assertVelocities(golden, session, activations, limit);
        }
        Golden.assertRelative(
            session + "latents of chunk " + chunk,
            wanted.slice(first, first + WorldPlayGenerator.FRAMES).toFloats(),
            Golden.floats(backend, clean),
            limit);
        if (session.equals("i2v.") && chunk < json.integer("decode_chunks")) {
          assertFrames(golden, backend, decoder, clean, first, limit);
        }
        made.completion().run();
      }
    }
  }

  private static FrameDecoder decoder(
      Golden golden, WorldPlayConfig model, TensorArena arena, SessionResources resources) {
    Weights weights = Weights.of(golden.weights("vae."));
    Vae22Decoder decoder =
        new Vae22Decoder(
            Parameters.ofAutoencoder(weights, resources.backend(), arena), model.vae());
    return new WanFrameDecoder(decoder::decode, resources, model.height(), model.width());
  }

  /** The frames of a chunk, in [0, 1] in the fixture, and the bytes that they become. */
  private static void assertFrames(
      Golden golden,
      Backend backend,
      FrameDecoder decoder,
      Tensor latents,
      int first,
      double limit) {
    Tensor wanted = golden.channelsLast("i2v.frames");
    ActivationTrace trace = new ActivationTrace(backend);
    VideoFrames video = decoder.decode(latents, trace);
    int done = first == 0 ? 0 : 4 * first - 3;
    int frameValues = video.height() * video.width() * 3;
    for (int f = first; f < first + WorldPlayGenerator.FRAMES; f++) {
      float[] found = trace.values().get("video" + f);
      for (int i = 0; i < found.length; i++) {
        found[i] = Math.clamp(found[i], -1f, 1f) / 2 + 0.5f;
      }
      int count = found.length / frameValues;
      Golden.assertRelative(
          "frames of latent " + f, wanted.slice(done, done + count).toFloats(), found, limit);
      done += count;
    }
    assertEquals(first == 0 ? 13 : 16, video.count());
  }

  private static CameraPath path(Golden golden) {
    double[] views = doubles(golden.tensor("viewmats"));
    double[] lenses = doubles(golden.tensor("Ks"));
    List<Camera> cameras = new ArrayList<>();
    for (int f = 0; 16 * f < views.length; f++) {
      double[] view = Arrays.copyOfRange(views, 16 * f, 16 * f + 16);
      Intrinsics lens = new Intrinsics(lenses[9 * f], lenses[9 * f + 4], 0.5, 0.5);
      cameras.add(new Camera(RigidTransform.of(view).inverse(), lens));
    }
    return new CameraPath(cameras);
  }

  private static double[] doubles(Tensor tensor) {
    assertEquals(DType.F64, tensor.dtype());
    return tensor.segment().toArray(ValueLayout.JAVA_DOUBLE_UNALIGNED);
  }

  private static void assertSelected(
      Golden golden, String session, FieldOfViewOverlap overlap, CameraPath path, int chunk) {
    long[] all = golden.longs(session + "selected");
    int width = golden.tensor(session + "selected").size(1);
    List<Integer> expected =
        Arrays.stream(all, chunk * width, (chunk + 1) * width)
            .filter(frame -> frame >= 0)
            .mapToObj(Math::toIntExact)
            .toList();
    ContextWindow window =
        new MemoryRetrieval(overlap, 0).select(path, chunk * WorldPlayGenerator.FRAMES);
    assertEquals(expected, window.memory(), session + "selected, chunk " + chunk);
  }

  /** Every velocity of the first chunk, {@code [step][C, F, h, w]} in the fixture. */
  private static void assertVelocities(
      Golden golden, String session, ActivationTrace trace, double limit) {
    Tensor velocity = golden.tensor(session + "velocity").row(0);
    for (int step = 0; step < velocity.size(0); step++) {
      Tensor stored = velocity.row(step);
      Tensor asVideo =
          stored.reshape(1, stored.size(0), stored.size(1), stored.size(2), stored.size(3));
      float[] expected = Golden.channelsLast(asVideo.toFloats(), asVideo.shape()).toFloats();
      float[] found = trace.values().get("step" + step + ".velocity");
      Golden.assertRelative(session + "velocity of step " + step, expected, found, limit);
    }
  }
}
