package dev.orrery.model.vid2world;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.clip.ImageEncoder;
import dev.orrery.model.clip.ImageEncoderConfig;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.golden.SpoiltWeights;
import dev.orrery.model.klvae.KlVaeConfig;
import dev.orrery.model.klvae.KlVaeDecoder;
import dev.orrery.model.klvae.KlVaeEncoder;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.sampling.NoiseSource;
import dev.orrery.model.session.GeneratedChunk;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.StepListener;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.Trace;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** A fixture's sliding window of pictures, made with the draws and actions of the reference. */
final class RolloutFixture implements AutoCloseable {
  final Golden golden;
  final Backend backend;
  final Vid2WorldConfig config;
  final int newFrames;
  private final SpoiltWeights.Change change;
  private final TensorArena arena;
  private final PixelGenerator generator;
  private final Vid2WorldFrameDecoder decoder;
  private final Map<Long, float[]> draws = new HashMap<>();
  private final int history;

  RolloutFixture(Golden.Arguments arguments) {
    this(arguments, arguments.backend(), SpoiltWeights.Change.NONE);
  }

  /**
   * A window.
   *
   * @param backend is closed with the fixture
   * @param change what becomes of the weights
   */
  RolloutFixture(Golden.Arguments arguments, Backend backend, SpoiltWeights.Change change) {
    golden = arguments.golden();
    this.backend = backend;
    this.change = change;
    arena = backend.newArena();
    JsonValue json = golden.config();
    history = json.integer("history");
    newFrames = json.integer("new_frames");
    config = config(json, history + 1, SamplerFixture.sampling(arguments));
    for (int frame = 0; frame < newFrames; frame++) {
      record(frame);
    }
    NoiseSource noise = (stream, out) -> System.arraycopy(draws.get(stream), 0, out, 0, out.length);
    SessionResources resources = Golden.resources(backend, noise);
    Vid2WorldNetworks networks = networks();
    Vid2WorldStart start = new Vid2WorldStart(config, arena);
    start.take(pictures(), backend);
    generator = new PixelGenerator(config, networks, start, resources);
    decoder = Vid2WorldFrameDecoder.of(config, networks, resources);
    Map<String, Tensor> recorded = new LinkedHashMap<>();
    recorded.put("history", pictures());
    recorded.put("held", golden.tensor("outputs.actions").slice(0, history + 1L));
    SessionState.stored(recorded).restore(backend, generator);
  }

  private static Vid2WorldConfig config(JsonValue json, int window, Vid2WorldSampling sampling) {
    KlVaeConfig vae =
        new KlVaeConfig(
            json.integer("ae_ch"),
            Arrays.stream(json.integers("ae_mult")).boxed().toList(),
            json.integer("ae_res_blocks"),
            KlVaeConfig.released().latentChannels(),
            json.number("scale_factor"));
    int fps = json.integer("fs");
    UnetConfig unet = UnetFixture.config(json);
    int dim = json.integer("vision_width");
    ImageEncoderConfig tower =
        new ImageEncoderConfig(
            json.integer("image_size"),
            json.integer("patch"),
            dim,
            dim / json.integer("vision_head_width"),
            json.integer("vision_layers"));
    return new Vid2WorldConfig(
        unet,
        vae,
        new Vid2WorldConfig.Context(tower, Vid2WorldContextGoldenTest.sizes(json)),
        sampling,
        Vid2WorldConfig.actions(json, unet),
        new Vid2WorldConfig.Frames(window, fps, fps),
        Vid2WorldConfig.History.PIXELS,
        Vid2WorldConfig.Posterior.SAMPLE);
  }

  private Vid2WorldNetworks networks() {
    Weights weights = weights("model.diffusion_model.");
    VideoUnet unet =
        new VideoUnet(Parameters.ofTransformer(weights, backend, arena), config.unet());
    weights.finish();
    Parameters vae = Parameters.ofAutoencoder(weights("first_stage_model."), backend, arena);
    Tensor text =
        Golden.moved(backend, arena, unet.activations(), golden.tensor("inputs.text_context"));
    return new Vid2WorldNetworks(
        unet,
        new KlVaeEncoder(vae, config.vae()),
        new KlVaeDecoder(vae, config.vae()),
        context(),
        text.row(0));
  }

  private Weights weights(String prefix) {
    return Weights.of(new SpoiltWeights(golden.weights(prefix), change));
  }

  private ImageContext context() {
    ImageEncoderConfig tower = config.context().tower();
    Weights visual = ImageEncoder.withoutHead(weights("embedder.model.visual."));
    ImageEncoder encoder =
        ImageEncoder.openClip(Parameters.ofTransformer(visual, backend, arena), tower);
    visual.finish();
    Weights weights = weights("image_proj_model.");
    Resampler resampler =
        new Resampler(
            Parameters.ofTransformer(weights, backend, arena), config.context().resampler());
    weights.finish();
    return new ImageContext(backend, tower, encoder, resampler);
  }

  private Tensor pictures() {
    int[] bytes = golden.unsignedBytes("inputs.frames_u8");
    float[] values = new float[bytes.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (bytes[i] / 255f - 0.5f) * 2;
    }
    return Golden.host(values, golden.shape("inputs.frames_u8").extents());
  }

  private void record(int frame) {
    // Draws for pictures are those of a batch, all others those of a video.
    Tensor posterior = golden.tensor("inputs.posterior_noise").row(frame);
    draws.put(
        FrameDraws.stream(frame, FrameDraws.Kind.POSTERIOR),
        Golden.framesChannelsLast(
                posterior.toFloats(),
                posterior.size(0),
                posterior.size(1),
                posterior.size(2),
                posterior.size(3))
            .toFloats());
    put(frame, FrameDraws.Kind.START, "inputs.x_T");
    put(frame, FrameDraws.Kind.HISTORY, "inputs.history_noise");
    put(frame, FrameDraws.Kind.HISTORY_LAST, "inputs.history_noise_last");
    for (int step = 0; step < config.sampling().steps(); step++) {
      draws.put(
          FrameDraws.stream(frame, step),
          video(golden.tensor("inputs.step_noise").row(frame).row(step)));
    }
  }

  private void put(int frame, FrameDraws.Kind kind, String name) {
    draws.put(FrameDraws.stream(frame, kind), video(golden.tensor(name).row(frame)));
  }

  /** Values {@code [C, F, y, x]} as {@code [F, y, x, C]}. */
  static float[] video(Tensor stored) {
    Shape shape = Shape.of(1, stored.size(0), stored.size(1), stored.size(2), stored.size(3));
    return Golden.channelsLast(stored.toFloats(), shape).toFloats();
  }

  /** Makes the next frame. */
  VideoFrames make(int frame, Trace trace) {
    return make(frame, (i, n) -> {}, trace);
  }

  /** Makes the next frame, unless the listener ends it. */
  VideoFrames make(int frame, StepListener listener, Trace trace) {
    float[] values = golden.tensor("outputs.actions").row(history + frame).toFloats();
    GeneratedChunk chunk = generator.generate(frame, new Vid2WorldAction(values), listener, trace);
    VideoFrames video = decoder.decode(chunk.decodable(), Trace.NONE);
    chunk.completion().run();
    return video;
  }

  @Override
  public void close() {
    arena.close();
    backend.close();
    golden.close();
  }
}
