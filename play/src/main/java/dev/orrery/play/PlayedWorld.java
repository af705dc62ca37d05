package dev.orrery.play;

import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.ActionInput;
import dev.orrery.model.session.ActionSpace;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A world from one start on: its session, and how to go back in it. */
final class PlayedWorld implements AutoCloseable {
  private static final float THUMBNAIL_QUALITY = 0.8f;

  /** Columns that a thumbnail has at most. */
  private static final int THUMBNAIL_WIDTH = 160;

  private final ActionSpace space;
  private final Timeline timeline;
  private final BlockClock clock;

  /** The player's thread changes it; others may cancel what it does. */
  private volatile WorldSession session;

  private FlatPictures flat = new FlatPictures();
  private int posesTold;

  /**
   * Takes over a session.
   *
   * @param rewindBytes memory for states to go back to
   */
  PlayedWorld(WorldModel model, WorldSession session, long rewindBytes) {
    this.session = session;
    space = model.actionSpace();
    clock = new BlockClock(model.framesPerSecond());
    posesTold = session.cameraPath().map(CameraPath::frames).orElse(0);
    try {
      timeline = new Timeline(space, session, rewindBytes, model.memory().fork());
    } catch (RuntimeException | Error e) {
      session.close();
      throw e;
    }
  }

  /** Its session; not for other threads, except to cancel. */
  WorldSession session() {
    return session;
  }

  /** When blocks begin. */
  BlockClock clock() {
    return clock;
  }

  /** The earliest block that can be gone back to. */
  int first() {
    return timeline.first();
  }

  /** Inputs of all blocks since the start, one for each video frame. */
  List<ActionInput> inputs() {
    return timeline.inputs();
  }

  /** Makes blocks that nobody sees, until the code for them is compiled well enough. */
  void warmUp(int blocks) {
    try (WorldSession hidden = session.fork()) {
      for (int i = 0; i < blocks; i++) {
        hidden.step(space.action(space.rest()));
      }
    }
  }

  /**
   * Makes the next block.
   *
   * @param start number of the start, for frames and listeners
   * @param input what is held
   * @param playback gets the frames as they are made
   * @param frames gets the frames, too
   * @throws java.util.concurrent.CancellationException if it was cancelled before a frame was made
   */
  BlockMade make(int start, HeldInput.Reading input, Playback playback, List<VideoFrames> frames) {
    int block = session.chunk();
    timeline.beforeBlock(session);
    List<Action> actions = input.inputs().stream().map(space::action).toList();
    List<BlockClock.Piece> pieces = new ArrayList<>();
    long began = System.nanoTime();
    session.stream(
        actions,
        Progress.NONE,
        piece -> {
          int first = pieces.stream().mapToInt(BlockClock.Piece::count).sum();
          pieces.add(new BlockClock.Piece(piece.count(), System.nanoTime() - began));
          frames.add(piece);
          playback.add(start, block, first, piece, input);
        });
    clock.made(pieces, System.nanoTime() - began);
    playback.rate(clock.rate());
    timeline.made(input.inputs());
    VideoFrames last = frames.getLast();
    flat.made(block, last);
    return new BlockMade(start, block, thumbnail(last), flat.areFlat(), flat.before(), newPoses());
  }

  private static byte[] thumbnail(VideoFrames frames) {
    try (JpegEncoder encoder = new JpegEncoder(THUMBNAIL_QUALITY)) {
      return encoder.encode(
          frames.image(frames.count() - 1), Math.ceilDiv(frames.width(), THUMBNAIL_WIDTH));
    }
  }

  private Optional<CameraPath> newPoses() {
    Optional<CameraPath> path = session.cameraPath();
    int told = posesTold;
    posesTold = path.map(CameraPath::frames).orElse(0);
    return path.map(all -> new CameraPath(all.cameras().subList(told, all.frames())));
  }

  /** Goes back to where a block began. */
  void back(int block) {
    WorldSession earlier = timeline.back(block);
    session.close();
    session = earlier;
    flat = new FlatPictures();
    posesTold = earlier.cameraPath().map(CameraPath::frames).orElse(0);
  }

  @Override
  public void close() {
    timeline.close();
    session.close();
  }
}
