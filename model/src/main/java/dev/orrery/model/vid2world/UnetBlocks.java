package dev.orrery.model.vid2world;

import dev.orrery.kernels.layout.NearestUpsample;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.PaddedConv;
import dev.orrery.model.layers.Parameters;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Builds the blocks of the U-Net, each a list of layers that are numbered in a checkpoint. */
final class UnetBlocks {
  private final Parameters p;
  private final UnetConfig config;

  UnetBlocks(Parameters p, UnetConfig config) {
    this.p = p;
    this.config = config;
  }

  /**
   * The blocks of the way down, {@code input_blocks.1 ..}.
   *
   * @param skips channels of what is kept so far, last on top; those of each block are added
   * @param blocks where they are added
   */
  void down(Deque<Integer> skips, List<List<UnetLayer>> blocks) {
    for (int level = 0; level < config.levels(); level++) {
      for (int i = 0; i < config.resBlocks(); i++) {
        Parameters block = p.at("input_blocks." + (blocks.size() + 1));
        blocks.add(block(block, skips.peek(), level));
        skips.push(config.channels(level));
      }
      if (level < config.levels() - 1) {
        int channels = config.channels(level);
        Parameters block = p.at("input_blocks." + (blocks.size() + 1));
        PaddedConv halving = PaddedConv.halving(block.at("0.op"), channels, channels);
        blocks.add(List.of((x, _, frame) -> halving.forward(x, frame)));
        skips.push(channels);
      }
    }
  }

  /** The layers of {@code middle_block}, which always attends. */
  List<UnetLayer> middle() {
    int channels = config.channels(config.levels() - 1);
    Parameters block = p.at("middle_block");
    List<UnetLayer> layers = new ArrayList<>();
    layers.add(resBlock(block, channels, channels));
    addTransformers(block, channels, layers);
    layers.add(new UnetResBlock(block.at("3"), channels, channels, config.embeddingDim()));
    return layers;
  }

  /**
   * The blocks of the way up, {@code output_blocks.0 ..}.
   *
   * @param skips channels of what is appended, first on top; all are taken away
   * @param blocks where they are added
   */
  void up(Deque<Integer> skips, List<List<UnetLayer>> blocks) {
    int channels = config.channels(config.levels() - 1);
    for (int level = config.levels() - 1; level >= 0; level--) {
      for (int i = 0; i <= config.resBlocks(); i++) {
        Parameters block = p.at("output_blocks." + blocks.size());
        List<UnetLayer> layers = block(block, channels + skips.pop(), level);
        channels = config.channels(level);
        if (level > 0 && i == config.resBlocks()) {
          layers.add(doubling(block.at(layers.size() + ".conv"), channels));
        }
        blocks.add(layers);
      }
    }
  }

  private List<UnetLayer> block(Parameters block, int in, int level) {
    int out = config.channels(level);
    List<UnetLayer> layers = new ArrayList<>();
    layers.add(resBlock(block, in, out));
    if (config.attends(level)) {
      addTransformers(block, out, layers);
    }
    return layers;
  }

  private UnetResBlock resBlock(Parameters block, int in, int out) {
    return new UnetResBlock(block.at("0"), in, out, config.embeddingDim());
  }

  private void addTransformers(Parameters block, int channels, List<UnetLayer> layers) {
    layers.add(new SpatialTransformer(block.at("1"), channels, config));
    layers.add(TemporalTransformer.of(block.at("2"), channels, config.headDim()));
  }

  private static UnetLayer doubling(Parameters p, int channels) {
    PaddedConv conv = PaddedConv.of(p, channels, channels);
    NearestUpsample nearest = p.kernel(NearestUpsample.class);
    return (x, _, outer) -> {
      Tensor out = outer.like(x, x.size(0), 2L * x.size(1), 2L * x.size(2), channels);
      try (var frame = outer.inner()) {
        Tensor large = frame.like(out);
        nearest.run(x, large);
        conv.into(large, out);
      }
      return out;
    };
  }
}
