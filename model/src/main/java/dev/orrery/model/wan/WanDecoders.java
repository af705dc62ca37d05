package dev.orrery.model.wan;

import dev.orrery.model.family.NetworkBuilder;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.family.WeightFiles;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.session.LatentDecoder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The decoders that can make a model's frames: that of its autoencoder, and TAEHV. */
public final class WanDecoders {
  private final LatentDecoder used;
  private final NetworkWeights<TaehvNetwork> tiny;

  /**
   * @param files of TAEHV, which need not exist
   */
  public WanDecoders(DecoderSettings settings, WeightFiles files) {
    used = settings.used();
    tiny =
        new NetworkWeights<>(
            files.network(),
            files,
            (weights, backend, arena) -> {
              weights.ignore("encoder", "the model is given latents");
              return new TaehvNetwork(
                  Parameters.ofAutoencoder(weights, backend, arena), settings.tiny());
            });
  }

  /**
   * Where the weights of TAEHV may lie.
   *
   * @param page of the documentation that tells where they come from
   */
  public static WeightFiles files(List<Path> folders, List<String> stems, String page) {
    return new WeightFiles("tiny decoder", folders, stems, page);
  }

  /** The one that makes the frames. */
  public LatentDecoder used() {
    return used;
  }

  /** Whether TAEHV makes the frames, so that the autoencoder only needs to encode. */
  public boolean isTiny() {
    return used == LatentDecoder.TAEHV;
  }

  /** Where the weights of TAEHV may lie. */
  public WeightFiles tinyFiles() {
    return tiny.files();
  }

  /** The networks that a session needs: some, and TAEHV if it makes the frames. */
  public List<NetworkWeights<?>> needed(NetworkWeights<?>... others) {
    List<NetworkWeights<?>> networks = new ArrayList<>(List.of(others));
    if (isTiny()) {
      networks.add(tiny);
    }
    return networks;
  }

  /** The networks of a model: those that a session needs, and TAEHV if its weights are there. */
  public List<NetworkWeights<?>> known(List<NetworkWeights<?>> needed) {
    List<NetworkWeights<?>> networks = new ArrayList<>(needed);
    if (!isTiny() && tinyFiles().exist()) {
      networks.add(tiny);
    }
    return networks;
  }

  /**
   * What makes the frames.
   *
   * @param own the decoder of the autoencoder
   */
  public WanFrameDecoder.Network build(NetworkBuilder builder, WanFrameDecoder.Network own) {
    return isTiny() ? builder.build(tiny) : own;
  }

  /** What is said behind a model's description; empty for its own decoder. */
  public String described() {
    return isTiny() ? ", decoded by TAEHV" : "";
  }
}
