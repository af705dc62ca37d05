package dev.orrery.cli;

import dev.orrery.cli.plot.CameraStrip;
import dev.orrery.cli.plot.Shown;
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
  private final int framesPerPose;
  private final int poses;
  private final int[] toShow;
  private final List<Shown> shown = new ArrayList<>();
  private int frame;

  /**
   * A record of a rollout that begins.
   *
   * @param json where to write the cameras, or null
   * @param strip where to write the image, or null
   * @param frames video frames of the rollout
   * @param framesPerPose video frames from one pose of the camera to the next
   */
  CameraRecord(Path json, Path strip, int frames, int framesPerPose) {
    this.json = json;
    this.strip = strip;
    this.framesPerPose = framesPerPose;
    poses = Math.ceilDiv(frames - 1, framesPerPose) + 1;
    // The image of a latent frame is the last of its four, which its camera took.
    int whole = (frames - 1) / framesPerPose + 1;
    toShow = CameraStrip.evenly(whole, MAX_SHOWN);
  }

  /** Takes the next frames and keeps those that will be shown. */
  void see(VideoFrames made) {
    int bytes = 3 * made.width() * made.height();
    for (int i = 0; i < made.count(); i++, frame++) {
      int place = shown.size();
      if (strip != null && place < toShow.length && frame == framesPerPose * toShow[place]) {
        byte[] rgb = Arrays.copyOfRange(made.rgb(), i * bytes, (i + 1) * bytes);
        shown.add(new Shown(frame / framesPerPose, new RgbImage(made.width(), made.height(), rgb)));
      }
    }
  }

  /** Writes what was asked for, once the rollout is done. */
  void write(WorldSession session) throws IOException {
    CameraPath path = session.cameraPath().orElseThrow().first(poses);
    if (json != null) {
      CameraFile.write(path, json);
    }
    if (strip != null) {
      CameraStrip.write(path, shown, strip);
    }
  }
}
