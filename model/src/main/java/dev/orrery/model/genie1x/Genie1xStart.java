package dev.orrery.model.genie1x;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.image.ResizeFilter;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.magvit2.Magvit2Encoder;
import dev.orrery.model.magvit2.SignCode;
import dev.orrery.model.session.ImageResizer;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.StartResources;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.Trace;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** The tokens of the frames that a world starts from. */
final class Genie1xStart implements SessionState.Part {
  private final Genie1xConfig config;
  private final int[] ids;

  Genie1xStart(Genie1xConfig config) {
    this.config = config;
    ids = new int[config.promptFrames() * config.transformer().tokens()];
  }

  /** Ids of each frame, {@code [F][S]}. */
  int[][] frames() {
    int tokens = config.transformer().tokens();
    int[][] frames = new int[config.promptFrames()][];
    for (int i = 0; i < frames.length; i++) {
      frames[i] = Arrays.copyOfRange(ids, i * tokens, (i + 1) * tokens);
    }
    return frames;
  }

  /** Takes the tokens of a start, or encodes its images. */
  void encode(Start start, Magvit2Encoder encoder, StartResources resources, Progress progress) {
    if (start.tokens().isPresent()) {
      System.arraycopy(start.tokens().get().ids(), 0, ids, 0, ids.length);
      return;
    }
    Backend backend = resources.backend();
    int side = config.side();
    int grid = config.transformer().side();
    int bits = config.magvit2().bits();
    Tensor image = resources.arena().empty(DType.F32, 1, side, side, 3);
    Tensor pixels =
        resources.arena().empty(backend.computeTypes().autoencoder(), image.shape().extents());
    Tensor features = resources.arena().empty(DType.F32, 1, grid, grid, bits);
    for (int i = 0; i < config.promptFrames(); i++) {
      backend.copy(normalized(start.images().get(i), backend), image.row(0));
      backend.kernel(Convert.class).run(image, pixels);
      encoder.encode(pixels, resources.workspace(), features, Trace.NONE);
      float[] values = new float[Math.toIntExact(features.elements())];
      backend.copy(features, Tensor.of(values, features.shape().extents()));
      backend.synchronize();
      int[] found = new SignCode(bits).ids(values);
      System.arraycopy(found, 0, ids, i * found.length, found.length);
      progress.report("encoding images", i + 1, config.promptFrames());
    }
  }

  /** The middle of an image in the size of the video, {@code [Y, X, 3]} in [-1, 1], on the host. */
  private Tensor normalized(RgbImage image, Backend backend) {
    int side = config.side();
    RgbImage cropped = ImageResizer.crop(image, side, side);
    byte[] rgb = ImageResizer.resize(cropped, side, side, ResizeFilter.BILINEAR, backend).rgb();
    float[] values = new float[rgb.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (rgb[i] & 0xff) / 127.5f - 1;
    }
    return Tensor.of(values, side, side, 3);
  }

  @Override
  public void visitState(SessionState.Visitor state) {
    int tokens = config.transformer().tokens();
    state.tensor(
        "ids",
        Tensor.host(
            DType.I32, Shape.of(config.promptFrames(), tokens), MemorySegment.ofArray(ids)));
    int vocabulary = config.transformer().vocabulary().ids();
    for (int id : ids) {
      if (id < 0 || id >= vocabulary) {
        throw state.refusal("ids", "expected 0 to " + (vocabulary - 1) + ", found " + id);
      }
    }
  }
}
