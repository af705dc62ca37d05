package dev.orrery.model.worldplay;

import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.camera.Camera;
import dev.orrery.model.sampling.PassRunner;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The projections of the frames of a {@link ContextWindow}, on the backend. */
public final class WindowCameras {
  private static final int MATRIX = 16;

  private final PassRunner runner;
  private final Tensor imageFromWorld;
  private final Tensor worldFromImage;

  /**
   * @param frames of the longest window
   * @param arena owner of the matrices
   */
  public WindowCameras(int frames, PassRunner runner, TensorArena arena) {
    this.runner = runner;
    imageFromWorld = arena.empty(DType.F32, frames, 4, 4);
    worldFromImage = arena.empty(DType.F32, frames, 4, 4);
  }

  /** Brings the projections of a window's frames, remembered ones first, to the backend. */
  public void upload(ContextWindow window, PlayedPath path) {
    int first = window.firstFrame();
    List<Camera> cameras =
        Stream.concat(
                window.memory().stream(),
                IntStream.range(first, first + window.chunkFrames()).boxed())
            .map(path.cameras()::get)
            .toList();
    float[] to = new float[cameras.size() * MATRIX];
    float[] from = new float[cameras.size() * MATRIX];
    for (int i = 0; i < cameras.size(); i++) {
      System.arraycopy(cameras.get(i).imageFromWorld(), 0, to, i * MATRIX, MATRIX);
      System.arraycopy(cameras.get(i).worldFromImage(), 0, from, i * MATRIX, MATRIX);
    }
    runner.upload(to, imageFromWorld.slice(0, cameras.size()));
    runner.upload(from, worldFromImage.slice(0, cameras.size()));
  }

  /** Projections {@code [count, 4, 4]} of some frames of the window. */
  public Tensor imageFromWorld(int first, int count) {
    return imageFromWorld.slice(first, first + count);
  }

  /** Inverse projections {@code [count, 4, 4]} of the first frames of the window. */
  public Tensor worldFromImage(int count) {
    return worldFromImage.slice(0, count);
  }
}
