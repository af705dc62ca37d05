package dev.orrery.cli;

import dev.orrery.cli.plot.CameraStrip;
import dev.orrery.cli.plot.Shown;
import dev.orrery.model.camera.Camera;
import dev.orrery.model.camera.CameraFile;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.media.RgbImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Writes down where the camera of a rollout was: as JSON, and as a strip of frames with a plot. */
final class CameraRecord {
  private static final int MAX_SHOWN = 10;

  private final Path json;
  private final Path strip;
  private final Timing timing;
  private final int[] toShow;
  private final List<Shown> shown = new ArrayList<>();
  private int frame;

  /**
   * Which frames were taken by which pose: the last one of each pose's is the one that its camera
   * took. The very first pose of a world has one frame.
   *
   * @param first poses that the world had before
   * @param frames of the video
   * @param framesPerPose from one pose of the camera to the next
   */
  private record Timing(int first, int frames, int framesPerPose) {
    /** Frames of the pose that the video begins with. */
    int firstFrames() {
      return first == 0 ? 1 : framesPerPose;
    }

    int poses() {
      return Math.ceilDiv(Math.max(0, frames - firstFrames()), framesPerPose) + 1;
    }

    /** Poses whose frame is in the video; of one that ends too early, it is the last frame. */
    int whole() {
      return Math.max(0, frames - firstFrames()) / framesPerPose + 1;
    }

    int frame(int pose) {
      return Math.min(frames, firstFrames() + framesPerPose * pose) - 1;
    }
  }

  /**
   * A record of a rollout that begins.
   *
   * @param json where to write the cameras, or null
   * @param strip where to write the image, or null
   * @param session before the rollout
   * @param frames video frames of the rollout
   * @param framesPerPose video frames from one pose of the camera to the next
   */
  CameraRecord(Path json, Path strip, WorldSession session, int frames, int framesPerPose) {
    this.json = json;
    this.strip = strip;
    int first = session.cameraPath().map(CameraPath::frames).orElse(0);
    timing = new Timing(first, frames, framesPerPose);
    toShow = CameraStrip.evenly(timing.whole(), MAX_SHOWN);
  }

  /** Takes the next frames and keeps those that will be shown. */
  void see(VideoFrames made) {
    int bytes = 3 * made.width() * made.height();
    for (int i = 0; i < made.count(); i++, frame++) {
      int place = shown.size();
      if (strip != null && place < toShow.length && frame == timing.frame(toShow[place])) {
        byte[] rgb = Arrays.copyOfRange(made.rgb(), i * bytes, (i + 1) * bytes);
        shown.add(new Shown(toShow[place], new RgbImage(made.width(), made.height(), rgb)));
      }
    }
  }

  /** Writes what was asked for, once the rollout is done. */
  void write(WorldSession session) throws IOException {
    int end = timing.first() + timing.poses();
    List<Camera> cameras = session.cameraPath().orElseThrow().first(end).cameras();
    CameraPath path = new CameraPath(cameras.subList(timing.first(), end));
    if (json != null) {
      CameraFile.write(path, json);
    }
    if (strip != null) {
      CameraStrip.write(path, shown, strip);
    }
  }
}
