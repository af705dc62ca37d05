package dev.orrery.model.hunyuanvae;

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

/** The released autoencoder, which nobody needs to have: names, shapes and memory. */
class ReleasedHunyuanVaeTest {
  private static final Path TENSORS =
      Path.of("src/test/resources/released/worldplay_hy8b_tensors.json");

  /** Activations of a pass over a picture of 480 x 832 in fp16: 0.3 GiB. */
  private static final long ENCODING_BYTES = 293L << 20;

  /** Activations of a pass over a latent frame of that size: 1.5 GiB. */
  private static final long DECODING_BYTES = 1494L << 20;

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
      new HunyuanVaeEncoder(parameters, HunyuanVaeConfig.released());
      new HunyuanVaeDecoder(parameters, HunyuanVaeConfig.released());
    }
    Map<String, Shape> requested = new TreeMap<>();
    for (TensorSpec spec : planned.requests()) {
      requested.put(spec.name(), spec.shape());
    }
    assertEquals(released(), requested);
    assertEquals(218, requested.size());
    assertEquals(1_260_634_115L, planned.byteSize() / DType.BF16.byteSize());
  }

  /** All shapes fit at 480 x 832; a pass stays within a fixed amount of memory. */
  @Test
  void passesOfTheReleasedSize() {
    try (Backend backend = CudaBackend.planned();
        TensorArena arena = backend.newArena()) {
      Weights weights = Weights.of(PlannedTensors.of(DType.BF16));
      Parameters parameters = Parameters.ofAutoencoder(weights, backend, arena);
      HunyuanVaeConfig config = HunyuanVaeConfig.released();
      HunyuanVaeEncoder encoder = new HunyuanVaeEncoder(parameters, config);
      HunyuanVaeDecoder decoder = new HunyuanVaeDecoder(parameters, config);
      DType pixels = backend.computeTypes().autoencoder();
      Tensor video = arena.empty(pixels, 4, 480, 832, 3);
      Tensor moments = arena.empty(DType.F32, 1, 30, 52, 64);
      Workspace encoding = Workspace.measuring();
      FeatureCache encoderCache = new FeatureCache(backend, arena);
      encoder.encode(video.slice(0, 1), encoderCache, encoding, moments, Trace.NONE);
      long picture = encoding.highWater().shared();
      encoder.encode(video, encoderCache, encoding, moments, Trace.NONE);

      Tensor latent = arena.empty(DType.F32, 1, 30, 52, 32);
      Workspace decoding = Workspace.measuring();
      FeatureCache cache = new FeatureCache(backend, arena);
      decoder.decode(latent, cache, decoding, video.slice(0, 1), Trace.NONE);
      decoder.decode(latent, cache, decoding, video, Trace.NONE);
      assertTrue(picture <= ENCODING_BYTES, picture + " bytes to encode");
      assertTrue(
          decoding.highWater().shared() <= DECODING_BYTES,
          decoding.highWater().shared() + " bytes to decode");
    }
  }
}
