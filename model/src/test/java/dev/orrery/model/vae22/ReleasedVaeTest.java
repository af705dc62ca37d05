package dev.orrery.model.vae22;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.TensorSpec;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The released VAE, which nobody needs to have: names, shapes and memory of all its tensors. */
class ReleasedVaeTest {
  private static final Path TENSORS = Path.of("src/test/resources/released/worldplay_tensors.json");

  /** Activations of a pass over one latent frame of 704 x 1280 pixels in fp16: 1.1 GiB. */
  private static final long ENCODING_BYTES = 1121L << 20;

  /** The same of the decoder: 3.8 GiB. */
  private static final long DECODING_BYTES = 3872L << 20;

  private static Map<String, Shape> released() {
    JsonValue list = JsonValue.read(TENSORS).get("vae");
    Map<String, Shape> shapes = new TreeMap<>();
    for (String name : list.keys()) {
      long[] extents = Arrays.stream(list.integers(name)).asLongStream().toArray();
      shapes.put(name, Shape.of(extents));
    }
    return shapes;
  }

  @Test
  void asksForExactlyTheReleasedTensors() {
    PlannedTensors planned = PlannedTensors.of(DType.BF16);
    try (Backend backend = CudaBackend.planned();
        TensorArena arena = backend.newArena()) {
      Parameters parameters = Parameters.ofAutoencoder(Weights.of(planned), backend, arena);
      new Vae22Encoder(parameters, Vae22Config.wan22());
      new Vae22Decoder(parameters, Vae22Config.wan22());
    }
    Map<String, Shape> requested = new TreeMap<>();
    for (TensorSpec spec : planned.requests()) {
      requested.put(spec.name(), spec.shape());
    }
    assertEquals(released(), requested);
    assertEquals(704_688_668L, planned.byteSize() / DType.BF16.byteSize());
  }

  /** All shapes fit at 704 x 1280; a latent frame's pass stays within a fixed amount of memory. */
  @Test
  void passesOfTheReleasedSize() {
    try (Backend backend = CudaBackend.planned();
        TensorArena arena = backend.newArena()) {
      Weights weights = Weights.of(PlannedTensors.of(DType.BF16));
      Parameters parameters = Parameters.ofAutoencoder(weights, backend, arena);
      Vae22Config config = Vae22Config.wan22();
      Vae22Encoder encoder = new Vae22Encoder(parameters, config);
      Vae22Decoder decoder = new Vae22Decoder(parameters, config);
      DType pixels = backend.computeTypes().autoencoder();
      Tensor video = arena.empty(pixels, 4, 704, 1280, 3);
      Tensor moments = arena.empty(DType.F32, 1, 44, 80, 96);
      Workspace encoding = Workspace.measuring();
      FeatureCache encoderCache = new FeatureCache(backend, arena);
      encoder.encode(video.slice(0, 1), encoderCache, encoding, moments, Trace.NONE);
      encoder.encode(video, encoderCache, encoding, moments, Trace.NONE);

      Tensor latent = arena.empty(DType.F32, 1, 44, 80, 48);
      Workspace decoding = Workspace.measuring();
      FeatureCache cache = new FeatureCache(backend, arena);
      decoder.decode(latent, cache, decoding, video.slice(0, 1), Trace.NONE);
      decoder.decode(latent, cache, decoding, video, Trace.NONE);
      assertTrue(
          encoding.highWater().shared() <= ENCODING_BYTES,
          encoding.highWater().shared() + " bytes to encode");
      assertTrue(
          decoding.highWater().shared() <= DECODING_BYTES,
          decoding.highWater().shared() + " bytes to decode");
    }
  }
}
