package dev.orrery.model.taehv;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.session.LatentDecoder;
import dev.orrery.model.session.RandomWeights;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.SafetensorsWriter;
import dev.orrery.runtime.checkpoint.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Tiny decoders of random weights, of a few kilobytes. */
public final class TinyTaehv {
  private static final List<Integer> WIDTHS = List.of(8, 8, 4, 4);

  private TinyTaehv() {}

  /** Sizes of a decoder. */
  public static TaehvConfig config(int latentChannels, int patch) {
    return new TaehvConfig(latentChannels, WIDTHS, patch);
  }

  /** The weights of a decoder. */
  public static Map<String, Tensor> weights(TaehvConfig config) {
    PlannedTensors planned = PlannedTensors.of(DType.F32);
    try (Backend plan = PlanningBackend.cpu();
        TensorArena arena = plan.newArena()) {
      new TaehvDecoder(Parameters.ofAutoencoder(Weights.of(planned), plan, arena), config);
    }
    return RandomWeights.of(planned, 6);
  }

  /**
   * Puts a decoder into a model's folder. Its checkpoint has, as the published ones, something of
   * an encoder too.
   *
   * @param stem of the checkpoint
   * @param used what makes the frames
   */
  public static void addTo(Path folder, String stem, TaehvConfig config, LatentDecoder used)
      throws IOException {
    Map<String, Tensor> weights = weights(config);
    weights.put("encoder.0.bias", Tensor.of(new float[64], 64));
    SafetensorsWriter.write(folder.resolve(stem + ".safetensors"), weights, Map.of());
    Path file = folder.resolve("config.json");
    String settings = Files.readString(file);
    Files.writeString(
        file,
        settings.substring(0, settings.lastIndexOf('}'))
            + String.format(
                Locale.ROOT,
                ", \"decoder\": \"%s\", \"taehv\": {\"widths\": %s}}",
                used.id(),
                config.widths()));
  }
}
